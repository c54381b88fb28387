"""Split a table into two parts, at random or by stratum."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component

from ._columns import ROW, check_columns

_ORDER, _STRATUM, _LAST, _IS_TRAIN = "__order__", "__stratum__", "__last__", "__is_train__"
_DIGITS = 16  # of the MD5: 64 bits tell rows apart, the rest would only be sorted


class SplitOutputs(NamedTuple):
    train: ibis.Table
    test: ibis.Table


@component(title="Split", category="Data preprocessing", version="1.0")
def split(
    table: ibis.Table,
    *,
    method: Annotated[
        Literal["random", "stratified"],
        Field(description="stratified: the same share of every value of a column."),
    ] = "random",
    fraction: Annotated[
        float, Field(gt=0, lt=1, description="Share of the rows that goes to train.")
    ] = 0.8,
    stratify_by: Annotated[
        Column | None, Field(description="Column whose values are the strata; null is one of them.")
    ] = None,
    seed: Annotated[int, Field(ge=0, description="Another seed gives another split.")] = 0,
) -> SplitOutputs:
    """Split a table at random into train and test, with the same rows on every engine.

    Rows are ordered by the MD5 of their ordinal and the seed, and the first ones, to the nearest
    whole number, are train. `stratified` does so within every value of `stratify_by`. Both
    parts keep the order of the input. A part may be split again with the same seed.

    Shapes: table (n, d) -> train (k, d), test (n - k, d); k = fraction * n, rounded; within each
            stratum for `stratified`.
    Units:  fraction is a share of rows, 0 to 1.
    Errors: ComponentError where the table has no ordinal `__row__`, where `stratified` lacks a
            column or names one that is not there or not of text, whole numbers or booleans.
    Source: PAI-Studio "Split" and "Stratified Sampling".
    """
    _check_ordinal(table)
    stratum = _stratum(table, stratify_by) if method == "stratified" else ibis.literal("")
    marked = _mark_train(table, stratum, fraction, seed)
    return SplitOutputs(
        train=_select(marked, marked[_IS_TRAIN]), test=_select(marked, ~marked[_IS_TRAIN])
    )


def _select(marked: ibis.Table, kept: ibis.Value) -> ibis.Table:
    return marked.filter(kept).drop(_IS_TRAIN).order_by(ROW)


def _check_ordinal(table: ibis.Table) -> None:
    if ROW not in table.columns:
        raise ComponentError(
            f"The table has no column {ROW!r}, the number of every row.",
            hint="read_table adds it; keep it in the nodes between, and split before aggregating.",
            code="column.missing",
        )


def _stratum(table: ibis.Table, column: str | None) -> ibis.Value:
    """A text that tells the strata apart; null, which joins with nothing, has one of its own."""
    if column is None:
        raise ComponentError(
            "A stratified split needs a column.",
            hint="Set stratify_by, usually to the label, or choose the method random.",
            parameter="stratify_by",
            code="parameter.required",
        )
    check_columns([column], table.columns, "stratify_by")
    value = table[column]
    if not (value.type().is_string() or value.type().is_integer() or value.type().is_boolean()):
        raise ComponentError(
            f"Column {column!r} is of type {value.type()}, which makes no strata.",
            hint="Take a column of text, whole numbers or booleans.",
            parameter="stratify_by",
            code="column.type",
        )
    return ibis.ifelse(value.isnull(), "", ibis.literal("=").concat(value.cast("string")))


def _mark_train(table: ibis.Table, stratum: ibis.Value, fraction: float, seed: int) -> ibis.Table:
    """The table, and a column that says which rows are train.

    Only the order and the stratum are ranked, and the whole rows then just compared with the
    last order that is train: sorting whole rows would be many times slower.
    """
    order = table[ROW].cast("string").concat(f":{seed}").hexdigest("md5").substr(0, _DIGITS)
    keyed = table.mutate(**{_ORDER: order, _STRATUM: stratum})
    within = ibis.window(group_by=_STRATUM)
    ranked = keyed.select(
        _STRATUM,
        _ORDER,
        rank=ibis.row_number().over(group_by=_STRATUM, order_by=_ORDER),
        size=keyed.count().over(within),
    )
    share = ibis.literal(repr(fraction)).cast("float64")  # a decimal literal would be rounded
    train = ranked.filter(ranked["rank"] < (ranked["size"] * share + 0.5).floor())
    last = train.group_by(_STRATUM).aggregate(**{_LAST: train[_ORDER].max()})
    joined = keyed.left_join(last, _STRATUM)
    is_train = (joined[_ORDER] <= joined[_LAST]).fill_null(False)
    return joined.select(*table.columns, **{_IS_TRAIN: is_train})
