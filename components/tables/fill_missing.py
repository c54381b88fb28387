"""Put a value where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import check_columns
from ._exact import exact_sum, find_scales
from ._rows import has_rows, in_order

Method = Literal["value", "mean", "min", "max", "most frequent"]


@component(title="Fill missing", category="Data preprocessing", version="1.0")
def fill_missing(
    table: ibis.Table,
    *,
    columns: Annotated[
        Sequence[Column], Field(min_length=1, description="Columns with missing values.")
    ],
    method: Annotated[
        Method, Field(description="value: the one below. Others: of the column's own values.")
    ] = "value",
    value: Annotated[
        str | bool | int | float | None, Field(description="Only for the method value.")
    ] = None,
    indicator: Annotated[
        str | None,
        Field(description="Adds columns that say where: `x` with the ending `_missing`, if set."),
    ] = None,
) -> ibis.Table:
    """Fill missing values with one value, or with one that the column's others give.

    The column's own values are those of this very table: fill before a split, and the test rows
    have a say in it. For features of a model this is rarely needed: a feature map has an index
    for missing values. A column without any value stays as it is.

    Shapes: table (n, d) -> table (n, d), or (n, d + len(columns)) with `indicator`.
    Units:  as in the columns.
    Errors: ComponentError for a column that is not there, a mean of what is no number, and a value
            that is missing or not of the column's type.
    Source: PAI-Studio "Missing-value Imputation".
    """
    check_columns(list(columns), table.columns, "columns")
    if (method == "value") != (value is not None):
        raise _refuse("A value is set for the method value, and only for it.", "value", "required")
    filled = {name: _fill(table, name, method, value) for name in columns}
    missing = {}
    if indicator:
        missing = {f"{name}{indicator}": _absent(table[name]).cast("int64") for name in columns}
        check_new = [name for name in missing if name in table.columns]
        if check_new:
            raise _refuse(
                say("There is a column {column!r} already.", column=check_new[0]),
                "indicator",
                "exists",
            )
    return in_order(table.mutate(**filled, **missing))


def _absent(column: Any) -> Any:
    return column.isnull() | column.isnan() if column.type().is_floating() else column.isnull()


def _fill(table: ibis.Table, name: str, method: Method, value: Any) -> ibis.Value:
    column: Any = table[name]
    if method == "value":
        other = _literal(column, name, value)
    elif not has_rows(table):
        return column
    else:
        known = table.filter(~_absent(column)).select(v=column)
        other = _literal(column, name, _own_value(known, name, method))
    return column if other is None else ibis.ifelse(_absent(column), other, column)


def _own_value(known: ibis.Table, name: str, method: Method) -> Any:
    """The value to fill with, from the present ones; None where there are none."""
    if method == "most frequent":
        counted = known.group_by("v").aggregate(n=known.count())
        rows = counted.order_by([ibis.desc("n"), "v"]).limit(1).to_pyarrow()["v"].to_pylist()
        return rows[0] if rows else None
    if method == "mean":
        if not known["v"].type().is_numeric() or known["v"].type().is_boolean():
            raise _refuse(say("Column {name!r} has no mean.", name=name), "method", "type")
        total: ibis.Value = exact_sum(known["v"], find_scales(known, ["v"])["v"])
        answer = known.aggregate(v=total / known["v"].count().nullif(0))
    else:
        answer = known.aggregate(v=known["v"].min() if method == "min" else known["v"].max())
    return answer.to_pyarrow()["v"][0].as_py()


def _literal(column: Any, name: str, value: Any) -> Any:
    """A value as the column's type; a mean of whole numbers is rounded."""
    type_ = column.type()
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if type_.is_floating() and number:
        return ibis.literal(repr(float(value))).cast(type_)
    if type_.is_integer() and number:
        return ibis.literal(round(value)).cast(type_)
    if (type_.is_string() and isinstance(value, str)) or isinstance(value, bool):
        if type_.is_boolean() or not isinstance(value, bool):
            return ibis.literal(value)
    elif type_.is_temporal() or type_.is_decimal():
        return ibis.literal(str(value)).cast(type_)
    raise _refuse(
        say(
            "Column {name!r} is of type {type}, {value!r} is not.",
            name=name,
            type=type_,
            value=value,
        ),
        "value",
        "type",
    )


def _refuse(message: str, parameter: str, code: str) -> ComponentError:
    return ComponentError(
        message,
        hint="Take a value of the column's type, or a method that suits it.",
        parameter=parameter,
        code=f"parameter.{code}",
    )
