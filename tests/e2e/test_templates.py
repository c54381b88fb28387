"""The shipped pipelines on the tables beside them, and on samples of the real ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.settings import builtin_folder
from tests.conftest import Studio

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PIPELINES = builtin_folder("pipelines")
SAMPLES = Path(__file__).parents[3] / "shared/data"


def summaries(studio: Studio, pipeline: str, **values: Any) -> dict[str, Any]:
    """What the reports of a run tell, by node, all steps having succeeded."""
    document = json.loads((PIPELINES / f"{pipeline}.json").read_text(encoding="utf-8"))
    run = studio.finish(studio.submit(document, values), seconds=500)
    steps = studio.steps(run.id)
    assert [problem for step in steps.values() for problem in step.problems] == []
    return {
        node: step.outputs["report"]["summary"]
        for node, step in steps.items()
        if "report" in step.outputs
    }


def test_films_are_told_apart_by_their_genres(builtin: Studio) -> None:
    reports = summaries(builtin, "movielens")
    assert reports["evaluate"]["metrics"]["auc_low"] > 0.65
    assert reports["evaluate"]["metrics"]["group_auc"] > 0.6
    genres = next(field for field in reports["report"]["fields"] if field["name"] == "genres")
    assert genres["covered"] == 1.0


def test_hashed_impressions_are_learned_from(builtin: Studio) -> None:
    reports = summaries(builtin, "criteo")
    assert reports["evaluate"]["metrics"]["auc_low"] > 0.6
    assert reports["evaluate"]["metrics"]["normalised_entropy"] < 0.99
    assert reports["report"]["metrics"]["fields"] == 39
    assert reports["report"]["metrics"]["most_unknown"] == 0.0  # a hash knows every value


def test_every_row_is_scored_once_by_a_model_that_has_not_seen_it(builtin: Studio) -> None:
    reports = summaries(builtin, "kfold")
    assert reports["all"]["metrics"]["rows"] == 30_000
    assert reports["all"]["metrics"]["auc"] > 0.75
    models = reports["each"]["models"]
    assert [model["name"] for model in models] == ["fold 0", "fold 1", "fold 2"]
    rows = [model["metrics"]["rows"] for model in models]
    assert sum(rows) == 30_000
    assert max(rows) - min(rows) <= 2  # one for each stratum


@pytest.mark.parametrize(
    ("pipeline", "parameter", "file"),
    [
        ("movielens", "ratings_path", "movielens/movielens_sample.txt"),
        ("criteo", "train_path", "criteo/criteo_sample.txt"),
    ],
)
def test_a_sample_of_the_real_table_goes_through(
    builtin: Studio, pipeline: str, parameter: str, file: str
) -> None:
    path = SAMPLES / file
    if not path.exists():
        pytest.skip(f"the sample {file} is not there")
    reports = summaries(builtin, pipeline, **{parameter: str(path)})
    assert 0 <= reports["evaluate"]["metrics"]["auc"] <= 1
