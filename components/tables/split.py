"""Split a table into two parts, at random or by stratum."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import ibis
from pydantic import Field

from studio.component import ComponentError, component

from ._columns import ROW, check_columns

_HASH, _BUCKET, _STRATUM = "__hash__", "__bucket__", "__stratum__"


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
        str | None, Field(description="Column whose values are the strata; null is one of them.")
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
    check_columns([ROW], table.columns, "table")
    stratum = _stratum(table, stratify_by) if method == "stratified" else ibis.literal("")
    train = _rank(table, stratum, fraction, seed)
    return SplitOutputs(
        train=_part(table, train, keep=True), test=_part(table, train, keep=False)
    )
