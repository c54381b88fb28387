"""Logistic regression, a tuned DeepFM and the article's own settings on folds of Porto Seguro.

`python -m benchmarks.porto [TRAIN.csv]`: five stratified folds. Whatever is tuned is tuned inside
the four other folds: a fifth of them validates, the settings with the best validation log-loss
(mean of two seeds) are taken, and the scores of the two seeds are averaged. The fold itself is
scored once. `missing_values` says that -1 means missing; the article multiplies it as a number.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from benchmarks.accuracy import NORMAL_975, Array, Prepared, prepare, score
from components.ctr._deepfm_params import ARTICLE, read_settings
from components.ctr._probability import base_rate_logloss, logloss
from components.ctr._ranking import auc, auc_difference, auc_interval
from components.ctr.dnn import dnn
from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.logistic_regression import logistic_regression
from components.ctr.train import train
from studio.component import Model

DATA = Path(__file__).parents[2] / "shared/data/porto_seguro/train.csv"
LABEL = "target"
NUMERIC = [
    *("ps_reg_01", "ps_reg_02", "ps_reg_03"),
    *("ps_car_12", "ps_car_13", "ps_car_14", "ps_car_15"),
]
FOLDS = 5
SEEDS = (0, 1)
Fit = Callable[[Prepared, int], Model]


def folds(label: Array, count: int, seed: int) -> Array:
    """A fold for every row, each with its share of both classes."""
    random, fold = np.random.default_rng(seed), np.empty(len(label), int)
    for one in (0, 1):
        rows = random.permutation(np.flatnonzero(label == one))
        fold[rows] = np.arange(len(rows)) % count
    return fold


def prepared_fold(table: pa.Table, fold: Array, number: int, **options: Any) -> Prepared:
    rest = table.filter(pa.array(fold != number))
    inner = folds(rest[LABEL].to_numpy(), FOLDS, seed=number + 1)
    parts = [rest.filter(pa.array(inner != 0)), rest.filter(pa.array(inner == 0))]
    parts.append(table.filter(pa.array(fold == number)))
    ignore = [name for name in table.column_names if name == "id" or "_calc_" in name]
    return prepare(parts, LABEL, numeric=NUMERIC, ignore=ignore, **options)


def regressions() -> Mapping[str, Fit]:
    def with_penalty(l2: float) -> Fit:
        return lambda prepared, seed: logistic_regression(prepared.train, l2=l2)

    return {f"l2 {l2:g}": with_penalty(l2) for l2 in (3.0, 10.0, 30.0, 100.0)}


def deepfms() -> Mapping[str, Fit]:
    """Small networks with strong penalties: there are 240 positive rows to learn from."""

    def with_settings(units: list[int], l2: float) -> Fit:
        def fit(prepared: Prepared, seed: int) -> Model:
            base = embedding(prepared.feature_map, dimension=4, initial_stdev=0.01, l2=l2)
            deep = dnn(base, hidden_units=units, dropout=[0.0] + [0.5] * len(units), l2=l2)
            return train(
                prepared.train,
                [linear(base, l2=l2), fm(base), deep],
                prepared.validation,
                epochs=40,
                batch_size=256,
                learning_rate=0.002,
                eval_metric="logloss",
                early_stopping_patience=5,
                seed=seed,
            )

        return fit

    return {
        f"units {units}, l2 {l2:g}": with_settings(units, l2)
        for units in ([16], [32, 32])
        for l2 in (0.003, 0.03)
    }


def article(prepared: Prepared, seed: int) -> Model:
    """The article's own settings, every one of them."""
    nodes: dict[str, dict[str, Any]] = {"embedding": {}, "linear": {}, "fm": {}, "dnn": {}}
    nodes["train"] = {"combine": "projection", "early_stopping_patience": 30}
    for one in read_settings(ARTICLE):
        if one.node is not None and one.parameter is not None:
            nodes[one.node][one.parameter] = one.value
    nodes["train"]["seed"] = seed + nodes["train"]["seed"]
    base = embedding(prepared.feature_map, initial_stdev=0.01, **nodes["embedding"])
    logits = [linear(base, **nodes["linear"]), fm(base, **nodes["fm"]), dnn(base, **nodes["dnn"])]
    return train(prepared.train, logits, prepared.validation, **nodes["train"])


def tuned(prepared: Prepared, candidates: Mapping[str, Fit], rows: pa.Table) -> tuple[str, Array]:
    """The settings that validate best, and the mean of their seeds' test scores."""
    label = rows[LABEL].to_numpy().astype(np.float64)
    best: tuple[float, str, Array] | None = None
    for name, fit in candidates.items():
        found = [fit(prepared, seed) for seed in SEEDS]
        loss = float(np.mean([logloss(label, score(model, rows)) for model in found]))
        if best is None or loss < best[0]:
            test = np.mean([score(model, prepared.test) for model in found], axis=0)
            best = (loss, name, test)
    assert best is not None
    return best[1], best[2]


def run(path: Path) -> dict[str, list[Array]]:
    """Labels and scores of every fold, by model."""
    table = pyarrow.csv.read_csv(path)
    fold = folds(table[LABEL].to_numpy(), FOLDS, seed=0)
    found: dict[str, list[Array]] = {"label": [], "LR": [], "DeepFM": [], "article": []}
    for number in range(FOLDS):
        clean = {"missing_values": [-1], "min_count": 5}
        prepared = prepared_fold(table, fold, number, **clean)
        validation = _validation_rows(table, fold, number)
        found["label"].append(prepared.label)
        for name, candidates in (("LR", regressions()), ("DeepFM", deepfms())):
            chosen, scores = tuned(prepared, candidates, validation)
            found[name].append(scores)
            print(
                f"fold {number} {name}: {auc(prepared.label, scores):.4f} with {chosen}", flush=True
            )
        as_written = prepared_fold(table, fold, number, numeric_transform="raw")
        found["article"].append(score(article(as_written, 0), as_written.test))
        print(f"fold {number} article: {auc(prepared.label, found['article'][-1]):.4f}", flush=True)
    return found


def _validation_rows(table: pa.Table, fold: Array, number: int) -> pa.Table:
    rest = table.filter(pa.array(fold != number))
    inner = folds(rest[LABEL].to_numpy(), FOLDS, seed=number + 1)
    return rest.filter(pa.array(inner == 0))


def paired(labels: list[Array], first: list[Array], second: list[Array]) -> tuple[float, float]:
    """Mean over the folds of AUC differences, and half of its 95 % interval."""
    found = [auc_difference(*three) for three in zip(labels, first, second, strict=True)]
    error = sum(one[1] ** 2 for one in found) ** 0.5 / len(found)
    return float(np.mean([one[0] for one in found])), NORMAL_975 * error


def main() -> None:
    found = run(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
    labels = found.pop("label")
    for name, scores in found.items():
        areas = [auc_interval(label, one) for label, one in zip(labels, scores, strict=True)]
        error = sum(one.standard_error**2 for one in areas) ** 0.5 / len(areas)
        every, given = np.concatenate(labels), np.concatenate(scores)
        entropy = logloss(every, given) / base_rate_logloss(every)
        mean = np.mean([one.auc for one in areas])
        print(
            f"{name:<8}AUC {mean:.4f} ± {NORMAL_975 * error:.4f}, normalised entropy {entropy:.4f}"
        )
    for name in ("DeepFM", "article"):
        difference, margin = paired(labels, found["LR"], found[name])
        print(f"{name} - LR: {difference:+.4f} ± {margin:.4f}")


if __name__ == "__main__":
    main()
