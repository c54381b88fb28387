"""An expression of SQL under a name, used on columns."""

from __future__ import annotations

from typing import Annotated

import duckdb
import pyarrow as pa
from pydantic import Field

from studio.component import ComponentError, component, context


@component(title="DuckDB macro", category="Features")
def duckdb_macro(
    table: Annotated[pa.Table, "Rows with the columns that the macro takes."],
    *,
    body: Annotated[str, Field(description="SQL expression of the arguments a, b, ...")] = (
        "ln(1 + abs(a))"
    ),
    columns: Annotated[
        list[str], Field(min_length=1, max_length=26, description="Given as a, b, ... in order.")
    ] = ["amount"],
    name: Annotated[str, Field(description="Name of the new column.")] = "value",
) -> pa.Table:
    """Add a column: the macro of `columns`, computed by DuckDB, which reads nothing but the table.

    Shapes: table (n, d) -> table (n, d + 1), rows in their order.
    Units:  as the expression gives.
    Errors: ComponentError when a column is not there, or with DuckDB's words when body is no
            expression.
    """
    missing = [column for column in columns if column not in table.column_names]
    if missing:
        raise ComponentError(f"There is no column {missing[0]!r}.", parameter="columns")
    arguments = [chr(ord("a") + number) for number in range(len(columns))]
    settings = {"threads": context.threads, "enable_external_access": False}
    with duckdb.connect(config=settings) as connection:
        connection.register("rows", table)
        try:
            connection.execute(f"create macro own({', '.join(arguments)}) as ({body})")
            connection.execute("set lock_configuration = true")
            given = ", ".join(
                f'rows."{column.replace(chr(34), chr(34) * 2)}"' for column in columns
            )
            values = connection.sql(f"select own({given}) as value from rows").to_arrow_table()
        except duckdb.Error as error:
            raise ComponentError(f"DuckDB: {error}", parameter="body") from None
    return table.append_column(name, values.column("value"))
