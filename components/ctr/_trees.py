"""Boosted trees of LightGBM: what they see of examples, and the text that a model is kept as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import Model, context

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

BOOSTER = "booster"


def tree_columns(index: Array, value: Array, feature_map: Mapping[str, Any]) -> Array:
    """A column a field, float32 (n, F): numbers and buckets as they are ordered, codes of texts.

    What is missing is NaN; a value that is not known has a code of its own.
    """
    columns = np.empty(index.shape, np.float32)
    for place, field in enumerate(feature_map["fields"]):
        missing = index[:, place] == field["missing_index"]
        if field["type"] == "numeric":
            column = value[:, place]
        else:
            column = (index[:, place] - field["missing_index"]).astype(np.float32)
        columns[:, place] = np.where(missing, np.nan, column)
    return columns


def categories(feature_map: Mapping[str, Any]) -> list[int]:
    """Places of the fields whose codes have no order."""
    return list(_unordered(feature_map))


def score_trees(model: Model, index: Array, value: Array) -> Array:
    """Probability of the positive class, float64 (n,)."""
    import lightgbm  # starts threads: never in the warm host

    if not len(index):
        return np.empty(0)
    text = np.asarray(model.arrays[BOOSTER]).tobytes().decode()
    booster = lightgbm.Booster(model_str=text)
    columns = tree_columns(index, value, model.document["feature_map"])
    score = booster.predict(columns, num_threads=context.threads)
    return np.asarray(score, np.float64)


def _unordered(feature_map: Mapping[str, Any]) -> Iterator[int]:
    for place, field in enumerate(feature_map["fields"]):
        if field["type"] not in ("numeric", "bucket"):
            yield place
