"""Pages of a table's rows: some columns, in some order, filtered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from studio.errors import say
from studio.inspector.cells import page
from studio.inspector.engine import connect, parquet
from studio.inspector.filters import QueryError, condition, quoted, unknown_column
from studio.inspector.tables import OpenTable, open_table, page_of_rows


def rows(
    folder: str,
    offset: int,
    limit: int,
    columns: Sequence[str] | None = None,
    order: str | None = None,
    filters: Sequence[str] = (),
) -> dict[str, Any]:
    """Rows offset ... offset + limit - 1 of those that pass every filter.

    order: a column, with `-` before it for the largest first; rows that are equal in it keep the
    order of the table, null comes last. `total` counts the rows that pass.
    """
    table = open_table(Path(folder))
    names = _chosen(table, columns)
    if order is None and not filters:
        found, total = page_of_rows(table, names, offset, limit), table.rows
    else:
        found, total = _query(table, names, offset, limit, order, filters)
    shown = {column["name"]: column for column in table.columns}
    return {
        "columns": [shown[name] for name in names],
        "rows": found,
        "offset": offset,
        "total": total,
    }


def _chosen(table: OpenTable, columns: Sequence[str] | None) -> list[str]:
    if columns is None:
        return table.names
    for name in columns:
        if name not in table.names:
            raise unknown_column(name, table.names, "columns")
    return list(columns)


def _query(
    table: OpenTable,
    names: Sequence[str],
    offset: int,
    limit: int,
    order: str | None,
    filters: Sequence[str],
) -> tuple[list[list[Any]], int]:
    import duckdb

    connection = connect()
    source = parquet(table.paths, numbered=True)
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    types = {name: type_ for name, type_, *_ in described if name in table.names}
    conditions = [condition(text, types) for text in filters]
    where = " AND ".join(["true", *(sql for sql, _ in conditions)])
    values = [value for _, given in conditions for value in given]
    chosen = ", ".join(quoted(name) for name in names)
    body = f"FROM {source} WHERE {where}"
    by = f"ORDER BY {_order(order, table.names)}filename, file_row_number"
    try:
        (total,) = connection.execute(f"SELECT count(*) {body}", values).fetchall()[0]
        query = f"SELECT {chosen} {body} {by} LIMIT {int(limit)} OFFSET {int(offset)}"
        found = page(_fetch(connection.execute(query, values)), len(names))
    except duckdb.ConversionException as error:
        message = say(
            "A value of the filter does not fit its column: {error}", error=_first_line(error)
        )
        hint = "Compare numbers with numbers, times with times such as 2024-01-31 12:00:00."
        raise QueryError("filter.value", message, hint, "filter") from None
    return found, total


def _order(order: str | None, names: Sequence[str]) -> str:
    if order is None:
        return ""
    descending = order not in names and order.startswith("-")
    name = order[1:] if descending else order
    if name not in names:
        raise unknown_column(name, names, "order")
    return f"{quoted(name)} {'DESC' if descending else 'ASC'} NULLS LAST, "


def _fetch(result: Any) -> Iterator[tuple[Any, ...]]:
    while row := result.fetchone():
        yield row


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0]
