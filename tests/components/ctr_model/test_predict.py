"""Raw rows in, scores out: the same numbers every time, beside the columns to keep."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from components.ctr.predict import predict
from studio.component import ComponentError, Model

from .builders import LABEL, deepfm, planted, quick_model, random_weights
from .reference import probabilities

pytestmark = pytest.mark.slow

DATA = planted(80, [5, 4], numbers=1)
RESULTS = ["prediction_result", "prediction_score", "prediction_detail"]


@pytest.fixture(scope="module", params=["sum", "projection"])
def model(request: pytest.FixtureRequest) -> Model:
    trained = quick_model(
        DATA,
        lambda base: deepfm(base, batch_norm=True, dropout=[0.3, 0.3, 0.3]),
        combine=request.param,
    )
    return random_weights(trained, seed=3)


def test_scores_of_a_table_equal_a_second_implementation(model: Model) -> None:
    arrays = DATA.examples.arrays
    expected = probabilities(model, arrays["feat_index"], arrays["feat_value"])
    found = predict(model, DATA.table)["prediction_score"].to_numpy()
    assert found == pytest.approx(expected, abs=1e-5)
    assert np.ptp(found) > 0.05


def test_predicting_twice_gives_the_same_table(model: Model, tmp_path: Path) -> None:
    once = predict(model, DATA.table)
    model.write(tmp_path)
    again = predict(Model.read(tmp_path), DATA.table)
    assert once.equals(again)


def test_the_result_is_1_from_one_half_up_and_the_detail_has_both_shares(model: Model) -> None:
    scored = predict(model, DATA.table)
    score = scored["prediction_score"].to_numpy()
    assert scored["prediction_result"].to_pylist() == (score >= 0.5).astype(int).tolist()
    assert scored["prediction_result"].type == pa.int64()
    for detail, one in zip(scored["prediction_detail"].to_pylist(), score, strict=True):
        assert json.loads(str(detail)) == pytest.approx({"0": 1 - one, "1": one}, abs=1e-15)


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (None, ["x0", "c0", "c1", LABEL]),
        ([], []),
        ([LABEL, "c0"], ["c0", LABEL]),
    ],
)
def test_columns_are_kept_as_asked_and_scores_follow(
    model: Model, keep: list[str] | None, kept: list[str]
) -> None:
    scored = predict(model, DATA.table, keep=keep)
    assert scored.column_names == kept + RESULTS
    for name in kept:
        assert scored[name].equals(DATA.table[name])


def test_the_ordinal_of_the_rows_is_always_kept(model: Model) -> None:
    table = DATA.table.append_column("__row__", pa.array(np.arange(80)))
    assert predict(model, table, keep=[]).column_names == ["__row__", *RESULTS]


def test_a_table_without_label_is_scored_the_same(model: Model) -> None:
    scored = predict(model, DATA.table.drop_columns([LABEL]))
    assert scored["prediction_score"].equals(predict(model, DATA.table)["prediction_score"])


def test_scoring_a_scored_table_replaces_its_scores(model: Model) -> None:
    once = predict(model, DATA.table)
    assert predict(model, once).equals(once)


def test_no_rows_give_no_scores(model: Model) -> None:
    scored = predict(model, DATA.table.slice(0, 0))
    assert scored.num_rows == 0
    assert scored.column_names == ["x0", "c0", "c1", LABEL, *RESULTS]


def test_values_not_seen_in_training_are_scored(model: Model) -> None:
    table = pa.table({"x0": [None, 0.5], "c0": ["new", None], "c1": ["v1", "v2"]})
    assert np.isfinite(predict(model, table)["prediction_score"].to_numpy()).all()


@pytest.mark.parametrize(
    ("keep", "message", "hint"),
    [
        (["clickd"], "no column 'clickd'", "Did you mean 'clicked'?"),
        (["prediction_score"], "column that this step writes", "Rename"),
    ],
)
def test_a_column_that_cannot_be_kept_is_refused(
    model: Model, keep: list[str], message: str, hint: Any
) -> None:
    with pytest.raises(ComponentError, match=message) as refusal:
        predict(model, DATA.table, keep=keep)
    assert refusal.value.parameter == "keep"
    assert hint in (refusal.value.hint or "")
