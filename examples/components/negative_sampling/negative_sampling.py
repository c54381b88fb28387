"""Pairs that did not happen, beside those that did."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from studio.component import ComponentError, component


@component(title="Negative sampling", category="Data preprocessing")
def negative_sampling(
    table: Annotated[pd.DataFrame, "Pairs that happened, one a row."],
    *,
    user: Annotated[str, Field(description="Column of users.")] = "category",
    item: Annotated[str, Field(description="Column of items.")] = "id",
    negatives: Annotated[int, Field(ge=1, le=1000, description="For each pair that happened.")] = 4,
    power: Annotated[
        float, Field(ge=0, le=1, description="0: items alike; 1: by how often they come.")
    ] = 0.75,
    seed: Annotated[int, Field(ge=0, description="Of the random choices.")] = 0,
) -> pd.DataFrame:
    """Add pairs of the same user and an item that the user is not seen with, labelled 0.

    An item is drawn in proportion to count ** power; one that the user has is drawn again, ten
    times at most, and then left out.

    Shapes: table (n, d) -> table (n to n (1 + negatives), 3): user, item, label.
    Units:  negatives in pairs a row.
    Errors: ComponentError when a column is not there or holds missing values.
    Source: Mikolov et al. 2013, "Distributed Representations of Words and Phrases".
    """
    for name in (user, item):
        if name not in table or table[name].isna().any():
            raise ComponentError(f"Column {name!r} is not there, or has missing values.")
    pairs = table[[user, item]].reset_index(drop=True)
    counts = pairs[item].value_counts(sort=False).sort_index()
    made = _draw(pairs, counts, user, item, negatives, power, np.random.default_rng(seed))
    return pd.concat([pairs.assign(label=1), made.assign(label=0)], ignore_index=True)


def _draw(
    pairs: pd.DataFrame,
    counts: pd.Series,
    user: str,
    item: str,
    negatives: int,
    power: float,
    random: np.random.Generator,
) -> pd.DataFrame:
    if pairs.empty:
        return pairs
    weights = counts.to_numpy(float) ** power
    users = pairs[user].repeat(negatives).reset_index(drop=True)
    known = pd.MultiIndex.from_frame(pairs)
    drawn = pd.DataFrame({user: users, item: _items(counts, weights, len(users), random)})
    for _ in range(10):
        seen = pd.MultiIndex.from_frame(drawn).isin(known)
        if not seen.any():
            break
        drawn.loc[seen, item] = _items(counts, weights, int(seen.sum()), random)
    return drawn[~pd.MultiIndex.from_frame(drawn).isin(known)]


def _items(
    counts: pd.Series, weights: np.ndarray, size: int, random: np.random.Generator
) -> np.ndarray:
    return random.choice(counts.index.to_numpy(), size, p=weights / weights.sum())
