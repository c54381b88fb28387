"""The forms of rows and statistics of tables in answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from studio.server.artifact_models import Column


class TablePage(BaseModel):
    """`rows[i][j]` is column j of row `offset` + i; fewer than asked for where they are wide.

    `total` counts the rows that pass the filters, on all pages.
    """

    columns: list[Column]
    rows: list[list[Any]]
    offset: int
    total: int


class Bin(BaseModel):
    """How many values lie from `from`, included, to `to`; the last bin has both its ends."""

    from_: float = Field(alias="from")
    to: float
    count: int


class ValueCount(BaseModel):
    value: Any
    count: int


class ColumnStatistics(Column):
    """What a column holds; null where a number makes no sense for its type."""

    nulls: int
    distinct: int | None
    min: Any
    max: Any
    mean: float | None
    std: float | None
    bins: list[Bin] | None
    top: list[ValueCount] | None


class TableStatistics(BaseModel):
    """`sample`: how many rows bins and top values are of; null: all of them."""

    rows: int
    sample: int | None
    columns: list[ColumnStatistics]
