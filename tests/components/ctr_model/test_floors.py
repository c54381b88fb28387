"""Logistic regression and boosted trees: floors that are what their textbooks say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score

from components.ctr._trees import tree_columns
from components.ctr.embedding import embedding
from components.ctr.gbdt import gbdt
from components.ctr.linear import linear
from components.ctr.logistic_regression import logistic_regression
from components.ctr.predict import predict
from components.ctr.train import train
from studio.component import ComponentError, Examples, Model, context

from .builders import LABEL, part_of, planted, with_arrays

Array = np.ndarray[Any, np.dtype[Any]]

pytestmark = pytest.mark.slow

DATA = planted(600, [6, 5], numbers=1, pairs=0.0)
ROWS, HOLDOUT = part_of(DATA.examples, 0, 400), part_of(DATA.examples, 400, 600)


def cells(examples: Examples) -> Any:
    index, value = (np.asarray(examples.arrays[name]) for name in ("feat_index", "feat_value"))
    starts = np.arange(0, index.size + 1, index.shape[1])
    shape = (len(index), examples.document["feature_size"])
    return csr_array((value.reshape(-1), index.reshape(-1), starts), shape=shape)


@pytest.mark.parametrize("l2", [0.5, 5.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_logistic_regression_is_scikit_learns(l2: float, weighted: bool) -> None:
    weight = np.random.default_rng(0).uniform(0.5, 2, 600).astype(np.float32)
    examples = with_arrays(DATA.examples, weight=weight) if weighted else DATA.examples
    model = logistic_regression(examples, l2=l2)
    reference = LogisticRegression(C=1 / l2, tol=1e-10, max_iter=5000)
    importance = weight / weight.mean() if weighted else None
    reference.fit(cells(examples), examples.arrays["label"], sample_weight=importance)
    (weights,) = (array for name, array in model.arrays.items() if name.endswith("_weights"))
    assert weights == pytest.approx(reference.coef_[0], abs=1e-3)
    assert float(model.arrays["output_bias"]) == pytest.approx(reference.intercept_[0], abs=1e-3)
    score = predict(model, DATA.table)["prediction_score"].to_numpy()
    assert score == pytest.approx(reference.predict_proba(cells(examples))[:, 1], abs=1e-3)


def test_no_training_of_a_linear_block_is_better_on_its_own_rows() -> None:
    floor = logistic_regression(ROWS, l2=1e-3)
    base = embedding(DATA.feature_map)
    model = train(ROWS, [linear(base)], epochs=40, batch_size=50, learning_rate=0.05)
    label = np.asarray(ROWS.arrays["label"])
    losses = [
        log_loss(label, predict(one, DATA.table.slice(0, 400))["prediction_score"].to_numpy())
        for one in (floor, model)
    ]
    assert losses[0] < losses[1] < losses[0] + 0.02


def test_a_logistic_regression_that_stops_too_early_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logistic_regression(ROWS, max_iterations=2)
    assert "raise max_iterations" in caplog.text


def test_trees_find_what_two_fields_do_together() -> None:
    data = planted(4000, [4, 4], numbers=1, pairs=3.0, seed=3)
    rows, rest = part_of(data.examples, 0, 3000), data.table.slice(3000)
    label = rest[LABEL].to_numpy()
    areas = [
        roc_auc_score(label, predict(model, rest)["prediction_score"].to_numpy())
        for model in (logistic_regression(rows), gbdt(rows, trees=50))
    ]
    assert areas[0] + 0.03 < areas[1]


def test_trees_are_kept_up_to_the_best_log_loss() -> None:
    model = gbdt(ROWS, HOLDOUT, trees=300, learning_rate=0.3, early_stopping_patience=5)
    training = model.document["training"]
    curve = [one["validation_logloss"] for one in training["history"]]
    best = training["best_epoch"]
    assert curve[best - 1] == min(curve)
    assert len(curve) == best + 5
    score = predict(model, DATA.table.slice(400))["prediction_score"].to_numpy()
    found = log_loss(np.asarray(HOLDOUT.arrays["label"]), score)
    assert found == pytest.approx(curve[best - 1], abs=1e-5)


def test_the_same_seed_gives_the_same_trees(tmp_path: Path) -> None:
    first, second = gbdt(ROWS, trees=20), gbdt(ROWS, trees=20)
    assert np.array_equal(first.arrays["booster"], second.arrays["booster"])
    first.write(tmp_path)
    scores = [predict(one, DATA.table)["prediction_score"] for one in (first, Model.read(tmp_path))]
    assert scores[0].equals(scores[1])


def test_what_is_missing_is_missing_to_the_trees() -> None:
    fields = DATA.feature_map.document["fields"]
    index = np.array([[f["missing_index"] for f in fields], [1, fields[1]["unknown_index"], 12]])
    found = tree_columns(index, np.full((2, 3), 0.5), DATA.feature_map.document)
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0.5, 1.0, 12 - fields[2]["missing_index"]]


TREES: dict[str, tuple[Any, float]] = {
    "trees": (5, 0),
    "learning_rate": (0.5, 0),
    "leaves": (3, 0),
    "min_leaf_rows": (100, 0),
    "l2": (50.0, 0),
}


@pytest.mark.parametrize("parameter", TREES)
def test_a_parameter_changes_the_trees(parameter: str) -> None:
    value, _ = TREES[parameter]
    scores = [
        predict(gbdt(ROWS, **{"trees": 10, **more}), DATA.table)["prediction_score"].to_numpy()
        for more in ({}, {parameter: value})
    ]
    assert np.abs(scores[0] - scores[1]).max() > 1e-4


def test_a_patience_without_validation_is_refused() -> None:
    with pytest.raises(ComponentError, match="would do nothing") as refusal:
        gbdt(ROWS, early_stopping_patience=3)
    assert refusal.value.parameter == "early_stopping_patience"


def test_examples_of_two_feature_maps_are_refused() -> None:
    with pytest.raises(ComponentError, match="another feature map"):
        gbdt(ROWS, planted(60, [6, 5]).examples)


def test_trees_are_no_blocks() -> None:
    model = gbdt(ROWS, trees=3)
    base = embedding(DATA.feature_map)
    with pytest.raises(ComponentError, match="boosted trees"):
        train(ROWS, [linear(base)], model=model)
    with pytest.raises(ComponentError, match="boosted trees"):
        embedding(DATA.feature_map, model)


def test_curves_of_both_floors_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    monkeypatch.setattr(context, "_sink", told.append)
    logistic_regression(ROWS)
    gbdt(ROWS, HOLDOUT, trees=5)
    names = {name for one in told if one["type"] == "metrics" for name in one["values"]}
    assert names == {"loss", "validation_logloss"}


def test_the_warm_host_does_not_load_what_starts_threads() -> None:
    """Importing a component imports no LightGBM: the host forks at one thread only."""
    code = (
        "import sys, components.ctr.gbdt, components.ctr.predict, "
        "components.ctr.logistic_regression\n"
        "print(sorted({'lightgbm'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_floors_score_an_empty_table() -> None:
    empty = DATA.table.slice(0, 0)
    for model in (logistic_regression(ROWS), gbdt(ROWS, trees=3)):
        assert predict(model, empty)["prediction_score"].type == pa.float64()
