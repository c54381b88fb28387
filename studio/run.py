"""The states of runs and steps, and the order of steps: which are ready, which are skipped."""

from __future__ import annotations

from typing import Literal, get_args

import networkx as nx

RunState = Literal[
    "queued",
    "running",
    "cancelling",
    "succeeded",
    "failed",
    "cancelled",
    "interrupted",
    "quarantined",
]
StepState = Literal[
    "waiting", "queued", "running", "succeeded", "failed", "skipped", "reused", "cancelled"
]
Outcome = Literal["succeeded", "failed", "cancelled", "lost"]

RUN_STATES: tuple[RunState, ...] = get_args(RunState)
STEP_STATES: tuple[StepState, ...] = get_args(StepState)
FINAL_RUN_STATES: frozenset[str] = frozenset(
    {"succeeded", "failed", "cancelled", "interrupted", "quarantined"}
)
FINAL_STEP_STATES: frozenset[str] = frozenset(
    {"succeeded", "failed", "skipped", "reused", "cancelled"}
)


class Schedule:
    """Knows the graph and nothing else.

    A node is ready when all its predecessors have succeeded; when one fails, exactly its
    descendants are skipped.
    """

    def __init__(self, digraph: nx.DiGraph[str]) -> None:
        self._digraph = digraph
        self._missing = dict(digraph.in_degree())
        self._ready = [node for node in digraph if self._missing[node] == 0]
        self._open = set(digraph)

    def take_ready(self) -> list[str]:
        """Nodes that became ready since the last call, each given out once."""
        ready, self._ready = self._ready, []
        return ready

    def succeed(self, node: str) -> None:
        self._open.remove(node)
        for follower in self._digraph.successors(node):
            self._missing[follower] -= 1
            if self._missing[follower] == 0 and follower in self._open:
                self._ready.append(follower)

    def fail(self, node: str) -> list[str]:
        """Close the node and its descendants; returns the descendants skipped by this failure."""
        self._open.remove(node)
        skipped = sorted(nx.descendants(self._digraph, node) & self._open)
        self._open.difference_update(skipped)
        return skipped

    def is_open(self, node: str) -> bool:
        return node in self._open

    @property
    def is_done(self) -> bool:
        return not self._open
