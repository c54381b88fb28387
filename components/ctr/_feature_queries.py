"""What a feature map needs to know of a table, asked of its engine in a few queries.

Every answer is the same on every engine and in any order of the rows: counts are whole numbers,
and so are the sums behind means and deviations.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import ibis
import pyarrow as pa

from studio.component import ComponentError, say

from ._fields import JOINT, Counts, Statistics, canonical_text

KINDS = ("integer", "boolean", "string", "floating")

_LARGEST = 3.4028234663852886e38  # of a float32, which is what examples hold
_BITS = 44  # of precision of a summand: its square, summed over 10^9 rows, fits 38 digits
_DIGITS = 12
_COLUMNS_A_QUERY = 64


def see_every_nan(table: ibis.Table) -> None:
    """Switch off the optimizer of DuckDB 2.0 that believes a Parquet file's statistics.

    They leave NaN out, so that `isnan` would be false in every row of a column without null.
    """
    backend = table.get_backend()
    if backend.name == "duckdb":
        backend.raw_sql("SET disabled_optimizers = 'statistics_propagation'")


def describe_numbers(
    table: ibis.Table, names: Sequence[str], missing: Sequence[float]
) -> tuple[int, dict[str, Statistics]]:
    """The number of rows, and the statistics of numeric columns, rounded to 12 digits."""
    numbers = {f"v{i}": _present(table[name], missing) for i, name in enumerate(names)}
    present = table.select(**numbers) if names else table
    first = _one_row(present, _extent_queries(present, len(names)))
    extents = {i: (first[f"low{i}"], first[f"high{i}"]) for i in range(len(names))}
    for i, (low, high) in extents.items():
        _check_extent(names[i], low, high)
    scales = {i: _scale(low, high) for i, (low, high) in extents.items() if low is not None}
    sums = _one_row(present, _sum_queries(present, scales)) if scales else {}
    rows = int(first["rows"])
    statistics = {}
    for i, name in enumerate(names):
        count = int(first[f"count{i}"])
        mean, std = (
            _moments(count, scales[i], sums[f"sum{i}"], sums[f"square{i}"]) if count else (0.0, 0.0)
        )
        low, high = extents[i]
        statistics[name] = Statistics(rows - count, mean, std, _round(low), _round(high))
    return rows, statistics


def _present(column: ibis.Value, missing: Sequence[float]) -> ibis.Value:
    """The numbers of a column; null where there is none, or one that means so."""
    number = column.cast("float64")
    absent = number.isnan()
    if missing:
        absent = absent | number.isin([_exactly(value) for value in missing])
    return ibis.ifelse(absent, ibis.null("float64"), number)


def _exactly(value: float) -> ibis.Value:
    """A literal that no engine takes for a decimal number and rounds on the way."""
    return ibis.literal(repr(value)).cast("float64")


def _extent_queries(present: ibis.Table, width: int) -> dict[str, ibis.Value]:
    queries = {"rows": present.count()}
    for i in range(width):
        column = present[f"v{i}"]
        queries |= {f"count{i}": column.count(), f"low{i}": column.min(), f"high{i}": column.max()}
    return queries


def _check_extent(name: str, low: float | None, high: float | None) -> None:
    for value in (low, high):
        if value is not None and abs(value) > _LARGEST:
            raise ComponentError(
                say(
                    "Column {name!r} holds {value!r}, more than a model can compute with.",
                    name=name,
                    value=value,
                ),
                hint="Cap such values before, or list them in missing_values.",
                parameter="numeric",
                code="column.range",
            )


def _scale(low: float, high: float) -> float:
    """The power of two that makes the largest value a whole number of `_BITS` bits.

    Multiplying with it is exact, and whole numbers have the same sum in any order.
    """
    _, exponent = math.frexp(max(abs(low), abs(high)))
    return math.ldexp(1.0, min(_BITS - exponent, 1000))


def _sum_queries(present: ibis.Table, scales: Mapping[int, float]) -> dict[str, ibis.Value]:
    queries: dict[str, ibis.Value] = {}
    for i, scale in scales.items():
        whole = (present[f"v{i}"] * _exactly(scale)).floor().cast("int64").cast("decimal(19, 0)")
        queries |= {f"sum{i}": whole.sum(), f"square{i}": (whole * whole).sum()}
    return queries


def _moments(count: int, scale: float, total: Any, squares: Any) -> tuple[float, float]:
    """Mean and population standard deviation from sums of scaled whole numbers, exactly."""
    mean = Fraction(int(total), count)
    variance = Fraction(int(squares), count) - mean * mean
    unit = Fraction(1) / Fraction(scale)
    return _round(float(mean * unit)), _round(math.sqrt(variance * unit * unit))


def _round(value: Any) -> Any:
    """A float of 12 significant digits; None stays None."""
    return None if value is None else float(f"{value:.{_DIGITS}g}") + 0.0


def _one_row(table: ibis.Table, queries: Mapping[str, ibis.Value]) -> dict[str, Any]:
    row: dict[str, Any] = _fetch(table.aggregate(**queries)).to_pylist()[0]
    return row


def _fetch(table: ibis.Table) -> pa.Table:
    """The rows of a query; from Spark not by Ibis, whose way through pandas rounds integers."""
    backend = table.get_backend()
    rows: pa.Table
    if backend.name != "pyspark":
        rows = table.to_pyarrow()
        return rows
    rows = backend.raw_sql(ibis.to_sql(table, dialect="pyspark")).toArrow()
    return rows


def count_values(
    table: ibis.Table, kinds: Mapping[str, str], missing: Sequence[str], least: Mapping[str, int]
) -> dict[str, Counts]:
    """How often each value of some columns occurs, by its canonical text.

    kinds: one of KINDS, by the name of the column. least: values that occur less often are left
    out by the engine.
    """
    counts = {name: Counts() for name in kinds}
    for names in _batches(kinds, least):
        kind, enough = kinds[names[0]], least[names[0]]
        values = {str(i): _countable(table[name], kind, missing) for i, name in enumerate(names)}
        rows = _count(table, values)
        kept = _fetch(rows.filter((rows["n"] >= enough) | rows["value"].isnull()))
        for i, value, n in zip(*(kept[c].to_pylist() for c in ("name", "value", "n")), strict=True):
            counts[names[int(i)]].add(value, n)
    return counts


def count_crossed(
    table: ibis.Table, columns: Mapping[str, str], missing: Sequence[str], least: int
) -> Counts:
    """How often the values of some columns, whose kinds are given, occur together."""
    values = {
        f"v{i}": _countable(table[name], kind, missing)
        for i, (name, kind) in enumerate(columns.items())
    }
    rows = table.group_by(**values).aggregate(n=table.count())
    absent = functools.reduce(operator.or_, (rows[name].isnull() for name in values))
    kept = _fetch(rows.filter((rows["n"] >= least) | absent))
    counts = Counts()
    for *parts, n in zip(*(kept[c].to_pylist() for c in (*values, "n")), strict=True):
        counts.add(None if None in parts else JOINT.join(map(canonical_text, parts)), n)
    return counts


def find_quantiles(
    table: ibis.Table, name: str, missing: Sequence[float], present: int, buckets: int
) -> list[float]:
    """Exact quantiles by nearest rank below the largest value: where all buckets end but the last.

    present: how many rows have a number.
    """
    number = _present(table[name], missing)
    column = table.select(v=_one_zero(number)).filter(ibis._["v"].notnull())
    counted = column.group_by("v").aggregate(n=column.count())
    ranked = counted.mutate(rank=counted["n"].sum().over(order_by="v", rows=(None, 0)))
    ranks = {f"q{i}": -(-present * i // buckets) for i in range(1, buckets)}
    queries = {
        name: ibis.ifelse(ranked["rank"] >= rank, ranked["v"], ibis.null("float64")).min()
        for name, rank in ranks.items()
    }
    row = _one_row(ranked, {**queries, "high": ranked["v"].max()})
    return [row[name] for name in queries if row[name] < row["high"]]


def _batches(kinds: Mapping[str, str], least: Mapping[str, int]) -> Iterator[list[str]]:
    """Columns of one kind and one least count, as many as one query takes."""
    alike = {name: (kinds[name], least[name]) for name in kinds}
    for which in sorted(set(alike.values())):
        names = [name for name in kinds if alike[name] == which]
        for start in range(0, len(names), _COLUMNS_A_QUERY):
            yield names[start : start + _COLUMNS_A_QUERY]


def _countable(column: ibis.Value, kind: str, missing: Sequence[str]) -> ibis.Value:
    types = {"integer": "int64", "boolean": "bool", "string": "string", "floating": "float64"}
    value = column.cast(types[kind])
    if kind == "floating":
        value = ibis.ifelse(value.isnan(), ibis.null("float64"), value)
        value = _one_zero(value)
    absent = _literals(missing, kind)
    return ibis.ifelse(value.isin(absent), ibis.null(types[kind]), value) if absent else value


def _one_zero(number: ibis.Value) -> ibis.Value:
    """The number, 0.0 for -0.0: engines differ on the two as a key."""
    return ibis.ifelse(number == 0.0, _exactly(0.0), number)


def _literals(texts: Sequence[str], kind: str) -> list[ibis.Value]:
    """The values of a kind whose canonical text is one of the texts."""
    if kind == "string":
        return [ibis.literal(text) for text in texts]
    if kind == "boolean":
        return [ibis.literal(text == "true") for text in texts if text in ("true", "false")]
    parse = _parse_int if kind == "integer" else _parse_float
    values = [value for text in texts if (value := parse(text)) is not None]
    return [ibis.literal(v) if kind == "integer" else _exactly(v) for v in values]


def _parse_int(text: str) -> int | None:
    try:
        value = int(text)
    except ValueError:
        return None
    return value if canonical_text(value) == text and -(2**63) <= value < 2**63 else None


def _parse_float(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if canonical_text(value) == text else None


def _count(table: ibis.Table, values: Mapping[str, ibis.Value]) -> ibis.Table:
    """Columns name, value and n. DuckDB counts column by column, its Parquet being columnar, four
    times faster; to Spark each would be two more stages, so it explodes the rows and counts once.
    """
    if table.get_backend().name == "duckdb":
        counted = [_count_column(table, name, value) for name, value in values.items()]
        return ibis.union(*counted) if len(counted) > 1 else counted[0]
    long = table.select(**values).pivot_longer(list(values), names_to="name", values_to="value")
    return long.group_by(["name", "value"]).aggregate(n=long.count())


def _count_column(table: ibis.Table, name: str, value: ibis.Value) -> ibis.Table:
    counted = table.group_by(value=value).aggregate(n=table.count())
    return counted.select(name=ibis.literal(name), value="value", n="n")
