"""The steps of a run: what became of each, in memory and in the database, and which are ready."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import networkx as nx
from sqlalchemy import Connection

from studio.database.artifacts import find_places
from studio.database.engine import Database
from studio.database.history import remember_steps
from studio.database.runs import RunRecord, StaleRunError, check_owner
from studio.database.steps import Closing, StepRecord, close_steps, list_steps
from studio.known import digest_on
from studio.reason import Reason
from studio.run import Schedule


class StepBook:
    """`steps` by node. A step is closed here with `follow`, and in the database with `write`."""

    def __init__(self, record: RunRecord, database: Database) -> None:
        self._record = record
        self._database = database
        with database.read() as connection:
            self.steps = {step.node_id: step for step in list_steps(connection, record.id)}
        self.schedule = Schedule(_digraph(self.steps))
        self._ran_above: dict[str, dict[str, str] | None] = {}
        self._replay()

    def _replay(self) -> None:
        """Tell the schedule what was already over when this runner took the run."""
        for node in nx.topological_sort(_digraph(self.steps)):
            match self.steps[node].state:
                case "succeeded" | "reused":
                    self.ran_above(node)
                    self.schedule.succeed(node)
                case "failed" | "cancelled" if self.schedule.is_open(node):
                    self.schedule.fail(node)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that changes the run. Raises StaleRunError when it is not ours."""
        with self._database.begin() as connection:
            check_owner(connection, self._record.id, self._record.owner)
            yield connection

    def take_ready(self) -> list[str]:
        """Nodes that became ready since the last call."""
        return [node for node in self.schedule.take_ready() if self._waits(node)]

    def waiting(self) -> list[str]:
        return [node for node in self.steps if self._waits(node)]

    def _waits(self, node: str) -> bool:
        return self.steps[node].state in ("waiting", "queued")

    def wait_only_for(self, nodes: list[str]) -> None:
        """Forget all other nodes: the run is over when these are."""
        self.schedule = Schedule(_digraph({node: self.steps[node] for node in nodes}))
        self.schedule.take_ready()

    def input_digests(self, node: str) -> dict[str, list[str]]:
        """Input port -> digests of what comes in, in the order of its edges.

        Raises ComponentError when a node has given nothing on a port that an edge leaves.
        """
        return {
            port: [self._digest(source, name) for source, name in sources]
            for port, sources in self.steps[node].bound["sources"].items()
        }

    def _digest(self, source: str, port: str) -> str:
        step = self.steps[source]
        return digest_on(step.outputs, port, _named(step)["node_name"])

    def ran_above(self, node: str) -> dict[str, str] | None:
        """The nearest node above this one that was executed in this run, if there is one.

        Asked once all nodes above are over.
        """
        if node not in self._ran_above:
            above = self.steps[node].bound["sources"].values()
            sources = [source for ports in above for source, _ in ports if source in self.steps]
            ran = [source for source in sources if self.steps[source].state == "succeeded"]
            further = (self._ran_above[source] for source in sources)
            self._ran_above[node] = (
                _named(self.steps[ran[0]]) if ran else next(filter(None, further), None)
            )
        return self._ran_above[node]

    def follow(self, closing: Closing) -> list[Closing]:
        """Take in that a step is over; gives its closing and those that follow from it."""
        node = closing.step.node_id
        self._take_in(closing)
        if closing.state in ("succeeded", "reused"):
            self.schedule.succeed(node)
            return [closing]
        reason = Reason("upstream_ended", {**_named(closing.step), "state": closing.state})
        skipped = [
            Closing(self.steps[name], "skipped", reason=reason)
            for name in self.schedule.fail(node)
            if self.steps[name].state == "waiting"
        ]
        for item in skipped:
            self._take_in(item)
        return [closing, *skipped]

    def write(self, closings: list[Closing]) -> None:
        """Close steps in one transaction, however many they are."""
        with self.begin() as connection:
            self.close(connection, closings)

    def close(self, connection: Connection, closings: list[Closing]) -> None:
        """As `write`, in a transaction of `begin`.

        Raises StaleRunError when a result that is to be reused has been removed meanwhile.
        """
        reused = {
            item.step.node_id: component_of(item.step)
            for item in closings
            if item.state == "reused"
        }
        digests = {
            output["digest"]
            for item in closings
            if item.state == "reused"
            for output in item.outputs.values()
        }
        if digests - find_places(connection, digests).keys():
            raise StaleRunError(self._record.id)
        close_steps(connection, closings)
        remember_steps(connection, self._record.history, self._record.id, reused)

    def cancel(self, nodes: list[str]) -> None:
        """Close steps that have not begun."""
        reason = Reason("cancelled")
        closings = [Closing(self.steps[node], "cancelled", reason=reason) for node in nodes]
        self.write(closings)
        for closing in closings:
            self._take_in(closing)

    def _take_in(self, closing: Closing) -> None:
        self.steps[closing.step.node_id] = closing.closed(time.time())


def component_of(step: StepRecord) -> str:
    return str(step.bound["node"]["component"])


def _named(step: StepRecord) -> dict[str, str]:
    node: dict[str, Any] = step.bound["node"]
    return {"node": node["id"], "node_name": node["name"] or node["id"]}


def _digraph(steps: dict[str, StepRecord]) -> nx.DiGraph[str]:
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(steps)
    for node, step in steps.items():
        for sources in step.bound["sources"].values():
            digraph.add_edges_from((source, node) for source, _ in sources if source in steps)
    return digraph
