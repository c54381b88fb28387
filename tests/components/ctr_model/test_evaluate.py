"""The report of scored tables, and the tables that it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from components.ctr.evaluate import evaluate
from studio.component import ComponentError, canonical_json


def scored(rows: int = 200, seed: int = 0, **columns: Any) -> pa.Table:
    random = np.random.default_rng(seed)
    score = random.beta(2, 3, rows)
    label = (random.random(rows) < score).astype(np.int64)
    user = np.arange(rows) % 7
    every: dict[str, Any] = {"clicked": label, "prediction_score": score, "user": user}
    return pa.table({**every, **columns})


def metrics(table: pa.Table, **parameters: Any) -> Any:
    return evaluate([table], label="clicked", **parameters).document["metrics"]


def test_a_report_has_the_metrics_of_every_table_and_those_of_the_first_on_top() -> None:
    tables = [scored(seed=0), scored(seed=1)]
    document = evaluate(tables, label="clicked", names=["fm", "deepfm"]).document
    assert [model["name"] for model in document["models"]] == ["fm", "deepfm"]
    assert document["metrics"] == document["models"][0]["metrics"]
    for table, model in zip(tables, document["models"], strict=True):
        expected = roc_auc_score(table["clicked"].to_numpy(), table["prediction_score"].to_numpy())
        assert model["metrics"]["auc"] == pytest.approx(expected, abs=1e-12)
    assert all(isinstance(value, int | float) for value in document["metrics"].values())
    canonical_json(document)


def test_models_are_numbered_where_no_names_are_given() -> None:
    document = evaluate([scored(), scored()], label="clicked").document
    assert [model["name"] for model in document["models"]] == ["model 1", "model 2"]


def test_the_numbers_belong_together() -> None:
    found = metrics(scored(), group="user")
    assert found["gini"] == pytest.approx(2 * found["auc"] - 1, abs=1e-9)
    entropy = found["logloss"] / found["base_rate_logloss"]
    assert found["normalised_entropy"] == pytest.approx(entropy)
    assert found["base_rate"] == found["positives"] / found["rows"]
    assert found["auc_low"] < found["auc"] < found["auc_high"]
    names = "true_positives", "false_positives", "true_negatives", "false_negatives"
    assert sum(found[name] for name in names) == found["rows"]
    assert 0 < found["group_auc"] < 1
    assert "group_auc" not in metrics(scored())


def test_scores_of_the_base_rate_have_learned_nothing() -> None:
    table = scored()
    rate = float(np.mean(table["clicked"].to_numpy()))
    constant = table.set_column(1, "prediction_score", pa.array([rate] * len(table)))
    found = metrics(constant)
    assert found["auc"] == 0.5
    assert found["normalised_entropy"] == pytest.approx(1)
    assert found["calibration"] == pytest.approx(1)


def test_the_threshold_moves_the_decisions_only() -> None:
    low, high = metrics(scored(), threshold=0.2), metrics(scored(), threshold=0.8)
    assert low["recall"] > high["recall"]
    assert low["auc"] == high["auc"]


def test_a_label_may_be_true_and_false_and_groups_may_be_text() -> None:
    plain = metrics(scored(), group="user")
    table = scored()
    truth = pa.array(table["clicked"].to_numpy() == 1)
    names = pa.array([f"user {one}" for one in table["user"].to_pylist()])
    table = table.set_column(0, "clicked", truth).set_column(2, "user", names)
    assert metrics(table, group="user") == plain


def test_rows_without_a_group_are_a_group() -> None:
    table = scored()
    users = pa.array([None if one == 0 else one for one in table["user"].to_pylist()])
    assert metrics(table.set_column(2, "user", users), group="user") == pytest.approx(
        metrics(table, group="user")
    )


def test_tables_of_the_same_rows_are_compared_in_pairs() -> None:
    table = scored()
    noise = np.random.default_rng(9).random(len(table))
    worse = table.set_column(1, "prediction_score", pa.array(noise))
    document = evaluate([table, worse, scored(seed=5)], label="clicked").document
    (comparison,) = document["comparisons"]
    assert comparison["models"] == ["model 1", "model 2"]
    assert comparison["auc_difference"] < 0
    assert comparison["p_value"] == comparison["adjusted_p_value"] < 0.01
    assert (comparison["verdict"], comparison["better"]) == ("better", "model 1")
    assert document["ranking"] == {"order": None, "best": None, "reason": "different_rows"}


def noisy(table: pa.Table, size: float, seed: int) -> pa.Table:
    """The same rows with scores that are off by so much."""
    noise = np.random.default_rng(seed).normal(0, size, len(table))
    score = np.clip(table["prediction_score"].to_numpy() + noise, 0, 1)
    return table.set_column(1, "prediction_score", pa.array(score))


def test_models_are_ranked_and_those_as_good_as_the_best_are_named() -> None:
    table = scored(2000)
    tables = [noisy(table, 0.5, 1), table, noisy(table, 0.001, 2)]
    document = evaluate(tables, label="clicked", names=["bad", "good", "same"]).document
    assert document["ranking"]["order"][-1] == "bad"
    assert sorted(document["ranking"]["best"]) == ["good", "same"]
    verdicts = {tuple(one["models"]): one["verdict"] for one in document["comparisons"]}
    assert verdicts["good", "same"] == "not_distinguishable"
    assert verdicts["bad", "good"] == verdicts["bad", "same"] == "better"


def test_models_are_not_ranked_on_too_few_positives() -> None:
    table = scored(60)
    document = evaluate([table, noisy(table, 0.9, 1)], label="clicked").document
    assert document["ranking"] == {"order": None, "best": None, "reason": "too_few_positives"}
    (comparison,) = document["comparisons"]
    assert (comparison["verdict"], comparison["better"]) == ("too_few_positives", None)


def test_every_interval_holds_its_metric() -> None:
    (model,) = evaluate([scored(2000)], label="clicked", group="user").document["models"]
    assert {"auc", "logloss", "pr_auc", "ks", "group_auc", "ndcg_at_10"} <= set(model["intervals"])
    for name, (low, high) in model["intervals"].items():
        assert low < model["metrics"][name] < high, name


def test_slices_add_up_to_the_table() -> None:
    (model,) = evaluate([scored(700)], label="clicked", slice_by="user").document["models"]
    assert sorted(one["value"] for one in model["slices"]) == list("0123456")
    for name in ("rows", "positives"):
        assert sum(one[name] for one in model["slices"]) == model["metrics"][name]
    table = scored(700)
    rows = np.flatnonzero(table["user"].to_numpy() == 3)
    (third,) = (one for one in model["slices"] if one["value"] == "3")
    expected = metrics(table.take(rows))
    names = "auc", "auc_low", "auc_high", "logloss", "normalised_entropy", "calibration"
    assert {name: third[name] for name in names} == pytest.approx(
        {name: expected[name] for name in names}
    )


SLICED: dict[str, tuple[Any, list[str]]] = {
    "numbers become bins": (np.linspace(0, 1, 400), ["[0, 0.1)", "[0.1, 0.2)", "[0.9, 1]"]),
    "rare texts are others": ([f"v{one % 50}" for one in range(400)], ["v0", "(31 others)"]),
    "missing is a slice": ([None, "a"] * 200, ["(missing)", "a"]),
}


@pytest.mark.parametrize("case", SLICED)
def test_a_column_is_cut_into_slices(case: str) -> None:
    column, expected = SLICED[case]
    table = scored(400, part=pa.array(column))
    (model,) = evaluate([table], label="clicked", slice_by="part").document["models"]
    values = [one["value"] for one in model["slices"]]
    assert set(expected) <= set(values)
    assert len(values) <= 20
    assert sum(one["rows"] for one in model["slices"]) == 400


def test_a_slice_of_one_class_has_no_area() -> None:
    table = scored(400)
    table = table.append_column("part", pa.array(table["clicked"].to_numpy() == 1))
    (model,) = evaluate([table], label="clicked", slice_by="part").document["models"]
    assert [one["auc"] for one in model["slices"]] == [None, None]


def test_the_places_of_an_ndcg_need_groups() -> None:
    assert "ndcg_at_3" in metrics(scored(), group="user", ndcg_at=3)
    with pytest.raises(ComponentError, match="would do nothing") as refusal:
        evaluate([scored()], label="clicked", ndcg_at=3)
    assert refusal.value.parameter == "ndcg_at"


def test_few_positives_are_pointed_out() -> None:
    assert evaluate([scored(400)], label="clicked").document["notes"] == []
    (note,) = evaluate([scored(60)], label="clicked").document["notes"]
    assert "rows of the rarer class" in note


NOT_A_NUMBER = pa.array([0.5, float("nan"), 0.5])
THREE: dict[str, Any] = {"clicked": [0, 1, 1], "prediction_score": [0.1, 0.2, 0.3]}
NO_SCORE = {**THREE, "prediction_score": [None, 0.1, 0.2]}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str, str | None]] = {
    "one class": ({**THREE, "clicked": [1, 1, 1]}, {}, "all 3 rows are 1", "label"),
    "missing label": ({**THREE, "clicked": [0, None, 1]}, {}, "is missing in row 2", "label"),
    "label of 3": ({**THREE, "clicked": [0, 1, 3]}, {}, "is 3 in row 3", "label"),
    "text label": ({**THREE, "clicked": ["a", "b", "a"]}, {}, "holds string", "label"),
    "score of NaN": ({**THREE, "prediction_score": NOT_A_NUMBER}, {}, "missing in row 2", "score"),
    "null score": (NO_SCORE, {}, "missing in row 1", "score"),
    "score of 2": ({**THREE, "prediction_score": [0.1, 2, 0.2]}, {}, "is 2 in row 2", "score"),
    "no such score": (THREE, {"score": "prediction_scor"}, "has no column", "score"),
    "no such label": (THREE, {"label": "click"}, "has no column 'click'", "label"),
    "no such group": (THREE, {"group": "user"}, "has no column 'user'", "group"),
    "no rows": ({"clicked": [], "prediction_score": []}, {}, "has no rows", None),
    "names": (THREE, {"names": ["a", "b"]}, "1 tables are connected", "names"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_measured_is_refused(case: str) -> None:
    columns, parameters, message, parameter = REFUSED[case]
    with pytest.raises(ComponentError, match=message) as refusal:
        evaluate([pa.table(columns)], **{"label": "clicked", **parameters})
    assert refusal.value.parameter == parameter
    assert refusal.value.hint


def test_the_nearest_column_is_offered_for_a_missing_one() -> None:
    with pytest.raises(ComponentError) as refusal:
        evaluate([pa.table(THREE)], label="clickt")
    assert refusal.value.hint == "Did you mean 'clicked'?"


def test_nothing_connected_is_refused() -> None:
    with pytest.raises(ComponentError, match="No scored table"):
        evaluate([], label="clicked")
