"""Sums of floats that are the same on every engine, in any order of the rows.

Numbers are multiplied with a power of two, which is exact, and rounded to whole numbers of 52 bits.
Their upper and their lower halves are summed as whole numbers, which do not depend on the order,
and only the sum of the two sums is rounded, in the same way everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from studio.component import ComponentError, say

_BITS = 52
_HALF = 2.0**26


def find_scales(table: ibis.Table, columns: Sequence[str]) -> dict[str, float]:
    """A power of two for each column: the largest number becomes one of `_BITS` bits."""
    if not columns:
        return {}
    largest = table.aggregate(
        **{f"v{i}": _present(table[name]).abs().max() for i, name in enumerate(columns)}
    )
    row: Mapping[str, Any] = largest.to_pyarrow().to_pylist()[0]
    return {name: _scale(name, row[f"v{i}"]) for i, name in enumerate(columns)}


def exact_sum(column: ibis.Value, scale: float) -> ibis.Value:
    """The sum of the numbers of a column; null without numbers."""
    whole = (_present(column) * _exactly(scale) + 0.5).floor()
    upper = (whole / _exactly(_HALF)).floor()
    lower = whole - upper * _exactly(_HALF)
    sums = [half.cast("int64").sum().cast("int64").cast("float64") for half in (upper, lower)]
    return (sums[0] * _exactly(_HALF) + sums[1]) / _exactly(scale)


def _present(column: ibis.Value) -> ibis.Value:
    number = column.cast("float64")
    return ibis.ifelse(number.isnan(), ibis.null("float64"), number)


def _exactly(value: float) -> ibis.Value:
    return ibis.literal(repr(value)).cast("float64")


def _scale(name: str, largest: float | None) -> float:
    if largest is not None and math.isinf(largest):
        raise ComponentError(
            say("Column {name!r} holds an infinite number, which has no sum.", name=name),
            hint="Filter such rows out before.",
            code="column.range",
        )
    _, exponent = math.frexp(largest or 0.0)
    return math.ldexp(1.0, min(_BITS - exponent, 1000))
