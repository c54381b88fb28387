"""Split a table into two parts: at random, by stratum, by group or by time."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import ROW, check_columns
from ._rows import check_ordinal, key_text, random_order

_ORDER, _STRATUM, _LAST, _IS_TRAIN = "__order__", "__stratum__", "__last__", "__is_train__"


class SplitOutputs(NamedTuple):
    train: ibis.Table
    test: ibis.Table


@component(title="Split", category="Data preprocessing", version="1.0")
def split(
    table: ibis.Table,
    *,
    method: Annotated[
        Literal["random", "stratified", "group", "time"],
        Field(
            description="stratified: the same share of every value of a column. group: all rows "
            "of a value go together. time: the earliest rows are train."
        ),
    ] = "random",
    fraction: Annotated[
        float,
        Field(gt=0, lt=1, description="Share of the rows (group: of the groups) that is train."),
    ] = 0.8,
    stratify_by: Annotated[
        Column | None, Field(description="Column whose values are the strata; null is one of them.")
    ] = None,
    group_by: Annotated[
        Column | None, Field(description="Column whose values are the groups; null is one of them.")
    ] = None,
    time: Annotated[
        Column | None, Field(description="Column that says when a row happened.")
    ] = None,
    seed: Annotated[int, Field(ge=0, description="Another seed gives another split.")] = 0,
) -> SplitOutputs:
    """Split a table into train and test, with the same rows on every engine.

    Rows (or groups) are ordered by the MD5 of their ordinal (or value) and the seed, and the first
    ones, to the nearest whole number, are train. `stratified` does so within every value of
    `stratify_by`. `time` orders by the column: rows of one time are never parted, those without a
    time are test. Both parts keep the order of the input. A part may be split again with the
    same seed.

    Shapes: table (n, d) -> train (k, d), test (n - k, d); k = fraction * n, rounded; within each
            stratum for `stratified`; about that for `group` and `time`.
    Units:  fraction is a share of rows, 0 to 1.
    Errors: ComponentError where the table has no ordinal `__row__`, where a method lacks its
            column or names one that is not there or not of text, whole numbers or booleans (for
            time: of times, dates, numbers or texts).
    Source: PAI-Studio "Split" and "Stratified Sampling".
    """
    check_ordinal(table)
    order = random_order(table[ROW], seed)
    stratum: ibis.Value = ibis.literal("")
    if method == "stratified":
        stratum = key_text(table, _required(stratify_by, "stratify_by", method), "stratify_by")
    elif method == "group":
        group = key_text(table, _required(group_by, "group_by", method), "group_by")
        order = random_order(group, seed)
    elif method == "time":
        order = _time(table, _required(time, "time", method))
    marked = _mark_train(table, order, stratum, fraction, by_value=method == "group")
    return SplitOutputs(
        train=_select(marked, marked[_IS_TRAIN]), test=_select(marked, ~marked[_IS_TRAIN])
    )


def _required(column: str | None, parameter: str, method: str) -> str:
    if column is None:
        raise ComponentError(
            say("The method {method!r} needs a column.", method=method),
            hint=say("Set {parameter}, or choose the method random.", parameter=parameter),
            parameter=parameter,
            code="parameter.required",
        )
    return column


def _time(table: ibis.Table, column: str) -> ibis.Value:
    check_columns([column], table.columns, "time")
    type_ = table[column].type()
    if not (type_.is_temporal() or type_.is_numeric() or type_.is_string()):
        raise ComponentError(
            say(
                "Column {column!r} is of type {type}, which tells no time.",
                column=column,
                type=type_,
            ),
            hint="Take a column of times, dates, numbers, or texts that sort by time.",
            parameter="time",
            code="column.type",
        )
    return table[column]


def _select(marked: ibis.Table, kept: ibis.Value) -> ibis.Table:
    return marked.filter(kept).drop(_IS_TRAIN).order_by(ROW)


def _mark_train(
    table: ibis.Table, order: ibis.Value, stratum: ibis.Value, fraction: float, by_value: bool
) -> ibis.Table:
    """The table, and a column that says which rows are train.

    Only the order and the stratum are ranked, and the whole rows then just compared with the
    last order that is train: sorting whole rows would be many times slower.
    by_value: rows of the same order count as one.
    """
    keyed = table.mutate(**{_ORDER: order, _STRATUM: stratum})
    ranks = keyed.select(_STRATUM, _ORDER).filter(ibis._[_ORDER].notnull())
    if by_value:
        ranks = ranks.distinct()
    ranked = ranks.mutate(
        rank=ibis.row_number().over(group_by=_STRATUM, order_by=_ORDER),
        size=ranks.count().over(ibis.window(group_by=_STRATUM)),
    )
    share = ibis.literal(repr(fraction)).cast("float64")  # a decimal literal would be rounded
    train = ranked.filter(ranked["rank"] < (ranked["size"] * share + 0.5).floor())
    last = train.group_by(_STRATUM).aggregate(**{_LAST: train[_ORDER].max()})
    joined = keyed.left_join(last, _STRATUM)
    is_train = (joined[_ORDER] <= joined[_LAST]).fill_null(False)
    return joined.select(*table.columns, **{_IS_TRAIN: is_train})
