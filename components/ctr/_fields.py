"""The fields of a feature map: canonical texts, and what each kind of field becomes."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FieldDocument = dict[str, Any]


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


def categorical_field(name: str, first: int, counts: Counts) -> FieldDocument:
    """An index for missing, one for unknown, and one for each value, frequent ones first."""
    ordered = sorted(counts.values.items(), key=lambda item: (-item[1], item[0]))
    return {
        "name": name,
        "type": "categorical",
        "missing_index": first,
        "unknown_index": first + 1,
        "first_index": first + 2,
        "values": [text for text, _ in ordered],
        "counts": [count for _, count in ordered],
        "missing": counts.missing,
    }


def field_size(document: Mapping[str, Any]) -> int:
    """How many indices a field takes."""
    return 2 if document["type"] == "numeric" else 2 + len(document["values"])


def nearest_columns(names: Iterable[str], columns: Iterable[str]) -> str:
    """A hint with the columns closest to the names, or the first columns that there are."""
    shown = [column for column in columns if not column.startswith("__")]
    close = [match for name in names for match in difflib.get_close_matches(name, shown, n=3)]
    if close:
        return f"Did you mean {', '.join(map(repr, dict.fromkeys(close)))}?"
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return f"It has: {', '.join(shown[:10]) or 'no columns'}{more}."
