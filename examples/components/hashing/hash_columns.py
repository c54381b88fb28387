"""Values of any number of kinds, in a fixed number of buckets."""

from __future__ import annotations

from typing import Annotated

import ibis
from pydantic import Field

from studio.component import ComponentError, component


@component(title="Hash columns", category="Features")
def hash_columns(
    table: Annotated[ibis.Table, "Rows with columns of words or numbers."],
    *,
    columns: Annotated[list[str], Field(min_length=1, description="Columns to hash.")] = [
        "category"
    ],
    buckets: Annotated[int, Field(ge=2, le=1 << 24, description="Values that come out.")] = 1024,
    salt: Annotated[str, Field(description="Another salt, another spreading.")] = "",
) -> ibis.Table:
    """Add `<column>_hash`: the first eight digits of md5(salt, column, value), modulo the buckets.

    The same on DuckDB and on Spark. A missing value is missing afterwards.

    Shapes: table (n, d) -> table (n, d + columns).
    Units:  buckets, counted from 0.
    Errors: ComponentError when a column is not there.
    Source: Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning".
    """
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise ComponentError(f"There is no column {missing[0]!r}.", parameter="columns")
    return table.mutate(
        **{f"{name}_hash": _bucket(table[name], f"{salt}:{name}:", buckets) for name in columns}
    )


def _bucket(value: ibis.Value, prefix: str, buckets: int) -> ibis.Value:
    """Of eight hexadecimal digits the number, one digit after another: both engines can."""
    digits = (ibis.literal(prefix) + value.cast("string")).hexdigest("md5")
    number = ibis.literal(0).cast("int64")
    for place in range(8):
        digit = ibis.literal("0123456789abcdef").find(digits.substr(place, 1))
        number = number * 16 + digit.cast("int64")
    return number % buckets
