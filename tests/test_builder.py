"""Pipelines built by calls: the same documents as those that are drawn."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.builder import BuildError, PipelineBuilder
from studio.graph import build_graph
from studio.inspector import Inspector
from studio.pipeline import load_pipeline
from studio.settings import builtin_folder
from studio.spec import ComponentSpec

PIPELINES = sorted(builtin_folder("pipelines").glob("*.json"))


def read_specs() -> dict[str, ComponentSpec]:
    folder = builtin_folder("components")
    files = [file for file in folder.glob("*/*.py") if not file.name.startswith("_")]
    entries = Inspector().read_components(files)
    return {entry.name: entry for entry in entries if isinstance(entry, ComponentSpec)}


SPECS = read_specs()


def small() -> PipelineBuilder:
    pipeline = PipelineBuilder("Clicks", SPECS)
    path = pipeline.parameter("path", "data/clicks.csv")
    rows = pipeline.read_table(path=path)
    parts = pipeline.split(rows, fraction=0.8)
    features = pipeline.feature_map(parts.train, label="clicked")
    examples = pipeline.encode(table=parts.train, feature_map=features)
    vectors = pipeline.embedding(features, dimension=4)
    model = pipeline.train(examples, [pipeline.fm(vectors), pipeline.linear(vectors)])
    pipeline.predict(model=model, table=parts.test)
    return pipeline


def test_a_built_pipeline_is_one_that_can_run() -> None:
    document = small().document
    graph = build_graph(load_pipeline(document), SPECS, {})
    assert len(graph.order) == 9
    assert json.loads(json.dumps(document)) == document


def test_edges_into_a_list_port_are_in_the_order_of_the_call() -> None:
    edges = small().document["edges"]
    logits = [
        e["source"]["node"] for e in edges if e["target"] == {"node": "train", "port": "logits"}
    ]
    assert logits == ["fm", "linear"]


@pytest.mark.parametrize("file", PIPELINES, ids=lambda file: file.stem)
def test_a_drawn_pipeline_comes_back_unchanged(file: Any) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    assert PipelineBuilder.from_document(document, SPECS).document == document


def test_a_node_that_was_drawn_is_changed_and_gone_on_from() -> None:
    document = json.loads((builtin_folder("pipelines") / "deepfm.json").read_text())
    pipeline = PipelineBuilder.from_document(document, SPECS)
    pipeline["train"].parameters["learning_rate"] = 0.5
    pipeline.evaluate(pipeline["predict"], label="clicked", id="again")
    changed = pipeline.document
    train = next(node for node in changed["nodes"] if node["id"] == "train")
    assert train["parameters"]["learning_rate"] == 0.5
    assert changed["nodes"][-1]["id"] == "again"
    build_graph(load_pipeline(changed), SPECS, {})


WRONG: dict[str, tuple[Callable[[PipelineBuilder], Any], str, str]] = {
    "a component": (lambda p: p.read_tabel(), "no component 'read_tabel'", "read_table"),
    "a parameter": (lambda p: p.read_table(pth="x"), "no parameter 'pth'", "path"),
    "a port": (lambda p: p.split(p.read_table(path="x")).trian, "no output 'trian'", "train"),
    "an ambiguous output": (
        lambda p: p.encode(p.split(p.read_table(path="x"))),
        "several outputs",
        "split.train",
    ),
    "a value as input": (lambda p: p.split(3), "takes a node or a port", ""),
    "too many inputs": (lambda p: p.read_table(1, path="x"), "0 inputs, 1 are given", ""),
    "a node": (lambda p: p["trian"], "no node 'trian'", ""),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_a_call_is_named_with_what_was_meant(what: str) -> None:
    call, message, hint = WRONG[what]
    with pytest.raises(BuildError, match=message) as caught:
        call(PipelineBuilder("p", SPECS))
    assert hint in (caught.value.hint or "")


@given(st.lists(st.sampled_from(["a", "b b", "读", "a"]), max_size=6))
def test_nodes_of_one_name_get_ids_of_their_own(ids: list[str]) -> None:
    pipeline = PipelineBuilder("p", SPECS)
    for id in ids:
        pipeline.read_table(path="x", id=id)
    made = [node.id for node in load_pipeline(pipeline.document).nodes]
    assert len(set(made)) == len(ids)
