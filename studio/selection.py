"""The five ways to run a pipeline: which of its nodes a mode and its targets choose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import networkx as nx

from studio.errors import PipelineError, Problem, say
from studio.parameters import nearest
from studio.pipeline import Pipeline

RunMode = Literal[
    "EXECUTE_ALL", "EXECUTE_ONE", "EXECUTE_TO_HERE", "EXECUTE_FROM_HERE", "EXECUTE_CHILDREN"
]
RUN_MODES: tuple[RunMode, ...] = get_args(RunMode)


@dataclass(frozen=True)
class Selection:
    """What a partial run is about.

    chosen: the nodes that the run is to bring up to date.
    pipeline: the chosen nodes and all above them, which is what must be without problems.
    """

    pipeline: Pipeline
    chosen: frozenset[str]


def select(pipeline: Pipeline, mode: RunMode, targets: Sequence[str] = ()) -> Selection:
    """The nodes that a mode chooses; raises PipelineError when targets do not fit the mode.

    EXECUTE_ALL        every node; takes no target
    EXECUTE_ONE        the targets
    EXECUTE_TO_HERE    the targets and all above them
    EXECUTE_FROM_HERE  the targets and all below them
    EXECUTE_CHILDREN   all below the targets, without them
    """
    problems = list(_target_problems(pipeline, mode, targets))
    if problems:
        raise PipelineError(problems)
    if mode == "EXECUTE_ALL":
        return Selection(pipeline, frozenset(node.id for node in pipeline.nodes))
    digraph = _digraph(pipeline)
    chosen = _choose(digraph, mode, targets)
    return Selection(_keep(pipeline, chosen | _reach(digraph.reverse(False), chosen)), chosen)


def _choose(digraph: nx.DiGraph[str], mode: RunMode, targets: Sequence[str]) -> frozenset[str]:
    here = frozenset(targets)
    match mode:
        case "EXECUTE_TO_HERE":
            return here | _reach(digraph.reverse(False), here)
        case "EXECUTE_FROM_HERE":
            return here | _reach(digraph, here)
        case "EXECUTE_CHILDREN":
            return _reach(digraph, here) - here
    return here


def _reach(digraph: nx.DiGraph[str], nodes: Iterable[str]) -> frozenset[str]:
    """What can be reached from any of the nodes."""
    seen: set[str] = set()
    stack = list(nodes)
    while stack:
        new = set(digraph.successors(stack.pop())) - seen
        seen |= new
        stack += new
    return frozenset(seen)


def _digraph(pipeline: Pipeline) -> nx.DiGraph[str]:
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(node.id for node in pipeline.nodes)
    digraph.add_edges_from(
        (edge.source.node, edge.target.node)
        for edge in pipeline.edges
        if edge.source.node in digraph and edge.target.node in digraph
    )
    return digraph


def _keep(pipeline: Pipeline, names: frozenset[str]) -> Pipeline:
    nodes = [node for node in pipeline.nodes if node.id in names]
    edges = [edge for edge in pipeline.edges if edge.target.node in names]
    return pipeline.model_copy(update={"nodes": nodes, "edges": edges})


def _target_problems(
    pipeline: Pipeline, mode: RunMode, targets: Sequence[str]
) -> Iterator[Problem]:
    if mode == "EXECUTE_ALL":
        if targets:
            message = "EXECUTE_ALL runs every node and takes no target."
            yield Problem("plan.targets", message, "Remove the targets.", field="targets")
        return
    if not targets:
        hint = "Name at least one node in `targets`."
        yield Problem(
            "plan.targets", say("{mode} needs a target.", mode=mode), hint, field="targets"
        )
    nodes = {node.id: node for node in pipeline.nodes}
    for target in dict.fromkeys(targets):
        if target not in nodes:
            message = say("There is no node {target!r}.", target=target)
            yield Problem("plan.target_unknown", message, nearest(target, nodes), field="targets")
        elif nodes[target].disabled:
            message = say("Node {label!r} is disabled.", label=nodes[target].label)
            yield Problem("plan.target_disabled", message, "Enable it.", node=target)
