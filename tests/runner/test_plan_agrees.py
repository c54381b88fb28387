"""Whatever happened before, a run does what its plan says: random graphs, edits, ways to run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.database.steps import StepRecord
from studio.errors import ConflictError, PipelineError
from studio.plan import Planned
from studio.selection import RUN_MODES, RunMode
from tests.conftest import Json, Studio, pipeline
from tests.inline import Workshop

pytestmark = pytest.mark.slow

MAX_NODES = 6
CACHES = ["auto", "auto", "auto", "never", "freeze"]
KINDS = ["plain", "plain", "plain", "plain", "volatile", "refuse"]
MODES: list[RunMode] = ["EXECUTE_ONE", "EXECUTE_ALL", "EXECUTE_ALL", *RUN_MODES]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


# Some runs one after another: the graph, and how it is run.
History = list[tuple[list[Json], Json]]

# What a test of agreement must come across, or it shows nothing.
TO_REACH = {"equal", "equal_node", "equal_outputs", "frozen_though", "input_may_change"}
TO_REACH |= {"not_part"}
TO_REACH |= {"not_part_though", "plan.upstream_missing", "fresh", "volatile", "upstream_ended"}


@st.composite
def nodes(draw: st.DrawFn, position: int) -> Json:
    """A node: how it is set, and the earlier ones that it reads. Of few values, so that they meet.

    A source gives `value` whatever its seed; a total with factor 0 gives 0 whatever it reads.
    """
    earlier = st.integers(0, max(position - 1, 0))
    least, most = (draw(st.integers(0, 2)) > 0, 2) if position else (0, 0)
    above = draw(st.lists(earlier, min_size=int(least), max_size=most, unique=True))
    return {
        "above": above,
        "value": draw(st.integers(0, 2)),
        "seed": draw(st.integers(0, 1)),
        "cache": draw(st.sampled_from(CACHES)),
        "disabled": draw(st.integers(0, 19)) == 13,
        "kind": draw(st.sampled_from(KINDS)),
    }


@st.composite
def graphs(draw: st.DrawFn) -> list[Json]:
    size = draw(st.integers(1, MAX_NODES))
    return [draw(nodes(position)) for position in range(size)]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Some runs one after another: the graph, edited a little each time, and the way to run it."""
    graph = draw(graphs())
    history = []
    for number in range(draw(st.integers(2, 5))):
        for _ in range(draw(st.integers(0, 2))):
            position = draw(st.integers(0, len(graph) - 1))
            edited = draw(nodes(position))
            changed = draw(st.sampled_from([["seed"], ["value"], ["cache"], list(edited)]))
            graph = [*graph]
            graph[position] = graph[position] | {name: edited[name] for name in changed}
        mode = draw(st.sampled_from(MODES if number else MODES[:3]))
        some = st.integers(0, len(graph) - 1).map("n{}".format)
        chosen = draw(st.lists(some, min_size=1, max_size=2, unique=True))
        targets = () if mode == "EXECUTE_ALL" else tuple(chosen)
        fresh = draw(st.integers(0, 5)) == 4
        history.append((graph, {"mode": mode, "targets": targets, "fresh": fresh}))
    return history


def as_document(graph: list[Json]) -> Json:
    made: dict[str, Json] = {}
    edges = []
    for number, node in enumerate(graph):
        made[f"n{number}"] = {
            **_component(node),
            "cache": node["cache"],
            "disabled": node["disabled"],
        }
        above = node["above"][:1] if node["kind"] != "plain" else node["above"]
        port = "reports" if node["kind"] == "plain" else "report"
        edges += [f"n{source}.report > n{number}.{port}" for source in above]
    return pipeline(made, edges)


def _component(node: Json) -> Json:
    if node["kind"] != "plain":
        way = "refuse" if node["kind"] == "refuse" else "return"
        return {"component": "misbehave", "parameters": {"way": way}}
    if node["above"]:
        return {"component": "total", "parameters": {"factor": float(node["value"])}}
    return {"component": "number", "parameters": {"value": node["value"], "seed": node["seed"]}}


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,  # so that what the examples reach can be asserted
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories())
def agree_always(workshop: Workshop, reached: set[str], history: History) -> None:
    studio = workshop.make()
    try:
        for graph, how in history:
            reached |= check(studio, as_document(graph), how)
    finally:
        studio.database.close()


def test_a_run_does_what_its_plan_says(workshop: Workshop) -> None:
    reached: set[str] = set()
    agree_always(workshop, reached)
    assert reached >= TO_REACH, TO_REACH - reached


def check(studio: Studio, document: Json, how: dict[str, Any]) -> set[str]:
    """Plan, run, compare; gives the reasons and problems that were met."""
    plan = studio.plan(document, **how)
    codes = {problem.code for problem in plan.problems}
    refused: set[str] = set()
    try:
        steps = studio.execute(document, **how)
    except (PipelineError, ConflictError) as error:
        refused, steps = {problem.code for problem in error.problems()}, {}
    assert codes == refused
    if refused:
        return refused
    assert {item.node for item in plan.nodes} == {node["id"] for node in document["nodes"]}
    for item in plan.nodes:
        agree(item, steps.get(item.node))
    told = {step.reason_code or "" for step in steps.values()}
    return told | {item.reason.code for item in plan.nodes}


def agree(item: Planned, step: StepRecord | None) -> None:
    if item.decision == "skip":
        assert step is None, (item, step)
        return
    assert step is not None, item
    if step.state == "skipped":  # something above it failed, which no plan can know
        assert step.reason_code == "upstream_ended"
        return
    if item.decision == "reuse":
        assert step.state == "reused", (item, step)
        assert item.outputs in (None, step.outputs)
        assert (item.outputs is None) == (item.reason.code == "equal_node")
        assert item.key in (None, step.key)
        return
    if step.state == "reused":
        # The plan did not know what comes in; and what ran above it gave what it gave before.
        assert step.reason_code in ("equal_outputs", "equal_node"), (item, step)
        assert item.key is None
        return
    assert step.state in ("succeeded", "failed"), (item, step)
    if item.key is not None:
        assert step.key == item.key
        assert step.attempt == 1
