"""Give every row the number of a fold, for k-fold cross-validation."""

from __future__ import annotations

from typing import Annotated, Literal

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, component, say

from ._columns import ROW
from ._rows import as_int64, check_ordinal, key_text, random_order

_ORDER, _STRATUM = "__order__", "__stratum__"


@component(title="Add folds", category="Data preprocessing", version="1.0")
def add_folds(
    table: ibis.Table,
    *,
    folds: Annotated[int, Field(ge=2, le=1000, description="How many parts.")] = 5,
    method: Annotated[
        Literal["random", "stratified", "group"],
        Field(
            description="stratified: every value of a column in all folds alike. group: all rows "
            "of a value in one fold."
        ),
    ] = "random",
    by: Annotated[
        Column | None, Field(description="Column of the strata or groups; null is one of them.")
    ] = None,
    column: Annotated[str, Field(min_length=1, description="Name of the new column.")] = "fold",
    seed: Annotated[int, Field(ge=0, description="Another seed gives other folds.")] = 0,
) -> ibis.Table:
    """Deal all rows to folds 0 .. k - 1 in turn, in an order that the seed decides.

    Then `filter_rows` with `fold` = 0 parts the test rows of the first fold from its training
    rows, and so on. Folds have the same number of rows, give or take one (of groups for `group`;
    within each stratum for `stratified`), and the same rows on every engine.

    Shapes: table (n, d) -> table (n, d + 1).
    Units:  fold is a whole number, 0 to folds - 1.
    Errors: ComponentError where the table has no ordinal `__row__`, the new column is there
            already, or the method lacks its column or names one that makes no groups.
    Source: Kohavi 1995, "A study of cross-validation and bootstrap".
    """
    check_ordinal(table)
    if column in table.columns:
        raise ComponentError(
            say("There is a column {column!r} already.", column=column),
            hint="Take another name for the new column.",
            parameter="column",
            code="column.exists",
        )
    if method != "random" and by is None:
        raise ComponentError(
            say("The method {method!r} needs a column.", method=method),
            hint="Set by, or choose the method random.",
            parameter="by",
            code="parameter.required",
        )
    key = ibis.literal("") if by is None else key_text(table, by, "by")
    random = random_order(table[ROW] if method != "group" else key, seed)
    stratum = key if method == "stratified" else ibis.literal("")
    keyed = table.mutate(**{_ORDER: random, _STRATUM: stratum})
    place = ibis.dense_rank().over(group_by=_STRATUM, order_by=_ORDER)
    numbered = keyed.mutate(**{column: as_int64(place % folds)})
    return numbered.select(*table.columns, column).order_by(ROW)
