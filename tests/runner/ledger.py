"""What must be true of runs at any moment, whatever happened: read from the tables and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx
from sqlalchemy import Connection

from studio.database.events import Event, list_events
from studio.database.tables import artifacts, attempts, runs, steps
from studio.run import FINAL_RUN_STATES, FINAL_STEP_STATES
from studio.store import Store

Row = Mapping[str, Any]

STEP_MOVES = {
    "waiting": {"queued", "running", "reused", "failed", "skipped", "cancelled"},
    "queued": {"queued", "waiting", "running", "reused", "failed", "skipped", "cancelled"},
    "running": {"waiting", "queued", "succeeded", "failed", "cancelled"},
}
RUN_MOVES = {
    "queued": {"running", "cancelled"},
    "running": {"running", "cancelling", "succeeded", "failed", "quarantined"},
    "cancelling": {"cancelling", "succeeded", "failed", "cancelled", "quarantined"},
}


class Ledger:
    """Reads what is new at each `check`, and holds it against what it has seen."""

    def __init__(self, store: Store) -> None:
        self.collected: set[str] = set()  # runs whose artifacts may be gone
        self.met: set[str] = set()
        self._store = store
        self._seen = 0
        self._runs: dict[str, str] = {}
        self._steps: dict[tuple[str, str], str] = {}
        self._over: dict[str, tuple[Row, list[Row]]] = {}
        self._verified: set[str] = set()

    def check(self, connection: Connection) -> None:
        all_runs = [dict(row) for row in connection.execute(runs.select()).mappings()]
        all_steps = [dict(row) for row in connection.execute(steps.select()).mappings()]
        all_attempts = [dict(row) for row in connection.execute(attempts.select()).mappings()]
        of_run: dict[str, list[Row]] = {run["id"]: [] for run in all_runs}
        for step in all_steps:
            of_run[step["run_id"]].append(step)
        for run in all_runs:
            if run["id"] not in self._runs:
                self._open(run, of_run[run["id"]])
        for event in list_events(connection, self._seen, limit=100_000):
            self._follow(event)
        assert {run["id"]: run["state"] for run in all_runs} == self._runs
        assert {(s["run_id"], s["node_id"]): s["state"] for s in all_steps} == self._steps
        check_attempts(all_steps, all_attempts)
        for run in all_runs:
            self._check_run(run, of_run[run["id"]])
        kept = [step for step in all_steps if step["run_id"] not in self.collected]
        self._check_artifacts(connection, kept)

    def _open(self, run: Row, its: list[Row]) -> None:
        """A new run; steps that are not part of it, whose results it uses, are over from the start.

        Their states are taken from the first look at them: no event tells of them.
        """
        self._runs[run["id"]] = "new"
        for step in its:
            given = step["reason_code"] in ("not_part", "not_part_though")
            self._steps[run["id"], step["node_id"]] = "reused" if given else "waiting"

    def _follow(self, event: Event) -> None:
        assert event.id == self._seen + 1, "the sequence of events has a gap"
        self._seen = event.id
        if event.type == "run":
            before, now = self._runs[event.run_id], event.data["state"]
            assert before == "new" or now in RUN_MOVES[before], (before, now)
            self._runs[event.run_id] = now
            self.met.add(f"run {now}")
        if event.type == "step":
            here = event.run_id, event.data["node"]
            before, now = self._steps[here], event.data["state"]
            assert now in STEP_MOVES.get(before, ()), (here, before, now)
            self._steps[here] = now
            self.met.add(f"step {now} {event.data.get('reason_code') or ''}".strip())

    def _check_run(self, run: Row, its: list[Row]) -> None:
        states = {step["state"] for step in its}
        if run["state"] not in FINAL_RUN_STATES:
            assert run["id"] not in self._over, "a finished run lives again"
            if "running" in states:
                assert run["owner"] is not None, "a step runs without a lease"
                assert run["state"] in ("running", "cancelling")
            return
        assert states <= FINAL_STEP_STATES, (run["state"], states)
        told = {key: value for key, value in run.items() if key != "pinned"}
        before = self._over.setdefault(run["id"], (told, its))
        assert before == (told, its), "a finished run changed"
        check_skips(run, its)

    def _check_artifacts(self, connection: Connection, kept: Iterable[Row]) -> None:
        """Whatever a step of a run that is kept has made can be read, and is what it was."""
        rows = {
            row.digest: row.content is not None
            for row in connection.execute(artifacts.select()).all()
        }
        for step in kept:
            for output in step["outputs"].values():
                digest = output["digest"]
                assert digest in rows, "an acknowledged artifact is not recorded"
                if rows[digest]:
                    continue
                assert self._store.has(digest), "an acknowledged artifact is not in the store"
                if digest not in self._verified:
                    assert self._store.verify(digest)
                    self._verified.add(digest)


def check_attempts(all_steps: Iterable[Row], all_attempts: Iterable[Row]) -> None:
    """Numbered without gaps; open is the last of a step that runs; after a good one is none."""
    tried: dict[tuple[str, str], list[Row]] = {}
    for attempt in all_attempts:
        tried.setdefault((attempt["run_id"], attempt["node_id"]), []).append(attempt)
    for step in all_steps:
        its = sorted(tried.get((step["run_id"], step["node_id"]), []), key=lambda a: a["number"])
        assert [attempt["number"] for attempt in its] == [*range(1, step["attempt"] + 1)]
        outcomes = [attempt["outcome"] for attempt in its]
        assert all(outcome == "lost" for outcome in outcomes[:-1]), (step["state"], outcomes)
        last = outcomes[-1] if outcomes else "lost"
        match step["state"]:
            case "running":
                assert last is None
            case "succeeded":
                assert last == "succeeded"
            case "failed" | "cancelled":
                assert last in (step["state"], "lost")
            case _:
                assert last == "lost"


def check_skips(run: Row, its: Iterable[Row]) -> None:
    """Skipped is exactly what stands below a failure, or a cancelled step."""
    states = {step["node_id"]: step["state"] for step in its}
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(states)
    for step in its:
        for sources in step["bound"]["sources"].values():
            digraph.add_edges_from((a, step["node_id"]) for a, _ in sources if a in states)
    for node, state in states.items():
        above = {states[name] for name in nx.ancestors(digraph, node)}
        if state == "skipped":
            assert "failed" in above, (node, states)
        elif state not in ("cancelled", "reused"):
            assert "failed" not in above, (node, states)
    if run["state"] == "succeeded":
        assert set(states.values()) <= {"succeeded", "reused"}
    if run["state"] == "failed":
        assert "failed" in states.values()
    if "cancelled" in states.values():
        assert run["state"] in ("cancelled", "quarantined")
