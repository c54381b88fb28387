"""Summarise the rows of every group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import ROW, check_columns
from ._exact import exact_sum, find_scales
from ._rows import as_int64, has_rows, renumber

Names = Sequence[Column]


@component(title="Aggregate", category="Data preprocessing", version="1.0")
def aggregate(
    table: ibis.Table,
    *,
    by: Annotated[
        Names, Field(description="Columns whose values make the groups; empty for one group.")
    ] = [],
    sum: Annotated[Names, Field(description="Columns to add up: `x` gives `x_sum`.")] = [],
    mean: Annotated[Names, Field(description="Columns to average: `x` gives `x_mean`.")] = [],
    min: Annotated[Names, Field(description="Columns whose least value is told.")] = [],
    max: Annotated[Names, Field(description="Columns whose greatest value is told.")] = [],
    distinct: Annotated[Names, Field(description="Columns whose different values count.")] = [],
) -> ibis.Table:
    """Give one row a group: `count`, its rows, and what is asked for of its columns.

    Missing values make a group of their own and count in nothing else. Groups are ordered by their
    values, missing ones last. Sums of floats are the same on every engine and in every order of
    the rows.

    Shapes: table (n, d) -> table (groups, len(by) + 1 + one for each summary, and the ordinal).
    Units:  as in the columns.
    Errors: ComponentError for a column that is not there, sums of what is no number, or a new name
            that is taken.
    Source: PAI-Studio "SQL Script", of which this is the most common use.
    """
    asked = {"sum": sum, "mean": mean, "min": min, "max": max, "distinct": distinct}
    for parameter, names in {"by": by, **asked}.items():
        check_columns(list(names), table.columns, parameter)
    _check_types(table, asked)
    _check_new_names(by, asked)
    floats = [name for name in {*sum, *mean} if not table[name].type().is_integer()]
    added = [*floats, *(name for name in mean if name not in floats)]
    scales = find_scales(table, added) if has_rows(table) else {}
    keyed = table.mutate(**{name: _key(table[name]) for name in by})
    summaries = {
        f"{name}_{how}": _HOW[how](keyed[name], scales.get(name, 1.0))
        for how, names in asked.items()
        for name in names
    }
    groups = keyed.group_by(list(by)) if by else keyed
    grouped = groups.aggregate(count=keyed.count(), **summaries)
    return renumber(grouped, [grouped[name].asc(nulls_first=False) for name in by] or ["count"])


def _key(column: ibis.Value) -> ibis.Value:
    """What engines do not agree on as a key: NaN is null, -0.0 is 0.0."""
    if not column.type().is_floating():
        return column
    zero = ibis.ifelse(column == 0.0, ibis.literal("0").cast("float64"), column)
    return ibis.ifelse(column.isnan(), ibis.null("float64"), zero)


def _sum(column: Any, scale: float) -> ibis.Value:
    if column.type().is_integer():
        return as_int64(column.sum())
    return exact_sum(column, scale)


_HOW: dict[str, Callable[[Any, float], ibis.Value]] = {
    "sum": _sum,
    "mean": lambda column, scale: exact_sum(column, scale) / _key(column.cast("float64")).count(),
    "min": lambda column, _: _key(column).min(),
    "max": lambda column, _: _key(column).max(),
    "distinct": lambda column, _: _key(column).nunique(),
}


def _check_types(table: ibis.Table, asked: dict[str, Names]) -> None:
    for parameter in ("sum", "mean"):
        for name in asked[parameter]:
            type_ = table[name].type()
            if not type_.is_numeric() or type_.is_boolean():
                raise ComponentError(
                    say(
                        "Column {name!r} is of type {type}, which has no {parameter}.",
                        name=name,
                        type=type_,
                        parameter=parameter,
                    ),
                    hint="Take a column of numbers, or cast it before.",
                    parameter=parameter,
                    code="column.type",
                )


def _check_new_names(by: Names, asked: dict[str, Names]) -> None:
    new = ["count", *(f"{name}_{how}" for how, names in asked.items() for name in names)]
    taken = [name for name in new if name in by or name == ROW or new.count(name) > 1]
    if taken:
        raise ComponentError(
            say("The name {taken!r} would be given twice.", taken=taken[0]),
            hint="Rename the column before with select_columns.",
            parameter="by",
            code="column.exists",
        )
