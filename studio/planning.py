"""What a run would do, node by node, before it is started."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import networkx as nx

from studio.database.history import Expectation
from studio.errors import ConflictError, Problem, StudioError, say
from studio.graph import Graph
from studio.known import Candidate, Known, broken_candidate, digest_on
from studio.pipeline import Pipeline
from studio.plan import Decided, Planned, always_runs, find_change, fits, named
from studio.reason import Reason, though
from studio.selection import RunMode


class UpstreamMissingError(ConflictError):
    """A partial run needs results that are not there; holds a problem for each such node."""

    code = "plan.upstream_missing"
    title = "Results that this run needs are missing"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message, hint=problems[0].hint)
        self._problems = tuple(problems)

    def problems(self) -> tuple[Problem, ...]:
        return self._problems


@dataclass(frozen=True)
class Plan:
    """seconds: how long it will take on so many cores; None: some node was never measured."""

    mode: RunMode
    targets: tuple[str, ...]
    nodes: tuple[Planned, ...] = ()
    seconds: float | None = None
    problems: tuple[Problem, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """In the form of the REST interface."""
        return {
            "mode": self.mode,
            "targets": list(self.targets),
            "nodes": [item.to_json() for item in self.nodes],
            "expected_seconds": self.seconds,
            "problems": [problem.to_json() for problem in self.problems],
        }


@dataclass
class Planner:
    """Goes down a checked graph, level by level.

    chosen: the nodes that the run is about. The others stand above them: of these, `bordering`
    are needed, and their last results are taken as they are.
    """

    graph: Graph
    chosen: frozenset[str]
    known: Known
    candidates: dict[str, Candidate] = field(default_factory=dict)
    decided: dict[str, Decided] = field(default_factory=dict)
    # Step key -> the first node that is executed for it; equal ones wait for its result.
    first: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bordering = {
            source
            for node in self.graph.order
            if node in self.chosen
            for sources in self.graph.sources(node).values()
            for source, _ in sources
            if source not in self.chosen
        }

    def plan(self) -> None:
        self.known.look_up_history(self.graph.order)
        for level in nx.topological_generations(self.graph.digraph()):
            for node in level:
                self.candidates[node] = self._candidate(node)
            self.known.look_up(self.candidates[node] for node in level)
            for node in level:
                choose = self._decide if node in self.chosen else self._take
                self.decided[node] = choose(self.candidates[node])

    def _candidate(self, name: str) -> Candidate:
        try:
            inputs, waits_for = self._inputs(name)
        except StudioError as error:
            return broken_candidate(self.graph.nodes[name], error)
        return self.known.candidate(self.graph.nodes[name], inputs, waits_for)

    def _inputs(self, name: str) -> tuple[dict[str, list[str]] | None, Reason | None]:
        """Port -> digests; or why they are not known before the run."""
        inputs: dict[str, list[str]] = {}
        for port, sources in self.graph.sources(name).items():
            for source, output in sources:
                outputs = self.decided[source].outputs
                if outputs is None:
                    return None, self._unknown(source, port)
                label = self.graph.nodes[source].node.label
                inputs.setdefault(port, []).append(digest_on(outputs, output, label))
        return inputs, None

    def _unknown(self, source: str, port: str) -> Reason:
        where = named(self.graph.nodes[source].node)
        decided = self.decided[source]
        if decided.decision == "execute":
            return Reason("input_may_change", {"port": port, **where})
        if decided.reason.code == "equal_node":
            return Reason("input_may_change", {"port": port, **decided.reason.arguments})
        return Reason("above_missing", where)

    def _decide(self, candidate: Candidate) -> Decided:
        decided = self.known.decide(candidate)
        if decided.decision == "execute" and candidate.error is not None:
            return replace(decided, reason=candidate.waits_for or decided.reason)
        if decided.decision == "execute" and candidate.key is not None:
            first = self.first.setdefault(candidate.key, candidate.bound.node.id)
            is_forced = always_runs(candidate.bound, self.known.fresh)
            if first != candidate.bound.node.id and not is_forced:
                return Decided("reuse", Reason("equal_node", named(self.graph.nodes[first].node)))
        return decided

    def _take(self, candidate: Candidate) -> Decided:
        """A node that the run is not about: its equal result, else its last one as it is."""
        name = candidate.bound.node.id
        needed = name in self.bordering
        result = self.known.result(candidate.key)
        if result is not None:
            return _given(needed, Decided("reuse", Reason("not_part"), result))
        past = self.known.history.get(name)
        if past is not None and fits(candidate.bound, past) and self.known.is_there(past.outputs):
            change = find_change(self.known.facts(candidate))
            return _given(needed, Decided("reuse", though("not_part", change), past.outputs, past))
        return Decided("skip", Reason("upstream_missing" if needed else "not_selected"))

    def problems(self, mode: RunMode, targets: Sequence[str]) -> Iterator[Problem]:
        """What would keep the run from starting, or a node from running."""
        for name, decided in self.decided.items():
            bound, error = self.graph.nodes[name], self.candidates[name].error
            if decided.reason.code == "upstream_missing":
                yield _missing(bound.node.id, bound.node.label, mode, targets)
            elif decided.decision == "execute" and error is not None:
                for problem in error.problems():
                    yield replace(problem, node=name, node_name=bound.node.label)

    def given(self) -> dict[str, dict[str, Any]]:
        """The steps that are over before the run begins: node -> key, its parts, outputs."""
        return {name: self._columns(name) for name in self.graph.order if name in self.bordering}

    def _columns(self, name: str) -> dict[str, Any]:
        decided, candidate = self.decided[name], self.candidates[name]
        kept = decided.kept
        return {
            "reason": decided.reason,
            "outputs": dict(decided.outputs or {}),
            "key": candidate.key if kept is None else kept.key,
            "key_parts": dict(candidate.parts if kept is None else kept.parts),
        }

    def planned(
        self,
        pipeline: Pipeline,
        nodes: Mapping[str, Expectation],
        components: Mapping[str, Expectation],
    ) -> list[Planned]:
        """Every node of the pipeline, in its order. nodes, components: what they took of late."""
        absent = absent_reasons(pipeline, frozenset(self.graph.order))
        planned = []
        for node in pipeline.nodes:
            if node.id not in self.decided:
                planned.append(Planned(node.id, "skip", absent[node.id]))
                continue
            expected = nodes.get(node.id) or components.get(node.component) or Expectation()
            planned.append(self._planned(node.id, expected))
        return planned

    def _planned(self, name: str, expected: Expectation) -> Planned:
        decided = self.decided[name]
        if decided.decision != "execute":
            key = None if decided.kept or decided.decision == "skip" else self.candidates[name].key
            return Planned(name, decided.decision, decided.reason, key, decided.outputs)
        key = self.candidates[name].key
        lent = tuple(spec.name for spec in self.graph.nodes[name].lent)
        return Planned(
            name, "execute", decided.reason, key, None, expected.seconds, expected.memory, lent
        )


def _given(needed: bool, decided: Decided) -> Decided:
    """What is not needed is only known for the sake of the keys below it."""
    return decided if needed else replace(decided, decision="skip", reason=Reason("not_selected"))


def _missing(node: str, label: str, mode: RunMode, targets: Sequence[str]) -> Problem:
    message = say("{label} has no result, and {mode} does not run it.", label=label, mode=mode)
    return Problem(
        UpstreamMissingError.code,
        message,
        "EXECUTE_TO_HERE runs it, too.",
        node=node,
        node_name=label,
        arguments={"mode": "EXECUTE_TO_HERE", "targets": list(targets)},
    )


def absent_reasons(pipeline: Pipeline, present: frozenset[str]) -> dict[str, Reason]:
    """Why each node that is not in the graph is not: disabled, below such a one, or not chosen."""
    disabled = {node.id: node for node in pipeline.nodes if node.disabled}
    reasons = {name: Reason("disabled") for name in disabled}
    followers: dict[str, list[str]] = {}
    for edge in pipeline.edges:
        followers.setdefault(edge.source.node, []).append(edge.target.node)
    for name, node in disabled.items():
        stack = [name]
        while stack:
            for follower in followers.get(stack.pop(), []):
                if follower not in reasons:
                    reasons[follower] = Reason("above_disabled", named(node))
                    stack.append(follower)
    other = Reason("not_selected")
    return {n.id: reasons.get(n.id, other) for n in pipeline.nodes if n.id not in present}


def estimate_seconds(graph: Graph, planned: Sequence[Planned], cpus: int) -> float | None:
    """The longer of the longest chain and all work spread over the cores; None: not known."""
    seconds = {item.node: item.seconds for item in planned if item.decision == "execute"}
    known = {node: value for node, value in seconds.items() if value is not None}
    if len(known) < len(seconds):
        return None
    if not known:
        return 0.0
    ends: dict[str, float] = {}
    for node in graph.order:
        sources = (source for ports in graph.sources(node).values() for source, _ in ports)
        ends[node] = max((ends[source] for source in sources), default=0.0) + known.get(node, 0.0)
    return round(max(max(ends.values(), default=0.0), sum(known.values()) / cpus), 3)
