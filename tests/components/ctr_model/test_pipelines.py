"""The shipped pipelines of models, each run whole by the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.settings import builtin_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STUDIO = str(Path(sys.executable).with_name("studio"))


def run(name: str, home: Path) -> dict[str, Any]:
    """What `studio run --json` says at the end."""
    done = subprocess.run(
        [STUDIO, "run", str(builtin_folder("pipelines") / f"{name}.json"), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "STUDIO_HOME": str(home)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def reported(result: dict[str, Any]) -> dict[str, Any]:
    """The summary of the report of the node `evaluate`."""
    (step,) = (one for one in result["steps"] if one["node_id"] == "evaluate")
    summary: dict[str, Any] = step["outputs"]["report"]["summary"]
    return summary


def areas(report: dict[str, Any]) -> dict[str, float]:
    return {one["name"]: one["metrics"]["auc"] for one in report["models"]}


def test_five_models_are_compared_on_one_embedding_and_one_split(tmp_path: Path) -> None:
    report = reported(run("compare", tmp_path))
    found = areas(report)
    assert list(found) == ["LR", "FM", "DNN", "DeepFM", "DCN-v2"]
    assert found["LR"] < found["FM"] < found["DeepFM"]
    assert len(report["comparisons"]) == 10
    assert report["ranking"]["order"][-1] == "LR"


def test_fm_by_the_contract_of_pai_learns_pairs_of_keys(tmp_path: Path) -> None:
    found = areas(reported(run("pai_fm", tmp_path)))
    assert found["FM"] > 0.75  # the true probabilities have 0.869, a linear model 0.70


def test_a_dnn_spliced_onto_a_trained_fm_makes_it_better(tmp_path: Path) -> None:
    report = reported(run("fm_then_dnn", tmp_path))
    (comparison,) = report["comparisons"]
    assert comparison["models"] == ["FM", "FM, then DNN"]
    assert (comparison["verdict"], comparison["better"]) == ("better", "FM, then DNN")
