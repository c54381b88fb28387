"""Number the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import ibis
from pydantic import Field

from studio.component import Column, component

from ._columns import ROW, check_columns
from ._rows import as_int64, renumber


@component(title="Append ID", category="Data preprocessing", version="1.0")
def append_id(
    table: ibis.Table,
    *,
    column: Annotated[
        str, Field(min_length=1, description="Name of the column; `__row__` is the ordinal.")
    ] = ROW,
    order_by: Annotated[
        Sequence[Column], Field(description="Columns to number by; empty for the present order.")
    ] = [],
) -> ibis.Table:
    """Number the rows 0, 1, 2, ..., by default in the ordinal that other components ask for.

    Rows that `order_by` does not tell apart keep their order; where there is none yet, all columns
    tell it.

    Shapes: table (n, d) -> table (n, d + 1), or (n, d) where the column was there.
    Units:  ordinals from 0.
    Errors: ComponentError for a column to order by that is not there.
    Source: PAI-Studio "Append ID".
    """
    check_columns(list(order_by), table.columns, "order_by")
    rest = [ROW] if ROW in table.columns else list(table.columns)
    order = [table[name] for name in dict.fromkeys([*order_by, *rest])]
    if column == ROW:
        return renumber(table, order)
    number = as_int64(ibis.row_number().over(order_by=order))
    return table.mutate(**{column: number}).order_by(ROW if ROW in table.columns else column)
