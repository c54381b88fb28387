"""Part the rows that meet a condition from the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import check_columns
from ._rows import in_order

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not in", "is null", "is not null"]
Value = str | bool | int | float
_PLAIN: dict[str, Any] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
}


class FilterRowsOutputs(NamedTuple):
    kept: ibis.Table
    rest: ibis.Table


@component(title="Filter rows", category="Data preprocessing", version="1.0")
def filter_rows(
    table: ibis.Table,
    *,
    column: Annotated[Column, Field(description="Column that is looked at.")],
    operator: Annotated[Operator, Field(description="How it is compared.")] = "=",
    value: Annotated[
        Value | None, Field(description="What it is compared with; texts for dates and times.")
    ] = None,
    values: Annotated[Sequence[Value], Field(description="For `in` and `not in`.")] = [],
) -> FilterRowsOutputs:
    """Keep the rows whose value meets a condition; the others leave by the second port.

    A missing value meets no condition but `is null`: such rows are in the rest. Several nodes in
    a row are an "and"; for more, use `sql`.

    Shapes: table (n, d) -> kept (k, d), rest (n - k, d).
    Units:  values in the units of the column.
    Errors: ComponentError for a column that is not there, and a value that is missing or of another
            type than the column.
    Source: PAI-Studio "Filter & Mapping".
    """
    check_columns([column], table.columns, "column")
    condition = _condition(table[column], operator, value, values).fill_null(False)
    return FilterRowsOutputs(
        kept=in_order(table.filter(condition)), rest=in_order(table.filter(~condition))
    )


def _condition(column: Any, operator: str, value: Value | None, values: Sequence[Value]) -> Any:
    if operator == "is null":
        return column.isnull()
    if operator == "is not null":
        return column.notnull()
    if operator in ("in", "not in"):
        if not values:
            raise _refuse(
                say("The operator {operator!r} needs values.", operator=operator),
                "values",
                "required",
            )
        found = column.isin([_literal(column, item, "values") for item in values])
        return found if operator == "in" else ~found
    if value is None:
        raise _refuse(
            say("The operator {operator!r} needs a value.", operator=operator), "value", "required"
        )
    return _PLAIN[operator](column, _literal(column, value, "value"))


def _literal(column: Any, value: Value, parameter: str) -> Any:
    """The value as the column's type."""
    type_ = column.type()
    fits = (
        (type_.is_string() and isinstance(value, str))
        or (type_.is_temporal() and isinstance(value, str))
        or (type_.is_boolean() and isinstance(value, bool))
        or (type_.is_numeric() and isinstance(value, int | float) and not isinstance(value, bool))
    )
    if not fits or type_.is_boolean() != isinstance(value, bool):
        raise _refuse(
            say(
                "Column {column!r} is of type {type}, {value!r} is not.",
                column=column.get_name(),
                type=type_,
                value=value,
            ),
            parameter,
            "type",
        )
    if isinstance(value, float):
        return ibis.literal(repr(value)).cast("float64")
    return ibis.literal(value).cast(type_) if type_.is_temporal() else ibis.literal(value)


def _refuse(message: str, parameter: str, code: str) -> ComponentError:
    return ComponentError(
        message,
        hint="Set it to a value of the column's type.",
        parameter=parameter,
        code=f"parameter.{code}",
    )
