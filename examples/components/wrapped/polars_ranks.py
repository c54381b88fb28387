"""An expression of Polars, as it is."""

import polars as pl

from studio.component import component


@component(title="Rank in group (Polars)", category="Features")
def polars_ranks(
    table: pl.DataFrame, *, column: str = "amount", group: str = "category"
) -> pl.DataFrame:
    """Add the rank of column within its group.

    Shapes: table (n, d) -> table (n, d + 1).
    Errors: those of Polars.
    """
    rank = pl.col(column).rank("dense").over(group).cast(pl.Int64)
    return table.with_columns(rank.alias(f"{column}_rank"))
