"""The edges that the canvas allows and those that the server allows are the same: shared cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.errors import PipelineError
from studio.graph import build_graph
from studio.pipeline import load_pipeline
from studio.spec import ComponentSpec

FILE = Path(__file__).parent / "cases" / "connections.json"
CASES = json.loads(FILE.read_text())
COMMON = {
    "package": "cases",
    "version": "1.0",
    "category": "Cases",
    "summary": "",
    "documentation": "",
    "parameters": {"type": "object", "properties": {}},
    "digest": "0" * 64,
    "file": "",
}
SPECS = {
    item["name"]: ComponentSpec.model_validate({**COMMON, "title": item["name"], **item})
    for item in CASES["specs"]
}


def _codes(edges: list[dict[str, Any]], ends: set[str]) -> set[str]:
    """Codes of the problems that lie in edges, for the nodes at the ends of the one in question."""
    document = {"schema_version": 1, "name": "Cases", "nodes": CASES["nodes"], "edges": edges}
    try:
        build_graph(load_pipeline(document), SPECS)
    except PipelineError as error:
        found = {(problem.code, problem.node) for problem in error.problems()}
        return {code for code, node in found if code == "graph.cycle" or node in ends}
    return set()


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["name"])
def test_an_edge_that_the_canvas_refuses_is_refused_by_the_server(case: dict[str, Any]) -> None:
    edge = {"source": case["source"], "target": case["target"]}
    replaced = {"source": case["replaces"], "target": case["target"]}
    edges = [item for item in CASES["edges"] if item != replaced]
    ends = {case["source"]["node"], case["target"]["node"]}
    new = _codes([*edges, edge], ends) - _codes(edges, ends)
    if case["reason"] is None:
        assert new == set()
    else:
        assert case["reason"] in new


def test_two_edges_into_a_port_for_one_are_a_problem_unless_one_replaces_the_other() -> None:
    case = next(item for item in CASES["cases"] if item["replaces"])
    edge = {"source": case["source"], "target": case["target"]}
    assert "port.taken" in _codes([*CASES["edges"], edge], {case["target"]["node"]})
