"""Put tables under one another."""

from __future__ import annotations

from typing import Annotated

import ibis
from pydantic import Field

from studio.component import ComponentError, component, say

from ._columns import ROW
from ._rows import as_int64, renumber

_TABLE = "__table__"


@component(title="Merge rows", category="Data preprocessing", version="1.0")
def merge_rows(
    tables: list[ibis.Table],
    *,
    distinct: Annotated[
        bool, Field(description="Keep one of the rows that are equal in all columns.")
    ] = False,
) -> ibis.Table:
    """Stack tables of the same columns, found by name, and give the rows new ordinals.

    Shapes: tables (n_i, d) -> table (sum of n_i, d), fewer with `distinct`.
    Units:  none.
    Errors: ComponentError without a table, or for tables that differ in columns or types.
    Source: PAI-Studio "Merge Rows (UNION)".
    """
    if not tables:
        raise ComponentError("No table is connected.", hint="Connect one.", code="data.empty")
    for number, table in enumerate(tables[1:], 2):
        _check_same(tables[0], table, number)
    names = [name for name in tables[0].columns if name != ROW]
    stacked = ibis.union(*map(_numbered, tables, range(len(tables)))) if tables[1:] else tables[0]
    if not tables[1:]:
        stacked = _numbered(tables[0], 0)
    if distinct:
        first = ibis.row_number().over(group_by=names, order_by=[_TABLE, ROW])
        stacked = stacked.mutate(__copy__=first).filter(ibis._["__copy__"] == 0).drop("__copy__")
    return renumber(stacked, [_TABLE, ROW]).drop(_TABLE)


def _numbered(table: ibis.Table, number: int) -> ibis.Table:
    """With the number of the table, and ordinals whatever it has."""
    if ROW not in table.columns:
        place = ibis.row_number().over(order_by=[table[name] for name in table.columns])
        table = table.mutate(**{ROW: as_int64(place)})
    names = sorted(table.columns)
    return table.select(*names, **{_TABLE: ibis.literal(number, "int64")})


def _check_same(first: ibis.Table, table: ibis.Table, number: int) -> None:
    types = [
        {name: type_.copy(nullable=True) for name, type_ in one.schema().items() if name != ROW}
        for one in (first, table)
    ]
    if types[0] == types[1]:
        return
    different = sorted(
        name for name in {*types[0], *types[1]} if types[0].get(name) != types[1].get(name)
    )
    listed = ", ".join(
        f"{name!r} ({types[0].get(name, 'none')} and {types[1].get(name, 'none')})"
        for name in different
    )
    raise ComponentError(
        say("Table {number} differs from the first in {listed}.", number=number, listed=listed),
        hint="Select the same columns, and cast them to the same types, before.",
        code="schema.drift",
    )
