"""Documents of every schema_version ever written are read; newer ones are refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.errors import PipelineError
from studio.pipeline import SCHEMA_VERSION, load_pipeline
from studio.schema_versions import MIGRATIONS, upgrade

GOLDEN = sorted((Path(__file__).parent / "cases" / "pipelines").glob("version_*.json"))

Json = dict[str, Any]


def rename_params(document: Json) -> Json:
    return {**document, "nodes": [rename(node) for node in document["nodes"]]}


def rename(node: Json) -> Json:
    return {("parameters" if key == "params" else key): value for key, value in node.items()}


# Steps as a later studio might have them, to test the way and not only its present emptiness.
STEPS = {1: rename_params, 2: lambda document: {**document, "description": "was 2"}}
OLD: Json = {"schema_version": 1, "name": "p", "nodes": [{"id": "a", "params": {"x": 1}}]}


def test_there_is_a_golden_file_of_every_schema_version() -> None:
    assert [file.stem for file in GOLDEN] == [f"version_{n + 1}" for n in range(SCHEMA_VERSION)]
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_a_golden_file_is_read_and_written_back_in_the_present_version(file: Path) -> None:
    document = json.loads(file.read_text())
    dumped = load_pipeline(document).dump()
    assert dumped["schema_version"] == SCHEMA_VERSION
    assert load_pipeline(dumped).dump() == dumped
    if document["schema_version"] == SCHEMA_VERSION:
        assert dumped == document


def test_an_old_document_takes_every_step_and_is_itself_left_as_it_was() -> None:
    before = json.dumps(OLD)
    assert upgrade(OLD, 3, STEPS) == {
        "schema_version": 3,
        "name": "p",
        "description": "was 2",
        "nodes": [{"id": "a", "parameters": {"x": 1}}],
    }
    assert json.dumps(OLD) == before


def test_a_present_document_takes_no_step() -> None:
    assert upgrade({**OLD, "schema_version": 3}, 3, STEPS) == {**OLD, "schema_version": 3}


def test_a_newer_document_is_refused_with_both_versions() -> None:
    with pytest.raises(PipelineError) as refused:
        load_pipeline({"schema_version": 7, "name": "p", "nodes": "not what it is here"})
    (problem,) = refused.value.problems()
    assert (problem.code, problem.field) == ("pipeline.schema_version", "schema_version")
    assert "7" in problem.message
    assert str(SCHEMA_VERSION) in problem.message
    assert problem.hint


@pytest.mark.parametrize("version", [0, -1, "1", 1.5, None, []])
def test_what_is_no_version_is_a_problem_of_the_form(version: Any) -> None:
    with pytest.raises(PipelineError) as refused:
        load_pipeline({"schema_version": version, "name": "p"})
    assert [problem.field for problem in refused.value.problems()] == ["schema_version"]
