"""Put tables side by side, row by row."""

from __future__ import annotations

from typing import Annotated

import ibis
from pydantic import Field

from studio.component import ComponentError, component, say

from ._columns import ROW
from ._rows import check_ordinal, has_rows


@component(title="Merge columns", category="Data preprocessing", version="1.0")
def merge_columns(
    left: ibis.Table,
    right: ibis.Table,
    *,
    suffix: Annotated[
        str, Field(min_length=1, description="Added to names of the right that are in the left.")
    ] = "_right",
) -> ibis.Table:
    """Append the columns of the right table to those of the left, by the rows' ordinals.

    Shapes: left (n, d), right (n, e) -> table (n, d + e - 1); one ordinal stays.
    Units:  none.
    Errors: ComponentError where a table has no ordinal `__row__`, their rows do not have the same
            ordinals, or a new name is there already.
    Source: PAI-Studio "Merge Columns".
    """
    for table in (left, right):
        check_ordinal(table)
    new = {
        name + suffix if name in left.columns else name: name
        for name in right.columns
        if name != ROW
    }
    clash = [
        name
        for name in new
        if name in left.columns or (name != new[name] and name in right.columns)
    ]
    if clash:
        raise ComponentError(
            say("There is a column {clash!r} already.", clash=clash[0]),
            hint="Take another suffix.",
            parameter="suffix",
            code="column.exists",
        )
    if has_rows(left):
        _check_rows(left, right)
    renamed = right.select(ROW, **{name: right[old] for name, old in new.items()})
    return left.inner_join(renamed, ROW).select(*left.columns, *new).order_by(ROW)


def _check_rows(left: ibis.Table, right: ibis.Table) -> None:
    """The same ordinals must be in both tables."""
    both = left.select(ROW).inner_join(right.select(ROW), ROW)
    sizes = [table.count().to_pyarrow().as_py() for table in (left, right, both)]
    if len(set(sizes)) > 1:
        raise ComponentError(
            say(
                "The tables have {sizes:,} and {sizes2:,} rows, {sizes3:,} of them in common.",
                sizes=sizes[0],
                sizes2=sizes[1],
                sizes3=sizes[2],
            ),
            hint="Join them on a column, or give both new ordinals with append_id.",
            code="data.rows",
        )
