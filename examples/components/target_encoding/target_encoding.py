"""Categories as the share of positives among them, without a row seeing its own label."""

from __future__ import annotations

import hashlib
from typing import Annotated

import pandas as pd
from pydantic import Field

from studio.component import ComponentError, component


@component(title="Target encoding", category="Features")
def target_encoding(
    table: Annotated[pd.DataFrame, "Rows with a label."],
    *,
    columns: Annotated[list[str], Field(min_length=1, description="Columns to encode.")] = [
        "category"
    ],
    label: Annotated[str, Field(description="Column of 0 and 1.")] = "label",
    folds: Annotated[
        int, Field(ge=2, le=100, description="Parts that do not see one another.")
    ] = 5,
    smoothing: Annotated[
        float, Field(ge=0, description="Rows that the mean of all weighs.")
    ] = 20.0,
    seed: Annotated[int, Field(ge=0, description="Decides which row is in which part.")] = 0,
) -> pd.DataFrame:
    """Add `<column>_target` for each column: the smoothed mean label of the other parts.

    A category of n rows with mean m becomes (n m + smoothing M) / (n + smoothing), M being the
    mean of all; a row's own part is left out, so that its label does not leak into its features.

    Shapes: table (n, d) -> table (n, d + columns).
    Units:  smoothing in rows.
    Errors: ComponentError when a column is not there.
    Source: Micci-Barreca 2001, "A Preprocessing Scheme for High-Cardinality Categorical
            Attributes".
    """
    for name in (*columns, label):
        if name not in table:
            raise ComponentError(f"There is no column {name!r}.", parameter="columns")
    part = pd.Series([_part(row, seed, folds) for row in range(len(table))], table.index, int)
    result = table.copy()
    for name in columns:
        encoded = pd.Series(0.0, table.index)
        for number in range(folds):
            inside, outside = table[part == number], table[part != number]
            encoded[inside.index] = _encode(inside[name], outside[name], outside[label], smoothing)
        result[f"{name}_target"] = encoded.astype(float)
    return result


def _part(row: int, seed: int, folds: int) -> int:
    return int(hashlib.md5(f"{row}:{seed}".encode()).hexdigest()[:8], 16) % folds


def _encode(values: pd.Series, seen: pd.Series, labels: pd.Series, smoothing: float) -> pd.Series:
    mean = float(labels.mean()) if len(labels) else 0.0
    groups = labels.groupby(seen)
    share = (groups.sum() + smoothing * mean) / (groups.count() + smoothing)
    return values.map(share).astype(float).fillna(mean)
