"""The shipped pipelines of models, each run whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from studio.settings import builtin_folder

from ...conftest import Studio

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PIPELINES = builtin_folder("pipelines")


def report(studio: Studio, name: str) -> dict[str, Any]:
    """The summary of the report of the node `evaluate`."""
    document = json.loads((PIPELINES / f"{name}.json").read_text(encoding="utf-8"))
    data = PIPELINES / document["parameters"]["train_path"]["default"]
    run = studio.finish(studio.submit(document, {"train_path": str(data)}), seconds=600)
    steps = studio.steps(run.id)
    assert run.state == "succeeded", [step.problems for step in steps.values()]
    summary: dict[str, Any] = steps["evaluate"].outputs["report"]["summary"]
    return summary


def areas(report: dict[str, Any]) -> dict[str, float]:
    return {one["name"]: one["metrics"]["auc"] for one in report["models"]}


def test_five_models_are_compared_on_one_embedding_and_one_split(builtin: Studio) -> None:
    found = report(builtin, "compare")
    auc = areas(found)
    assert list(auc) == ["LR", "FM", "DNN", "DeepFM", "DCN-v2"]
    assert auc["LR"] < auc["FM"] < auc["DeepFM"]
    assert len(found["comparisons"]) == 10
    assert found["ranking"]["order"][-1] == "LR"


def test_fm_by_the_contract_of_pai_learns_pairs_of_keys(builtin: Studio) -> None:
    # The true probabilities have an AUC of 0.869.
    assert areas(report(builtin, "pai_fm"))["FM"] > 0.75


def test_a_dnn_spliced_onto_a_trained_fm_makes_it_better(builtin: Studio) -> None:
    (comparison,) = report(builtin, "fm_then_dnn")["comparisons"]
    assert comparison["models"] == ["FM", "FM, then DNN"]
    assert (comparison["verdict"], comparison["better"]) == ("better", "FM, then DNN")
