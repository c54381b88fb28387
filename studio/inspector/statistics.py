"""What the columns of a table hold: counts, extremes, moments, and a sketch of the values.

Rows, nulls, extremes and moments are of all rows. In tables of more than a million rows the
number of different values is estimated, and bins and top values are of a sample, which is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from studio.inspector.cells import cell
from studio.inspector.engine import connect, parquet
from studio.inspector.filters import quoted
from studio.inspector.tables import OpenTable, open_table

BINS = 20
TOP = 10
_EXACT_ROWS = 1_000_000
_SAMPLE_ROWS = 200_000
_MAX_TEXT = 200
_COLUMNS_A_QUERY = 50

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")
_FLOATS = ("FLOAT", "DOUBLE")
_TIMES = ("DATE", "TIME", "TIMESTAMP")


def statistics(folder: str) -> dict[str, Any]:
    """`{rows, sample, columns: [{name, type, role, nulls, distinct, min, max, ...}]}`.

    sample: the number of rows behind bins and top values; None: all of them.
    """
    table = open_table(Path(folder))
    connection = connect()
    connection.execute(f"CREATE VIEW whole AS SELECT * FROM {parquet(table.paths)}")
    described = connection.execute("DESCRIBE whole").fetchall()
    types = {name: type_ for name, type_, *_ in described}
    sample = _take_sample(connection, table)
    columns = []
    for names in _batches(table.names):
        moments = _moments(connection, names, types, table.rows > _EXACT_ROWS)
        columns += [_column(connection, table, name, types[name], moments[name]) for name in names]
    return {"rows": table.rows, "sample": sample, "columns": columns}


def _take_sample(connection: Any, table: OpenTable) -> int | None:
    if table.rows <= _EXACT_ROWS:
        connection.execute("CREATE VIEW looked_at AS SELECT * FROM whole")
        return None
    connection.execute(
        "CREATE TABLE looked_at AS SELECT * FROM whole "
        f"USING SAMPLE reservoir({_SAMPLE_ROWS} ROWS) REPEATABLE (1)"
    )
    return _SAMPLE_ROWS


def _batches(names: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _COLUMNS_A_QUERY):
        yield list(names[start : start + _COLUMNS_A_QUERY])


def _moments(
    connection: Any, names: Sequence[str], types: dict[str, str], estimate: bool
) -> dict[str, dict[str, Any]]:
    """Of each column the numbers that one pass over the table gives."""
    wanted = {name: _aggregates(name, types[name], estimate) for name in names}
    listed = [sql for queries in wanted.values() for sql in queries.values()]
    values = iter(connection.execute(f"SELECT {', '.join(listed)} FROM whole").fetchone())
    return {name: {key: next(values) for key in queries} for name, queries in wanted.items()}


def _aggregates(name: str, type_: str, estimate: bool) -> dict[str, str]:
    column = quoted(name)
    count = f"approx_count_distinct({column})" if estimate else f"count(DISTINCT {column})"
    queries = {"nulls": f"count(*) - count({column})"}
    if not _is_nested(type_):
        queries |= {"distinct": count, "min": f"min({column})", "max": f"max({column})"}
    if _is_number(type_):
        number = f"CAST({column} AS DOUBLE)"
        queries |= {"mean": f"avg({number})", "std": f"stddev_pop({number})"}
    return queries


def _column(
    connection: Any, table: OpenTable, name: str, type_: str, moments: dict[str, Any]
) -> dict[str, Any]:
    shown = next(column for column in table.columns if column["name"] == name)
    wide = ("nulls", "distinct", "min", "max", "mean", "std")
    return {
        **shown,
        **{key: _rounded(moments.get(key)) for key in wide},
        "bins": _bins(connection, name, type_, moments),
        "top": _top(connection, name, type_, moments),
    }


def _bins(
    connection: Any, name: str, type_: str, moments: dict[str, Any]
) -> list[dict[str, Any]] | None:
    """Equal widths from the least to the largest value; each holds its lower end, the last both."""
    low, high = moments.get("min"), moments.get("max")
    if not _is_number(type_) or low is None or high is None:
        return None
    low, high = float(low), float(high)
    width = (high - low) / BINS
    if not 0 < width < float("inf"):
        count = connection.execute(f"SELECT count({quoted(name)}) FROM looked_at").fetchone()[0]
        return [{"from": low, "to": high, "count": count}]
    place = f"least(floor((CAST({quoted(name)} AS DOUBLE) - ?) / ?), {BINS - 1})"
    present = f"{quoted(name)} IS NOT NULL"
    query = f"SELECT {place} AS bin, count(*) FROM looked_at WHERE {present} GROUP BY bin"
    counts = dict(connection.execute(query, [low, width]).fetchall())
    edges = [_rounded(low + number * width) for number in range(BINS)] + [high]
    return [
        {"from": edges[number], "to": edges[number + 1], "count": counts.get(float(number), 0)}
        for number in range(BINS)
    ]


def _top(
    connection: Any, name: str, type_: str, moments: dict[str, Any]
) -> list[dict[str, Any]] | None:
    """The most frequent values; not of floats and times, whose values seldom occur twice."""
    if _is_nested(type_) or type_.startswith((*_FLOATS, *_TIMES)):
        return None
    column = quoted(name)
    query = (
        f"SELECT {column}, count(*) AS n FROM looked_at WHERE {column} IS NOT NULL "
        f"GROUP BY {column} ORDER BY n DESC, {column} LIMIT {TOP}"
    )
    found = connection.execute(query).fetchall()
    return [{"value": cell(value, _MAX_TEXT), "count": count} for value, count in found]


def _is_number(type_: str) -> bool:
    return type_.startswith(_NUMBERS) and not _is_nested(type_)


def _is_nested(type_: str) -> bool:
    return type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION"))


def _rounded(value: Any) -> Any:
    """Floats with 12 digits, so that the order of summation does not show."""
    if isinstance(value, float):
        return cell(float(f"{value:.12g}"))
    return cell(value, _MAX_TEXT)
