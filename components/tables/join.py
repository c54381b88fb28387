"""Join two tables on equal values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import ROW, check_columns
from ._rows import has_rows, renumber

_LEFT, _RIGHT = "__left__", "__right__"


@component(title="Join", category="Data preprocessing", version="1.0")
def join(
    left: ibis.Table,
    right: ibis.Table,
    *,
    on: Annotated[
        Sequence[Column],
        Field(
            min_length=1,
            description="Columns that must be equal.",
            json_schema_extra={"port": "left"},
        ),
    ],
    right_on: Annotated[
        Sequence[Column] | None,
        Field(
            description="Their names in the right table; empty for the same.",
            json_schema_extra={"port": "right"},
        ),
    ] = None,
    how: Annotated[
        Literal["inner", "left", "outer"],
        Field(description="left: all rows of the left table. outer: all rows of both."),
    ] = "inner",
    suffix: Annotated[
        str, Field(min_length=1, description="Added to names of the right that are in the left.")
    ] = "_right",
    max_rows: Annotated[
        int, Field(ge=1, description="A result of more rows is refused before it is made.")
    ] = 100_000_000,
) -> ibis.Table:
    """Put rows side by side whose values are equal; a missing value equals nothing.

    Rows come in the order of the left table, then of the right, and get new ordinals. How many
    there will be is counted first, from the values alone.

    Shapes: left (n, d), right (m, e) -> table (k, d + e - keys); k from 0 to n * m.
    Units:  none.
    Errors: ComponentError for columns that are not there or of other types, a name twice, no row
            that matches (inner), or more than max_rows.
    Source: PAI-Studio "JOIN".
    """
    pairs = _pairs(left, right, on, right_on or on)
    if has_rows(left):
        _check_size(left, right, pairs, how, max_rows)
    renamed = _rename(left, right, [name for _, name in pairs], suffix)
    ordered = left.rename({_LEFT: ROW}) if ROW in left.columns else left
    kinds: dict[str, Any] = {"inner": "inner", "left": "left", "outer": "outer"}
    keys = {f"__key_{i}__": name for i, (_, name) in enumerate(pairs)}
    keyed = renamed.rename(keys)
    predicates = [ordered[one] == keyed[key] for (one, _), key in zip(pairs, keys, strict=True)]
    joined = ordered.join(keyed, predicates, how=kinds[how])
    filled = {
        one: joined[one].fill_null(joined[key])
        for (one, _), key in zip(pairs, keys, strict=True)
        if how == "outer"
    }
    result = joined.mutate(**filled).drop(*keys)
    order = [name for name in (_LEFT, _RIGHT) if name in result.columns]
    places = [result[name].asc(nulls_first=False) for name in order]
    return renumber(result, places or [result[name] for name in result.columns]).drop(*order)


def _pairs(
    left: ibis.Table, right: ibis.Table, on: Sequence[str], right_on: Sequence[str]
) -> list[tuple[str, str]]:
    check_columns(on, left.columns, "on")
    check_columns(right_on, right.columns, "right_on")
    if len(on) != len(right_on):
        raise _refuse(
            say("{count} columns against {count2}.", count=len(on), count2=len(right_on)),
            "right_on",
            "join.columns",
        )
    for one, other in zip(on, right_on, strict=True):
        types = (left[one].type(), right[other].type())
        if types[0].copy(nullable=True) != types[1].copy(nullable=True):
            if all(type_.is_integer() for type_ in types):
                continue
            raise _refuse(
                say(
                    "{one!r} is of type {types}, {other!r} of the right of {types2}.",
                    one=one,
                    types=types[0],
                    other=other,
                    types2=types[1],
                ),
                "on",
                "column.type",
            )
    return list(zip(on, right_on, strict=True))


def _rename(left: ibis.Table, right: ibis.Table, keys: list[str], suffix: str) -> ibis.Table:
    """The right table with names that the left one does not have."""
    new = {}
    for name in right.columns:
        if name == ROW:
            new[_RIGHT] = name
        elif name in left.columns and name not in keys:
            new[name + suffix] = name
    clash = [name for name in new if name in left.columns or name in right.columns]
    if clash:
        raise _refuse(
            say("There is a column {clash!r} already.", clash=clash[0]), "suffix", "column.exists"
        )
    return right.rename(new)


def _check_size(
    left: ibis.Table, right: ibis.Table, pairs: list[tuple[str, str]], how: str, limit: int
) -> None:
    """Count the rows of the result by the counts of the keys on both sides."""
    names = [f"k{i}" for i in range(len(pairs))]
    sides = [
        table.select(**dict(zip(names, [table[name] for name in keys], strict=True)))
        .filter([ibis._[name].notnull() for name in names])
        .group_by(names)
        .aggregate(**{count: ibis._.count()})
        for table, keys, count in (
            (left, [one for one, _ in pairs], "n"),
            (right, [other for _, other in pairs], "m"),
        )
    ]
    both = sides[0].join(sides[1], names)
    product = both["n"].cast("float64") * both["m"].cast("float64")
    rows = both.aggregate(rows=product.sum().fill_null(0.0)).to_pyarrow()["rows"][0].as_py()
    if rows > limit:
        sizes = [table.count().to_pyarrow().as_py() for table in (left, right)]
        raise ComponentError(
            say(
                "The join would give {rows:,.0f} rows, from {sizes:,} and {sizes2:,}.",
                rows=rows,
                sizes=sizes[0],
                sizes2=sizes[1],
            ),
            hint="Are the values of the columns unique in one of the tables? Else raise max_rows.",
            parameter="max_rows",
            code="join.too_many_rows",
        )
    if rows == 0 and how == "inner":
        raise ComponentError(
            say(
                "No row of the left table matches one of the right on {pairs}.",
                pairs=", ".join(map(repr, pairs)),
            ),
            hint="Look at the values of the columns in both tables, or join with how = left.",
            parameter="on",
            code="data.no_rows",
        )


def _refuse(message: str, parameter: str, code: str) -> ComponentError:
    return ComponentError(
        message,
        hint="Name columns of the same type, and a suffix that makes names new.",
        parameter=parameter,
        code=code,
    )
