"""Draw rows of a table at random, without replacement."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import ibis
from pydantic import Field

from studio.component import ComponentError, component

from ._columns import ROW
from ._rows import check_ordinal, random_order

_PLACE = "__place__"


class SampleOutputs(NamedTuple):
    sample: ibis.Table
    rest: ibis.Table


@component(title="Sample", category="Data preprocessing", version="1.0")
def sample(
    table: ibis.Table,
    *,
    rows: Annotated[
        int | None, Field(ge=0, description="How many rows, all if there are fewer.")
    ] = None,
    fraction: Annotated[
        float | None, Field(ge=0, le=1, description="Share of the rows, instead of their number.")
    ] = None,
    seed: Annotated[int, Field(ge=0, description="Another seed gives other rows.")] = 0,
) -> SampleOutputs:
    """Part a random sample, drawn without replacement, from the rest.

    Rows are ordered by the MD5 of their ordinal and the seed, and the first ones are taken: the
    same ones on every engine. Both parts keep the order of the input.

    Shapes: table (n, d) -> sample (k, d), rest (n - k, d); k = rows, or fraction * n, rounded.
    Units:  fraction is a share of rows, 0 to 1.
    Errors: ComponentError unless one of rows and fraction is set, or without ordinal `__row__`.
    Source: PAI-Studio "Random Sampling".
    """
    check_ordinal(table)
    if (rows is None) == (fraction is None):
        raise ComponentError(
            "Set either rows or fraction.",
            hint="Empty one of the two.",
            parameter="rows",
            code="parameter.required",
        )
    place = ibis.row_number().over(order_by=random_order(table[ROW], seed))
    marked = table.mutate(**{_PLACE: place})
    limit: ibis.Value = ibis.literal(rows)
    if fraction is not None:
        share = ibis.literal(repr(fraction)).cast("float64")
        limit = (table.count().as_scalar() * share + 0.5).floor()
    first = marked[_PLACE] < limit
    return SampleOutputs(
        sample=marked.filter(first).drop(_PLACE).order_by(ROW),
        rest=marked.filter(~first).drop(_PLACE).order_by(ROW),
    )
