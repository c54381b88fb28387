"""The semantic diff: what a person did to a pipeline, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.diff import PipelineDiff, diff_pipelines, same_value
from studio.pipeline import load_pipeline
from studio.settings import builtin_folder
from tests.conftest import Json, pipeline

BASE = pipeline(
    {"a": {"component": "read"}, "b": {"component": "join", "parameters": {"x": 1}}},
    ["a.table > b.tables"],
)


def diff(before: Json, after: Json) -> PipelineDiff:
    return diff_pipelines(load_pipeline(before), load_pipeline(after))


def changed(**more: Any) -> Json:
    """The base with another node b."""
    return {**BASE, "nodes": [BASE["nodes"][0], {**BASE["nodes"][1], **more}]}


def test_equal_pipelines_do_not_differ() -> None:
    told = diff(BASE, json.loads(json.dumps(BASE)))
    assert told.equal
    assert not told.layout


@pytest.mark.parametrize(
    ("parameters", "name", "change", "before", "after"),
    [
        ({"x": 2}, "x", "changed", 1, 2),
        ({"x": True}, "x", "changed", 1, True),
        ({"x": None}, "x", "changed", 1, None),
        ({"x": 1, "y": [1]}, "y", "added", None, [1]),
        ({}, "x", "removed", 1, None),
    ],
)
def test_parameters_are_told_by_name(
    parameters: Json, name: str, change: str, before: Any, after: Any
) -> None:
    (node,) = diff(BASE, changed(parameters=parameters)).nodes.changed
    assert (node.node, node.fields) == ("b", [])
    (told,) = node.parameters
    assert told.model_dump() == {"name": name, "change": change, "before": before, "after": after}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "2.0"),
        ("name", "Join"),
        ("cache", "never"),
        ("engine", "spark"),
        ("disabled", True),
        ("retries", 2),
        ("timeout", 10.0),
        ("resources", {"cpu": 2}),
        ("component", "union"),
    ],
)
def test_fields_of_a_node_are_told_by_name(field: str, value: Any) -> None:
    (node,) = diff(BASE, changed(**{field: value})).nodes.changed
    assert [change.name for change in node.fields] == [field]


def test_a_default_written_out_is_no_change() -> None:
    assert diff(BASE, changed(cache="auto", retries=0, disabled=False)).equal


def test_a_number_is_the_same_however_it_is_spelled() -> None:
    assert diff(BASE, changed(parameters={"x": 1.0})).equal


def test_nodes_and_edges_that_came_and_went_are_told() -> None:
    after = pipeline(
        {"b": {"component": "join", "parameters": {"x": 1}}, "c": {"component": "read"}},
        ["c.table > b.tables"],
    )
    told = diff(BASE, after)
    assert [node.node for node in told.nodes.added] == ["c"]
    assert [node.node for node in told.nodes.removed] == ["a"]
    assert told.nodes.changed == []
    assert [edge.source.node for edge in told.edges.added] == ["c"]
    assert [edge.source.node for edge in told.edges.removed] == ["a"]


def test_the_order_of_edges_counts_where_a_port_takes_many() -> None:
    nodes = {"a": {"component": "read"}, "c": {"component": "read"}, "b": {"component": "join"}}
    edges = ["a.table > b.tables", "c.table > b.tables"]
    told = diff(pipeline(nodes, edges), pipeline(nodes, edges[::-1]))
    assert [(port.node, port.port) for port in told.edges.reordered] == [("b", "tables")]
    assert not told.equal
    assert told.edges.added == told.edges.removed == []


def test_the_order_of_nodes_and_of_edges_to_different_ports_does_not_count() -> None:
    nodes = {"a": {"component": "read"}, "b": {"component": "join"}}
    edges = ["a.table > b.left", "a.table > b.right"]
    back = dict(reversed(nodes.items()))
    assert diff(pipeline(nodes, edges), pipeline(back, edges[::-1])).equal


def test_a_moved_node_is_a_change_of_the_layout_only() -> None:
    told = diff(BASE, {**BASE, "layout": {"nodes": {"a": {"x": 1, "y": 2}}}})
    assert told.layout
    assert told.equal


def test_settings_and_parameters_of_the_pipeline_are_told() -> None:
    parameters = {"rate": {"type": "number", "default": 0.1}}
    told = diff(BASE, {**BASE, "settings": {"engine": "spark"}, "parameters": parameters})
    assert [(c.name, c.before, c.after) for c in told.settings] == [("engine", "auto", "spark")]
    assert [(c.name, c.change) for c in told.parameters] == [("rate", "added")]


def test_of_no_template_with_itself_anything_differs() -> None:
    for file in builtin_folder("pipelines").glob("*.json"):
        document = json.loads(file.read_text())
        assert diff(document, document).equal


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


@given(json_values, json_values)
def test_same_is_what_json_calls_the_same(one: Any, other: Any) -> None:
    assert same_value(one, json.loads(json.dumps(one)))
    assert same_value(one, other) == same_value(other, one)
    if json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True):
        assert same_value(one, other)
