"""CSV rows that do not fit, made to fit or left out, when it was asked for; each is counted."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from studio.component import context

Damaged = Literal["refuse", "repair", "skip"]


def mend(text: bytes, file: str, separator: str, damaged: Damaged) -> bytes:
    """The text with unique names, rows of the header's width and no NUL characters.

    repair: short rows get missing values, long ones lose what is too much. skip: both are left
    out. Raises csv.Error for a quote that is not closed.
    """
    counts: Counter[str] = Counter()
    counts["NUL characters removed"] = text.count(b"\0")
    csv.field_size_limit(sys.maxsize)
    lines = io.TextIOWrapper(io.BytesIO(text.replace(b"\0", b"")), "utf-8", newline="")
    rows = (row for row in csv.reader(lines, delimiter=separator, strict=True) if row)
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=separator, lineterminator="\n")
    header = _unique(next(rows), counts)
    writer.writerow(header)
    writer.writerows(_fitting(rows, len(header), damaged, counts))
    for what, count in counts.items():
        if count:
            context.log.warning("%s: %d %s.", file, count, what)
    return target.getvalue().encode()


def _unique(names: list[str], counts: Counter[str]) -> list[str]:
    """`a`, `a_2`, ... for names that repeat; `column_3` for a blank one in third place."""
    new: list[str] = []
    for place, name in enumerate(names, 1):
        stem = name if name.strip() else f"column_{place}"
        unique, number = stem, 1
        while unique in new or (unique != name and unique in names):
            number += 1
            unique = f"{stem}_{number}"
        counts["columns given new names"] += unique != name
        new.append(unique)
    return new


def _fitting(
    rows: Iterator[list[str]], width: int, damaged: Damaged, counts: Counter[str]
) -> Iterator[list[str]]:
    for row in rows:
        if len(row) == width:
            yield row
        elif damaged == "skip":
            counts["rows left out"] += 1
        else:
            counts["rows filled up or cut"] += 1
            yield (row + [""] * width)[:width]
