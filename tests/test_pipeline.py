"""The document: its form, its limits, and its parameters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from studio.errors import LimitError, PipelineError
from studio.pipeline import (
    MAX_NODES,
    bind_parameters,
    load_pipeline,
    pipeline_schema,
    read_pipeline,
    substitute,
)
from studio.settings import builtin_folder

SHIPPED = sorted(builtin_folder("pipelines").glob("*.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_loading_and_dumping_is_the_identity(path: Path) -> None:
    document = json.loads(path.read_text())
    assert load_pipeline(document).dump() == document
    Draft202012Validator(pipeline_schema()).validate(document)


BAD_DOCUMENTS: dict[str, tuple[Any, str]] = {
    "not an object": ([], "pipeline.form"),
    "no name": ({}, "pipeline.form"),
    "an unknown field": ({"name": "x", "colour": 1}, "pipeline.form"),
    "another schema version": ({"name": "x", "schema_version": 2}, "pipeline.schema_version"),
    "a bad id": ({"name": "x", "nodes": [{"id": "a b", "component": "c"}]}, "pipeline.form"),
    "NUL in text": ({"name": "x\0"}, "string.invalid"),
    "a lone surrogate": ({"name": "\ud800"}, "string.invalid"),
    "NaN": (
        {"name": "x", "nodes": [{"id": "a", "component": "c", "parameters": {"v": float("nan")}}]},
        "parameter.not_finite",
    ),
}


@pytest.mark.parametrize("name", BAD_DOCUMENTS)
def test_a_bad_document_is_refused_with_a_code(name: str) -> None:
    document, code = BAD_DOCUMENTS[name]
    with pytest.raises(PipelineError) as caught:
        load_pipeline(document)
    assert caught.value.problems()[0].code == code


def test_a_problem_of_form_names_the_node_and_the_field() -> None:
    node = {"id": "train", "component": "train", "retries": -1}
    with pytest.raises(PipelineError) as caught:
        load_pipeline({"name": "x", "nodes": [node]})
    problem = caught.value.problems()[0]
    assert (problem.node, problem.field) == ("train", "retries")


def test_one_node_too_many_is_refused_with_the_limit() -> None:
    nodes = [{"id": f"n{i}", "component": "c"} for i in range(MAX_NODES)]
    assert len(load_pipeline({"name": "x", "nodes": nodes}).nodes) == MAX_NODES
    with pytest.raises(LimitError, match="10,000"):
        load_pipeline({"name": "x", "nodes": [*nodes, {"id": "last", "component": "c"}]})


def test_a_reference_keeps_the_type_and_text_around_it_makes_text() -> None:
    values = {"rate": 0.1, "day": 7}
    given = {"a": "${rate}", "b": ["day-${day}"], "c": "${unknown} and ${t1}"}
    assert substitute(given, values) == {
        "a": 0.1,
        "b": ["day-7"],
        "c": "${unknown} and ${t1}",
    }


def test_unknown_and_ill_typed_parameters_are_refused_together() -> None:
    pipeline = load_pipeline({"name": "x", "parameters": {"n": {"type": "integer", "default": 1}}})
    assert bind_parameters(pipeline, {}) == {"n": 1}
    with pytest.raises(PipelineError) as caught:
        bind_parameters(pipeline, {"n": True, "m": 1})
    assert {problem.code for problem in caught.value.problems()} == {
        "parameter.unknown",
        "parameter.type",
    }


def test_a_missing_or_broken_file_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for path, words in ((tmp_path / "none.json", "no file"), (broken, "not JSON")):
        with pytest.raises(PipelineError, match=words):
            read_pipeline(path)
