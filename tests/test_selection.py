"""Each mode chooses its nodes, and what does not fit it is refused."""

from __future__ import annotations

import pytest

from studio.errors import PipelineError
from studio.pipeline import load_pipeline
from studio.selection import RunMode, select
from tests.conftest import Json, pipeline

#   a ─▶ b ─▶ d ─▶ e
#        c ─▶ d        f
EDGES = ["a.x > b.x", "b.x > d.x", "c.x > d.x", "d.x > e.x"]
NODES: dict[str, Json] = {name: {"component": "any"} for name in "abcdef"}
DOCUMENT = pipeline(NODES, EDGES)

# mode, targets -> what is chosen; what must be without problems for it.
CASES: list[tuple[RunMode, str, str, str]] = [
    ("EXECUTE_ALL", "", "abcdef", "abcdef"),
    ("EXECUTE_ONE", "d", "d", "abcd"),
    ("EXECUTE_ONE", "ae", "ae", "abcde"),
    ("EXECUTE_TO_HERE", "d", "abcd", "abcd"),
    ("EXECUTE_TO_HERE", "bf", "abf", "abf"),
    ("EXECUTE_FROM_HERE", "b", "bde", "abcde"),
    ("EXECUTE_FROM_HERE", "cf", "cdef", "abcdef"),
    ("EXECUTE_CHILDREN", "b", "de", "abcde"),
    ("EXECUTE_CHILDREN", "bd", "e", "abcde"),
    ("EXECUTE_CHILDREN", "e", "", ""),
]


@pytest.mark.parametrize(("mode", "targets", "chosen", "kept"), CASES)
def test_a_mode_chooses_its_nodes(mode: RunMode, targets: str, chosen: str, kept: str) -> None:
    selection = select(load_pipeline(DOCUMENT), mode, list(targets))
    assert selection.chosen == frozenset(chosen)
    assert "".join(node.id for node in selection.pipeline.nodes) == kept
    assert all(edge.target.node in kept for edge in selection.pipeline.edges)


REFUSED: list[tuple[RunMode, list[str], str, str | None]] = [
    ("EXECUTE_ALL", ["a"], "plan.targets", "Remove the targets."),
    ("EXECUTE_ONE", [], "plan.targets", "Name at least one node in `targets`."),
    ("EXECUTE_TO_HERE", ["train1"], "plan.target_unknown", "Did you mean 'train'?"),
    ("EXECUTE_FROM_HERE", ["off"], "plan.target_disabled", "Enable it."),
]


@pytest.mark.parametrize(("mode", "targets", "code", "hint"), REFUSED)
def test_targets_that_do_not_fit_are_refused(
    mode: RunMode, targets: list[str], code: str, hint: str | None
) -> None:
    document = pipeline(
        {"a": {"component": "x"}, "train": {"component": "x"}, "off": {"component": "x"}}, []
    )
    document["nodes"][2]["disabled"] = True
    with pytest.raises(PipelineError) as caught:
        select(load_pipeline(document), mode, targets)
    (problem,) = caught.value.problems()
    assert (problem.code, problem.hint) == (code, hint)
