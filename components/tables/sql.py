"""Ask up to four tables by one SELECT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import ComponentError, Schema, component, say

from ._columns import ROW
from ._sql import INPUTS, LockedEngine


def _schema(
    t1: Schema | None,
    t2: Schema | None,
    t3: Schema | None,
    t4: Schema | None,
    *,
    query: str,
    timeout: float,
) -> Schema:
    schemas = zip(INPUTS, (t1, t2, t3, t4), strict=True)
    tables = {name: empty_table(schema.types) for name, schema in schemas if schema is not None}
    columns = LockedEngine(tables).describe(query)
    return Schema({field.name: field.type for field in columns if field.name != ROW}).add(
        **{ROW: "int64"}
    )


def empty_table(types: Mapping[str, Any]) -> pa.Table:
    """A table without rows. Raises ValueError for a type whose name says more than one word."""
    alias: Any = pa.type_for_alias  # its stubs know literal names only
    arrow = {
        name: alias(type_) if isinstance(type_, str) else type_ for name, type_ in types.items()
    }
    return pa.schema(list(arrow.items())).empty_table()


@component(title="SQL", category="Custom", version="1.0", schema=_schema, confined=True)
def sql(
    t1: pa.Table | None = None,
    t2: pa.Table | None = None,
    t3: pa.Table | None = None,
    t4: pa.Table | None = None,
    *,
    query: Annotated[
        str,
        Field(
            min_length=1,
            description="One SELECT of the tables t1 to t4, also written ${t1}.",
            json_schema_extra={"format": "sql"},
        ),
    ],
    timeout: Annotated[
        float, Field(gt=0, le=86_400, description="Seconds after which the query is ended.")
    ] = 600.0,
) -> pa.Table:
    """Run one SELECT, in DuckDB's SQL, over the tables that are connected.

    The query sees the inputs and nothing else: no file, no other table, no setting, no extension.
    It runs on one thread, so that equal inputs give equal rows; say ORDER BY where the order
    matters. The rows get new ordinals.

    Shapes: tables t1 to t4 (n_i, d_i) -> table as the query says, and the ordinal `__row__`.
    Units:  as the query says.
    Errors: ComponentError, with the line of the query, for anything but one SELECT, a table, column
            or function that is not there, a value that does not fit, too little memory or time,
            and two columns of one name.
    Source: PAI-Studio "SQL Script".
    """
    inputs = zip(INPUTS, (t1, t2, t3, t4), strict=True)
    engine = LockedEngine({name: table for name, table in inputs if table is not None})
    table = engine.run(query, timeout)
    _check_names(table.column_names)
    numbered: pa.Table = _numbered(table)
    return numbered


def _check_names(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ComponentError(
            say("The result has more than one column {twice}.", twice=", ".join(map(repr, twice))),
            hint="Name the columns, or give them new names with AS.",
            parameter="query",
            code="column.exists",
        )


def _numbered(table: pa.Table) -> Any:
    if ROW in table.column_names:
        table = table.drop_columns([ROW])
    return table.append_column(ROW, pa.array(np.arange(table.num_rows, dtype=np.int64)))
