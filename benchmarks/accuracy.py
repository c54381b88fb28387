"""What the benchmarks of accuracy share: encoded rows, trainings, and comparisons in pairs."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from components.ctr._ranking import auc_difference, auc_interval
from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.encode import encode
from components.ctr.feature_map import feature_map
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.predict import predict
from components.ctr.train import train
from studio.component import Embedding, Examples, FeatureMap, Logit, Model, context

Array = np.ndarray[Any, np.dtype[Any]]
NORMAL_975 = 1.959963984540054

context.threads = len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Prepared:
    """One split of a table: encoded with a feature map of its training rows alone."""

    feature_map: FeatureMap
    train: Examples
    validation: Examples
    test: pa.Table
    label: Array


def prepare(parts: Sequence[pa.Table], label: str, **options: Any) -> Prepared:
    """From the parts to train on, to validate on and to test on."""
    train, validation, test = parts
    mapping = fit_feature_map(train, label=label, **options)
    return Prepared(
        mapping,
        encode(train, mapping),
        encode(validation, mapping),
        test,
        test[label].to_numpy().astype(np.float64),
    )


def fit_feature_map(table: pa.Table, **options: Any) -> FeatureMap:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        pq.write_table(table, path)
        return feature_map(ibis.duckdb.connect().read_parquet(path), **options)


def split(table: pa.Table, ends: Sequence[int], seed: int) -> list[pa.Table]:
    """Parts of random rows, up to each end."""
    order = np.random.default_rng(seed).permutation(len(table))
    begins = [0, *ends[:-1]]
    return [
        table.take(np.sort(order[first:last])) for first, last in zip(begins, ends, strict=True)
    ]


def models(base: Embedding, hidden_units: Sequence[int]) -> Mapping[str, Callable[[], list[Logit]]]:
    """The models of the comparison, all on one embedding."""

    def deep() -> Logit:
        return dnn(base, hidden_units=list(hidden_units))

    return {
        "LR": lambda: [linear(base)],
        "FM": lambda: [linear(base), fm(base)],
        "DNN": lambda: [deep()],
        "DeepFM": lambda: [linear(base), fm(base), deep()],
    }


def fit(
    prepared: Prepared, name: str, base: dict[str, Any], deep: Sequence[int], **how: Any
) -> Model:
    described = embedding(prepared.feature_map, **base)
    return train(prepared.train, models(described, deep)[name](), prepared.validation, **how)


def score(model: Model, table: pa.Table) -> Array:
    found: Array = predict(model, table, keep=[])["prediction_score"].to_numpy()
    return found


def area(label: Array, scores: Array) -> str:
    found = auc_interval(label, scores)
    return f"{found.auc:.5f} ± {NORMAL_975 * found.standard_error:.5f}"


def differences(
    label: Array, scores: Mapping[str, Array]
) -> dict[tuple[str, str], tuple[float, float]]:
    """AUC of the second less that of the first, and half of its 95 % interval, for every pair."""
    found = {}
    for first, second in itertools.combinations(scores, 2):
        difference, error = auc_difference(label, scores[first], scores[second])
        found[first, second] = (difference, NORMAL_975 * error)
    return found
