"""Checks of a pipeline: each problem names its node, its field or port, and the way out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from studio.catalog import Catalog, CatalogReader
from studio.database.engine import Database
from studio.errors import PipelineError, Problem
from studio.graph import build_graph, freeze, thaw
from studio.inspector import Inspector
from studio.pipeline import load_pipeline
from studio.spec import Engine
from tests.conftest import PACKAGES, pipeline


@pytest.fixture
def catalog(database: Database) -> Catalog:
    return CatalogReader([PACKAGES], database, Inspector().read_components).load()


def problems(catalog: Catalog, document: dict[str, Any]) -> tuple[Problem, ...]:
    with pytest.raises(PipelineError) as caught:
        build_graph(load_pipeline(document), catalog.specs)
    return caught.value.problems()


N, T = {"component": "number"}, {"component": "total"}
CASES: dict[str, tuple[dict[str, Any], str, str | None, str | None, str]] = {
    "unknown component": (
        pipeline({"a": {"component": "nubmer"}}, []),
        "component.unknown",
        "a",
        "component",
        "'number'",
    ),
    "wrong version": (
        pipeline({"a": {**N, "version": "9.9"}}, []),
        "component.version",
        "a",
        "version",
        "1.0",
    ),
    "unknown parameter": (
        pipeline({"a": {**N, "parameters": {"valeu": 1}}}, []),
        "parameter.unknown",
        "a",
        "valeu",
        "'value'",
    ),
    "out of range": (
        pipeline({"a": {**N, "parameters": {"value": 101}}}, []),
        "parameter.invalid",
        "a",
        "value",
        "at most 100",
    ),
    "wrong type": (
        pipeline({"a": {**N, "parameters": {"value": "much"}}}, []),
        "parameter.invalid",
        "a",
        "value",
        "a number",
    ),
    "required parameter": (
        pipeline({"a": {"component": "rows"}}, []),
        "parameter.required",
        "a",
        "path",
        "not set",
    ),
    "unconnected port": (pipeline({"t": T}, []), "port.unconnected", "t", "reports", "report"),
    "edge to a missing node": (
        pipeline({"a": N}, ["a.report > b.reports"]),
        "edge.node",
        "b",
        None,
        "'b'",
    ),
    "missing output port": (
        pipeline({"a": N, "t": T}, ["a.reprot > t.reports"]),
        "edge.port",
        "a",
        "reprot",
        "'report'",
    ),
    "missing input port": (
        pipeline({"a": N, "t": T}, ["a.report > t.report", "a.report > t.reports"]),
        "edge.port",
        "t",
        "report",
        "'reports'",
    ),
    "another kind": (
        pipeline(
            {"r": {"component": "rows", "parameters": {"path": "x"}}, "t": T},
            ["r.frame > t.reports"],
        ),
        "port.kind",
        "t",
        "reports",
        "takes a report",
    ),
    "two edges into one": (
        pipeline(
            {"a": N, "b": N, "m": {"component": "misbehave"}},
            ["a.report > m.report", "b.report > m.report"],
        ),
        "port.taken",
        "m",
        "report",
        "one edge",
    ),
    "a cycle": (
        pipeline(
            {"s": T, "t": T, "u": T},
            ["s.report > t.reports", "t.report > u.reports", "u.report > s.reports"],
        ),
        "graph.cycle",
        None,
        None,
        "→",
    ),
    "an engine it lacks": (
        pipeline({"a": {**N, "engine": "spark"}}, []),
        "node.engine",
        "a",
        "engine",
        "python",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_problem_names_where_it_is_and_the_way_out(catalog: Catalog, name: str) -> None:
    document, code, node, place, words = CASES[name]
    found = [problem for problem in problems(catalog, document) if problem.code == code]
    assert found, "the problem was not found"
    problem = found[0]
    assert node in (None, problem.node)
    assert place in (None, problem.field, problem.port)
    assert words in f"{problem.message} {problem.hint}"


def test_all_problems_are_found_at_once(catalog: Catalog) -> None:
    document = pipeline(
        {"a": {**N, "parameters": {"value": -1, "x": 1}}, "b": {"component": "no"}, "t": T}, []
    )
    codes = {problem.code for problem in problems(catalog, document)}
    assert codes == {
        "parameter.invalid",
        "parameter.unknown",
        "component.unknown",
        "port.unconnected",
    }


def test_a_disabled_node_takes_with_it_what_needs_it(catalog: Catalog) -> None:
    document = pipeline(
        {"a": {**N, "disabled": True}, "t": T, "b": N},
        ["a.report > t.reports", "b.report > t.reports"],
    )
    assert build_graph(load_pipeline(document), catalog.specs).order == ("b",)


def test_defaults_written_out_change_nothing(catalog: Catalog) -> None:
    def parameters(given: dict[str, Any]) -> dict[str, Any]:
        document = pipeline({"a": {**N, "parameters": given}}, [])
        return dict(build_graph(load_pipeline(document), catalog.specs).nodes["a"].parameters)

    assert parameters({}) == parameters({"value": 1, "seed": 0}) == {"value": 1.0, "seed": 0}


ENGINES = {
    # node, pipeline, default -> engine
    (None, "auto", "duckdb"): "duckdb",
    (None, "auto", "spark"): "spark",
    (None, "duckdb", "spark"): "duckdb",
    ("spark", "duckdb", "duckdb"): "spark",
    ("auto", "spark", "duckdb"): "spark",
}


@pytest.mark.parametrize("wishes", ENGINES)
def test_the_node_decides_on_the_engine_then_the_pipeline_then_the_studio(
    catalog: Catalog, wishes: tuple[str | None, str, Engine]
) -> None:
    node, whole, default = wishes
    rows = {"component": "rows", "parameters": {"path": "x"}}
    document = pipeline(
        {"rows": rows, "double": {"component": "double", "engine": node}},
        ["rows.arrow > double.table"],
        settings={"engine": whole},
    )
    graph = build_graph(load_pipeline(document), catalog.specs, default_engine=default)
    assert graph.nodes["double"].engine == ENGINES[wishes]
    assert graph.nodes["rows"].engine == "python"


def test_a_frozen_node_is_the_same_when_thawed(catalog: Catalog) -> None:
    document = pipeline({"a": N, "t": T}, ["a.report > t.reports"])
    graph = build_graph(load_pipeline(document), catalog.specs)
    assert thaw(json.loads(json.dumps(freeze(graph, "t")))) == graph.nodes["t"]


def test_ten_thousand_nodes_are_checked_in_two_seconds(catalog: Catalog) -> None:
    nodes = {f"n{i}": N if i == 0 else T for i in range(10_000)}
    edges = [f"n{i - 1}.report > n{i}.reports" for i in range(1, 10_000)]
    loaded = load_pipeline(pipeline(nodes, edges))
    began = time.process_time()
    graph = build_graph(loaded, catalog.specs)
    assert len(graph.order) == 10_000
    assert all(graph.sources(name) for name in graph.order[1:])
    assert time.process_time() - began < 2


def test_a_broken_component_file_is_listed_with_its_line(catalog: Catalog) -> None:
    broken = {Path(item.file).stem: item for item in catalog.broken}
    assert broken["broken_syntax"].line == 3
    assert broken["broken_import"].line == 4
    assert "no database at hand" in broken["broken_import"].message
    assert "number" in catalog.specs


REFERENCES: dict[str, tuple[str, Any, str | None]] = {
    "a value": ("${n}", 5, None),
    "no value where one is needed": ("${n}", None, "parameter.unset"),
    "a value of another form": ("${n}", 101, "parameter.invalid"),
    "a name that is not there": ("${m}", 5, "parameter.reference"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_is_told_as_what_is_wrong_with_it(catalog: Catalog, name: str) -> None:
    text, default, code = REFERENCES[name]
    document = pipeline(
        {"a": {**N, "parameters": {"value": text}}},
        [],
        parameters={"n": {"type": "integer", "default": default}},
    )
    try:
        build_graph(load_pipeline(document), catalog.specs)
    except PipelineError as error:
        (problem,) = error.problems()
        assert (problem.code, problem.node, problem.field) == (code, "a", "value")
        assert problem.hint or code == "parameter.invalid"
    else:
        assert code is None


def test_a_value_of_the_run_takes_the_place_of_none(catalog: Catalog) -> None:
    document = pipeline(
        {"a": {**N, "parameters": {"value": "${n}"}}}, [], parameters={"n": {"type": "integer"}}
    )
    graph = build_graph(load_pipeline(document), catalog.specs, {"n": 7})
    assert graph.nodes["a"].parameters["value"] == 7.0
