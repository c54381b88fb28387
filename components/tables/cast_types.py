"""Change the types of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import check_columns
from ._rows import has_rows, in_order

Type = Literal["int64", "float64", "bool", "string"]
_WHOLE = r"^[+-]?[0-9]+$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_BOOL = r"^(true|false)$"
_PATTERNS = {"int64": _WHOLE, "float64": _NUMBER, "bool": _BOOL}


@component(title="Cast types", category="Data preprocessing", version="1.0")
def cast_types(
    table: ibis.Table,
    *,
    types: Annotated[
        Mapping[Column, Type], Field(min_length=1, description="New types, by column.")
    ],
    invalid: Annotated[
        Literal["refuse", "null"], Field(description="null: what does not fit becomes missing.")
    ] = "refuse",
) -> ibis.Table:
    """Turn texts into numbers or booleans, and numbers or booleans into texts or one another.

    Texts are read without the blanks around them: decimal numbers, `true` and `false`. A float
    becomes a whole number only if it is one; it never becomes a text, which engines would write
    differently.

    Shapes: table (n, d) -> table (n, d).
    Units:  unchanged.
    Errors: ComponentError for a column that is not there, types that do not change into one
            another, and, with `refuse`, a value that does not fit, with its row.
    Source: PAI-Studio "Type Conversion".
    """
    check_columns(list(types), table.columns, "types")
    new = {name: _cast(table[name], name, type_) for name, type_ in types.items()}
    if invalid == "refuse" and has_rows(table):
        _check(table, new)
    return in_order(table.mutate(**new))


def _cast(column: ibis.Value, name: str, type_: Type) -> ibis.Value:
    """The column as another type, null where a value does not fit."""
    old = column.type()
    if old.is_string() and type_ != "string":
        text = column.strip()
        lower = text.lower() if type_ == "bool" else text
        return ibis.ifelse(lower.re_search(_PATTERNS[type_]), lower.try_cast(type_), None)
    if old.is_floating() and type_ == "int64":
        fits = ~column.isnan() & (column.abs() < 2.0**63)
        inside = ibis.ifelse(fits, column, ibis.null("float64"))
        return ibis.ifelse(inside == inside.floor(), inside.floor(), ibis.null("int64"))
    if old.is_floating() and type_ == "bool":
        return ibis.cases((column == 0, False), (column == 1, True))
    if old.is_integer() and type_ == "bool":
        return ibis.cases((column == 0, False), (column == 1, True))
    if old.is_boolean() or old.is_integer() or old.is_decimal() or str(old) == type_:
        if old.is_boolean() and type_ == "string":
            return ibis.cases((column, "true"), (~column, "false"))
        return column.cast("int64").cast(type_) if old.is_boolean() else column.cast(type_)
    raise ComponentError(
        say("Column {name!r} of type {old} cannot be made {type}.", name=name, old=old, type=type_),
        hint="Cast it in a sql node, where you say how it is written.",
        parameter="types",
        code="column.type",
    )


def _check(table: ibis.Table, new: Mapping[str, ibis.Value]) -> None:
    """Refuse the first value, by column, that became null though it was none."""
    for name, value in new.items():
        misfit = table.filter(value.isnull() & table[name].notnull())
        rows = in_order(misfit).limit(1).to_pyarrow().to_pylist()
        if rows:
            where = f" in row {rows[0]['__row__'] + 1}" if "__row__" in rows[0] else ""
            raise ComponentError(
                say(
                    "Column {name!r} holds {rows!r}{where}, which is no {type}.",
                    name=name,
                    rows=rows[0][name],
                    where=where,
                    type=value.type(),
                ),
                hint="Correct the value, or set invalid to null.",
                parameter="types",
                code="column.type",
            )
