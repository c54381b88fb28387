"""The last step of every node, and how long steps took: what plans are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from studio.database.engine import batches
from studio.database.tables import latest_steps, measurements, steps
from studio.plan import PastStep

COMPONENTS = "component"

_RECENT = 7


@dataclass(frozen=True)
class Expectation:
    """The medians of recent executions. seconds; memory: bytes at the peak."""

    seconds: float | None = None
    memory: int | None = None


def history_names(pipeline_id: str, pipeline_name: str) -> tuple[str, str]:
    """The names under which a run is remembered: its pipeline, and every pipeline so called.

    A file that is submitted, changed and submitted again is another pipeline of the same name.
    """
    return pipeline_id, f"name:{pipeline_name}"


def read_history(connection: Connection, scope: str) -> dict[str, PastStep]:
    """The last step of each node that succeeded or was reused."""
    latest = latest_steps.c
    query = (
        select(
            latest.node_id,
            latest.component,
            steps.c.run_id,
            steps.c.key,
            steps.c.key_parts,
            steps.c.outputs,
        )
        .join(steps, (steps.c.run_id == latest.run_id) & (steps.c.node_id == latest.node_id))
        .where(latest.scope == scope)
    )
    return {row.node_id: _past(row) for row in connection.execute(query)}


def read_successes(connection: Connection, run_id: str) -> dict[str, PastStep]:
    """The steps of a run that succeeded or were reused."""
    component = steps.c.bound["node"]["component"].as_string().label("component")
    query = select(
        steps.c.node_id,
        component,
        steps.c.run_id,
        steps.c.key,
        steps.c.key_parts,
        steps.c.outputs,
    ).where(steps.c.run_id == run_id, steps.c.state.in_(("succeeded", "reused")))
    return {row.node_id: _past(row) for row in connection.execute(query)}


def _past(row: Any) -> PastStep:
    return PastStep(row.run_id, row.component, row.key, row.key_parts or {}, row.outputs)


def remember_steps(
    connection: Connection, scopes: Sequence[str], run_id: str, nodes: Mapping[str, str]
) -> None:
    """Make these steps of a run the last ones of their nodes. nodes: node id -> component."""
    if not nodes:
        return
    for scope in scopes:
        for batch in batches(nodes):
            connection.execute(
                delete(latest_steps).where(
                    latest_steps.c.scope == scope, latest_steps.c.node_id.in_(batch)
                )
            )
        rows = [
            {"scope": scope, "node_id": node, "run_id": run_id, "component": component}
            for node, component in nodes.items()
        ]
        connection.execute(insert(latest_steps), rows)


def measure_step(
    connection: Connection,
    scopes: Sequence[str],
    node: str,
    component: str,
    seconds: float,
    memory: int | None,
) -> None:
    """Remember what an execution took, for its node and for its component."""
    for scope, name in [*((scope, node) for scope in scopes), (COMPONENTS, component)]:
        here = (measurements.c.scope == scope) & (measurements.c.name == name)
        known = connection.execute(select(measurements).where(here)).first()
        values = {
            "seconds": [*(known.seconds if known else []), round(seconds, 3)][-_RECENT:],
            "memory": [*(known.memory if known else []), *([memory] if memory else [])][-_RECENT:],
        }
        if known is None:
            row = {"scope": scope, "name": name, **values}
            connection.execute(insert(measurements).values(row))
        else:
            connection.execute(update(measurements).where(here).values(values))


def read_expectations(connection: Connection, scope: str) -> dict[str, Expectation]:
    """What executions take, by name: of the nodes of a pipeline, or of COMPONENTS."""
    query = select(measurements).where(measurements.c.scope == scope)
    return {row.name: _expectation(row) for row in connection.execute(query)}


def _expectation(row: Any) -> Expectation:
    return Expectation(
        seconds=median(row.seconds) if row.seconds else None,
        memory=round(median(row.memory)) if row.memory else None,
    )
