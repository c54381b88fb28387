"""The fields of a feature map: canonical texts, and what each kind of field becomes."""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.component import say

from ._fingerprint import hash_buckets

FieldDocument = dict[str, Any]

JOINT = "\x1f"  # the unit separator of ASCII: between the values of crossed columns


@dataclass(frozen=True)
class Statistics:
    """Of the present values of a numeric column; without any, zeros and None."""

    missing: int
    mean: float
    std: float
    low: float | None
    high: float | None


@dataclass
class Counts:
    """How often each value of a categorical column occurs, by its canonical text."""

    missing: int = 0
    values: dict[str, int] = field(default_factory=dict)

    def add(self, value: bool | int | float | str | None, count: int) -> None:
        if value is None:
            self.missing += count
        else:
            text = canonical_text(value)
            self.values[text] = self.values.get(text, 0) + count


def canonical_text(value: bool | int | float | str) -> str:
    """One text for a value, whether a table holds it as a whole number, a float or a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def missing_texts(values: Iterable[str | float]) -> list[str]:
    """The canonical texts of values that mean missing: `-1.0` stands for `-1`, too."""
    texts = {canonical_text(value) for value in values}
    texts |= {canonical_text(number) for number in missing_numbers(texts)}
    return sorted(texts)


def missing_numbers(texts: Iterable[str]) -> list[float]:
    """Those of the texts that are numbers, as numbers."""
    return sorted({number for text in texts if (number := _number(text)) is not None})


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def numeric_field(name: str, first: int, transform: str, statistics: Statistics) -> FieldDocument:
    """Two indices: one that stands for a missing value, one that the value is multiplied with."""
    return {
        "name": name,
        "type": "numeric",
        "missing_index": first,
        "index": first + 1,
        "transform": transform,
        "mean": statistics.mean,
        "std": statistics.std,
        "min": statistics.low,
        "max": statistics.high,
        "missing": statistics.missing,
    }


def bucket_field(
    name: str, first: int, transform: str, boundaries: Sequence[float], statistics: Statistics
) -> FieldDocument:
    """An index for missing, and one for each bucket; a boundary belongs to the bucket below it."""
    return {
        "name": name,
        "type": "bucket",
        "missing_index": first,
        "first_index": first + 1,
        "transform": transform,
        "boundaries": list(boundaries),
        "min": statistics.low,
        "max": statistics.high,
        "missing": statistics.missing,
    }


def categorical_field(
    name: str, columns: Sequence[str], first: int, counts: Counts, missing: int
) -> FieldDocument:
    """An index for missing, one for unknown, and one for each value, frequent ones first."""
    ordered = sorted(counts.values.items(), key=lambda item: (-item[1], item[0]))
    return {
        **_named(name, columns),
        "type": "categorical",
        "missing_index": first,
        "unknown_index": first + 1,
        "first_index": first + 2,
        "values": [text for text, _ in ordered],
        "counts": [count for _, count in ordered],
        "missing": missing,
    }


def hashed_field(
    name: str, columns: Sequence[str], first: int, buckets: int, counts: Counts, missing: int
) -> FieldDocument:
    """An index for missing, and one for each bucket.

    collisions: of the distinct values that were seen, those that share a bucket with another.
    """
    sizes = Counter(hash_buckets(counts.values, buckets).tolist())
    return {
        **_named(name, columns),
        "type": "hashed",
        "missing_index": first,
        "first_index": first + 1,
        "buckets": buckets,
        "distinct": len(counts.values),
        "used": len(sizes),
        "collisions": sum(size for size in sizes.values() if size > 1),
        "missing": missing,
    }


def sharing_field(
    owner: Mapping[str, Any], name: str, columns: Sequence[str], missing: int
) -> FieldDocument:
    """A field that takes its indices, and its values, from another."""
    own = ("columns", "values", "counts", "distinct", "used", "collisions")
    kept = {key: value for key, value in owner.items() if key not in own}
    return {
        **kept,
        **_named(name, columns),
        "vocabulary": owner["name"],
        "missing": missing,
    }


def _named(name: str, columns: Sequence[str]) -> FieldDocument:
    return {"name": name} if list(columns) == [name] else {"name": name, "columns": list(columns)}


def columns_of(document: Mapping[str, Any]) -> list[str]:
    """The columns that a field is made of: the one of its name, unless it says others."""
    columns: list[str] = document.get("columns", [document["name"]])
    return columns


def field_size(document: Mapping[str, Any]) -> int:
    """How many indices a field takes."""
    if "vocabulary" in document:
        return 0
    match document["type"]:
        case "numeric":
            return 2
        case "bucket":
            return 2 + len(document["boundaries"])
        case "hashed":
            return 1 + int(document["buckets"])
    return 2 + len(document["values"])


def nearest_columns(names: Iterable[str], columns: Iterable[str]) -> str:
    """A hint with the columns closest to the names, or the first columns that there are."""
    shown = [column for column in columns if not column.startswith("__")]
    close = [match for name in names for match in difflib.get_close_matches(name, shown, n=3)]
    if close:
        return say("Did you mean {near}?", near=", ".join(map(repr, dict.fromkeys(close))))
    more = ", …" if len(shown) > 10 else ""
    return say("It has: {columns}.", columns=", ".join(shown[:10]) + more)
