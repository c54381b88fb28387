"""Steps of a run: every write names the attempt, so that a late writer changes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio.database.events import add_event
from studio.database.tables import attempts, steps
from studio.errors import NotFoundError
from studio.run import FINAL_STEP_STATES, Outcome, StepState


@dataclass(frozen=True)
class StepRecord:
    """`bound` is the node as it was frozen when the run was made; see `studio.submission`."""

    run_id: str
    node_id: str
    position: int
    bound: dict[str, Any]
    state: StepState
    attempt: int
    key: str | None
    key_parts: dict[str, Any] | None
    reason: str | None
    outputs: dict[str, Any]
    problems: list[dict[str, Any]]
    started_at: float | None
    finished_at: float | None


def list_steps(connection: Connection, run_id: str) -> list[StepRecord]:
    query = select(steps).where(steps.c.run_id == run_id).order_by(steps.c.position)
    return [StepRecord(**row) for row in connection.execute(query).mappings()]


def get_step(connection: Connection, run_id: str, node_id: str) -> StepRecord:
    query = select(steps).where(steps.c.run_id == run_id, steps.c.node_id == node_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(f"Run {run_id!r} has no step {node_id!r}.", code="step.unknown")
    return StepRecord(**row)


def start_attempt(
    connection: Connection, step: StepRecord, key: str, key_parts: Mapping[str, Any], reason: str
) -> int:
    """Begin the next attempt of a step; returns its number."""
    number, now = step.attempt + 1, time.time()
    connection.execute(
        update(steps)
        .where(steps.c.run_id == step.run_id, steps.c.node_id == step.node_id)
        .values(
            state="running",
            attempt=number,
            key=key,
            key_parts=dict(key_parts),
            reason=reason,
            started_at=now,
        )
    )
    row = {
        "run_id": step.run_id,
        "node_id": step.node_id,
        "number": number,
        "started_at": now,
    }
    connection.execute(insert(attempts).values(row))
    _tell(connection, step, "running", attempt=number, reason=reason)
    return number


def finish_step(
    connection: Connection,
    step: StepRecord,
    state: StepState,
    *,
    outputs: Mapping[str, Any] | None = None,
    problems: Sequence[Mapping[str, Any]] = (),
    reason: str | None = None,
    key: str | None = None,
    key_parts: Mapping[str, Any] | None = None,
) -> bool:
    """Close a step in the attempt that `step` carries; False when another one has begun."""
    values: dict[str, Any] = {
        "state": state,
        "outputs": dict(outputs or {}),
        "problems": list(problems),
        "finished_at": time.time(),
    }
    given = {"reason": reason, "key": key, "key_parts": key_parts}
    values |= {name: value for name, value in given.items() if value is not None}
    changed = connection.execute(
        update(steps)
        .where(
            steps.c.run_id == step.run_id,
            steps.c.node_id == step.node_id,
            steps.c.attempt == step.attempt,
            steps.c.state.not_in(FINAL_STEP_STATES),
        )
        .values(values)
    )
    if changed.rowcount == 0:
        return False
    _tell(
        connection,
        step,
        state,
        outputs=values["outputs"],
        problems=values["problems"],
        reason=reason,
    )
    return True


def finish_attempt(
    connection: Connection,
    step: StepRecord,
    outcome: Outcome,
    reason: str | None = None,
    peak_memory: int | None = None,
) -> None:
    """Close the attempt that `step` carries. peak_memory: bytes."""
    connection.execute(
        update(attempts)
        .where(
            attempts.c.run_id == step.run_id,
            attempts.c.node_id == step.node_id,
            attempts.c.number == step.attempt,
            attempts.c.outcome.is_(None),
        )
        .values(outcome=outcome, reason=reason, peak_memory=peak_memory, finished_at=time.time())
    )


def reopen_steps(connection: Connection, run_id: str) -> list[StepRecord]:
    """After a runner was lost: what ran then waits again, its attempt is closed as lost."""
    lost = [step for step in list_steps(connection, run_id) if step.state in ("running", "queued")]
    for step in lost:
        finish_attempt(connection, step, "lost", "worker_lost")
        connection.execute(
            update(steps)
            .where(steps.c.run_id == run_id, steps.c.node_id == step.node_id)
            .values(state="waiting", started_at=None)
        )
        _tell(connection, step, "waiting", reason="its runner was lost")
    return lost


def _tell(connection: Connection, step: StepRecord, state: StepState, **data: Any) -> None:
    given = {name: value for name, value in data.items() if value is not None}
    add_event(connection, step.run_id, "step", node=step.node_id, state=state, **given)
