"""How often the same key came in a stretch of time before each row."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from pydantic import Field

from studio.component import ComponentError, component


@component(title="Time-window counts", category="Features")
def time_window_counts(
    table: Annotated[pl.DataFrame, "One row an event."],
    *,
    key: Annotated[
        str, Field(description="Column that is counted by, such as a user.")
    ] = "category",
    time: Annotated[str, Field(description="Column of times.")] = "time",
    hours: Annotated[
        list[Annotated[float, Field(gt=0)]],
        Field(min_length=1, description="Lengths of the windows, one column each."),
    ] = [1.0, 24.0],
) -> pl.DataFrame:
    """Add `<key>_last_<hours>h`: rows with the same key in the hours before, this one not counted.

    Rows at the very same time are not counted either: they may be this one's future.

    Shapes: table (n, d) -> table (n, d + windows), rows in their order.
    Units:  hours.
    Errors: ComponentError when a column is not there, or `time` holds no times.
    """
    for name in (key, time):
        if name not in table.columns:
            raise ComponentError(f"There is no column {name!r}.")
    if not table.schema[time].is_temporal():
        raise ComponentError(f"Column {time!r} holds no times.", parameter="time")
    events = table.select(key, pl.col(time).cast(pl.Datetime("us")), row=pl.int_range(pl.len()))
    counts = table
    for length in hours:
        name = f"{key}_last_{length:g}h"
        counts = counts.with_columns(_count(events, key, time, length).alias(name))
    return counts


def _count(events: pl.DataFrame, key: str, time: str, hours: float) -> pl.Series:
    """Events of a key before a moment, less those before the window's begin."""
    begin = events.with_columns(pl.col(time) - pl.duration(microseconds=round(hours * 3.6e9)))
    return _before(events, events, key, time) - _before(events, begin, key, time)


def _before(events: pl.DataFrame, moments: pl.DataFrame, key: str, time: str) -> pl.Series:
    """For each moment, in the order of rows, how many events of its key came strictly before."""
    ranks = (
        events.group_by(key, time)
        .len()
        .sort(key, time)
        .with_columns(upto=pl.col("len").cum_sum().over(key))
        .select(key, pl.col(time).alias("_event"), "upto")
        .sort("_event")
    )
    found = moments.sort(time).join_asof(
        ranks, left_on=time, right_on="_event", by=key, allow_exact_matches=False
    )
    return found.sort("row")["upto"].fill_null(0).cast(pl.Int64)
