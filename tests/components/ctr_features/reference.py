"""Feature map and encoding once more, by plain dictionaries and loops over rows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Any

Row = Mapping[str, Any]


def text_of(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, float) and math.isfinite(value) and value == math.floor(value):
        return f"{Fraction(value).numerator}"
    return value if isinstance(value, str) else repr(value)


def twelve_digits(number: float) -> float:
    return float(f"{number:.11e}")


def fit(
    rows: Sequence[Row],
    numeric: Collection[str],
    *,
    min_count: int = 1,
    missing: Collection[str] = (),
    transform: str = "standardise",
) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = []
    index = 0
    for name in rows[0]:
        texts = [text_of(row[name]) for row in rows]
        present = [None if text in missing else text for text in texts]
        field = {"name": name, "missing_index": index, "missing": present.count(None)}
        if name in numeric:
            kept = zip(rows, present, strict=True)
            numbers = [float(row[name]) for row, text in kept if text is not None]
            field |= {"type": "numeric", "index": index + 1, "transform": transform}
            field |= describe(numbers)
            index += 2
        else:
            counts = Counter(text for text in present if text is not None)
            values = sorted(text for text in counts if counts[text] >= min_count)
            values.sort(key=lambda text: -counts[text])  # stable: ties stay by text
            field |= {"type": "categorical", "unknown_index": index + 1, "first_index": index + 2}
            field |= {"values": values, "counts": [counts[text] for text in values]}
            index += 2 + len(values)
        fields.append(field)
    return fields


def describe(numbers: list[float]) -> dict[str, float | None]:
    if not numbers:
        return {"mean": 0.0, "std": 0.0, "min": None, "max": None}
    exact = [Fraction(number) for number in numbers]
    mean = sum(exact) / len(exact)
    variance = sum((number - mean) ** 2 for number in exact) / len(exact)
    return {
        "mean": float(mean),
        "std": math.sqrt(variance),
        "min": twelve_digits(min(numbers)),
        "max": twelve_digits(max(numbers)),
    }


def encode(
    rows: Sequence[Row], document: Mapping[str, Any]
) -> tuple[list[list[int]], list[list[float]]]:
    indices, values = [], []
    for row in rows:
        pairs = [encode_value(row[field["name"]], field, document) for field in document["fields"]]
        indices.append([index for index, _ in pairs])
        values.append([value for _, value in pairs])
    return indices, values


def encode_value(
    value: Any, field: Mapping[str, Any], document: Mapping[str, Any]
) -> tuple[int, float]:
    text = text_of(value)
    if text is None or text in document["missing_values"]:
        return field["missing_index"], 1.0
    if field["type"] == "numeric":
        number = float(value)
        if field["transform"] == "standardise":
            number = (number - field["mean"]) / (field["std"] or 1.0)
        return field["index"], number
    if text in field["values"]:
        return field["first_index"] + field["values"].index(text), 1.0
    return field["unknown_index"], 1.0
