"""The article's settings become a pipeline in which each of them is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from components.ctr._deepfm_params import ARTICLE
from components.ctr.import_deepfm_params import import_deepfm_params
from studio.component import ComponentError, context


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "_scratch", tmp_path)


def imported(**params: Any) -> dict[str, dict[str, Any]]:
    """The parameters of every node."""
    found = import_deepfm_params(params=params)
    document = json.loads(found.pipeline.path.read_text())
    return {node["id"]: node["parameters"] for node in document["nodes"]}


def test_every_setting_of_the_article_arrives() -> None:
    nodes = imported(**ARTICLE)
    assert nodes["embedding"]["dimension"] == 8
    assert (nodes["linear"]["dropout"], nodes["fm"]["dropout"]) == (0.0, 0.0)
    assert nodes["dnn"] == {
        "hidden_units": [32, 32],
        "dropout": [0.5, 0.5, 0.5],
        "activation": "relu",
        "batch_norm": True,
        "batch_norm_decay": 0.995,
        "l2": 0.01,
    }
    assert nodes["train"] == {
        "combine": "projection",
        "epochs": 30,
        "batch_size": 1024,
        "learning_rate": 0.001,
        "optimizer": "adam",
        "l2_projection": 0.01,
        "eval_metric": "gini_norm",
        "seed": 3,
    }


def test_what_is_left_out_is_as_in_the_article() -> None:
    assert imported() == imported(**ARTICLE)


def test_shares_that_are_kept_become_rates() -> None:
    nodes = imported(dropout_fm=[0.9, 0.8], dropout_deep=[1.0, 0.7, 0.6])
    assert (nodes["linear"]["dropout"], nodes["fm"]["dropout"]) == (0.1, 0.2)
    assert nodes["dnn"]["dropout"] == [0.0, 0.3, 0.4]


def test_every_key_is_accounted_for() -> None:
    params = {**ARTICLE, "feature_size": 254, "field_size": 37, "loss_type": "mse"}
    table = import_deepfm_params(params=params).settings
    told = table.to_pylist()
    assert {one["key"] for one in told} == set(params)
    assert all(one["node"] or one["note"] for one in told)


def test_parts_that_are_switched_off_are_no_nodes() -> None:
    assert {"linear", "fm"} & set(imported(use_fm=False)) == set()
    assert "dnn" not in imported(use_deep=0)
    assert "l2_projection" in imported(use_deep=0)["train"]
    table = import_deepfm_params(params={"use_deep": False}).settings
    notes = {one["key"]: one["note"] for one in table.to_pylist()}
    assert notes["deep_layers"] == "its part of the model is switched off"


def test_a_decay_without_batch_normalisation_is_not_set() -> None:
    assert "batch_norm_decay" not in imported(batch_norm=0)["dnn"]


def test_the_spellings_of_the_original_are_known() -> None:
    nodes = imported(deep_layers_activation="tf.nn.tanh", optimizer_type="gd")
    assert nodes["dnn"]["activation"] == "tanh"
    assert nodes["train"]["optimizer"] == "sgd"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"deep_layer": [32]}, "'deep_layer' is no setting"),
    "nothing to train": ({"use_fm": 0, "use_deep": 0}, "nothing is left to train"),
    "too few rates": ({"dropout_deep": [0.5, 0.5]}, "takes 3 shares for 2 layers"),
    "share of 0": ({"dropout_fm": [0.0, 1.0]}, "keeps a share of 0.0"),
    "unknown optimizer": ({"optimizer": "yellowfin"}, "'yellowfin', not one of adam"),
    "half an epoch": ({"epoch": 1.5}, "not a whole number"),
    "text": ({"learning_rate": "fast"}, "could not convert"),
    "no layers": ({"deep_layers": []}, "names no layer"),
    "not a flag": ({"batch_norm": 2}, "not true or false"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_imported_is_refused_by_its_key(case: str) -> None:
    params, message = REFUSED[case]
    with pytest.raises(ComponentError, match=message) as refusal:
        import_deepfm_params(params=params)
    assert refusal.value.parameter == "params"
    assert refusal.value.hint
