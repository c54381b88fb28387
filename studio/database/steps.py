"""Steps of a run: every write names the attempt, so that a late writer changes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from studio.database.events import add_event, add_events
from studio.database.tables import attempts, pipelines, runs, steps
from studio.errors import ConflictError, NotFoundError, say
from studio.reason import Reason
from studio.run import FINAL_STEP_STATES, Outcome, StepState

# What changes when a step is closed.
_CLOSED = (
    "state",
    "reason",
    "reason_code",
    "reason_arguments",
    "key",
    "key_parts",
    "outputs",
    "problems",
    "finished_at",
)


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
    reason_code: str | None
    reason_arguments: dict[str, Any]
    outputs: dict[str, Any]
    problems: list[dict[str, Any]]
    started_at: float | None
    finished_at: float | None


# By position, which is twice as fast as by name when there are thousands.
_SELECT = select(*(steps.c[item.name] for item in fields(StepRecord)))


def list_steps(connection: Connection, run_id: str) -> list[StepRecord]:
    query = _SELECT.where(steps.c.run_id == run_id).order_by(steps.c.position)
    return [StepRecord(*row) for row in connection.execute(query)]


def get_step(connection: Connection, run_id: str, node_id: str) -> StepRecord:
    query = select(steps).where(steps.c.run_id == run_id, steps.c.node_id == node_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(
            say("Run {run_id!r} has no step {node_id!r}.", run_id=run_id, node_id=node_id),
            code="step.unknown",
        )
    return StepRecord(**row)


@dataclass(frozen=True)
class Closing:
    """How a step ends, in the attempt that `step` carries."""

    step: StepRecord
    state: StepState
    outputs: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Mapping[str, Any]] = ()
    reason: Reason | None = None
    key: str | None = None
    key_parts: Mapping[str, Any] | None = None

    def closed(self, now: float) -> StepRecord:
        """The step as it is afterwards."""
        changed: dict[str, Any] = {
            "state": self.state,
            "outputs": dict(self.outputs),
            "problems": list(self.problems),
            "finished_at": now,
        }
        if self.reason is not None:
            changed |= reason_columns(self.reason)
        if self.key is not None:
            changed |= {"key": self.key, "key_parts": dict(self.key_parts or {})}
        return replace(self.step, **changed)


def reason_columns(reason: Reason) -> dict[str, Any]:
    """A reason as the columns of a step."""
    return {
        "reason": reason.message,
        "reason_code": reason.code,
        "reason_arguments": reason.arguments,
    }


def start_attempt(
    connection: Connection, step: StepRecord, key: str, key_parts: Mapping[str, Any], reason: Reason
) -> StepRecord:
    """Begin the next attempt of a step; gives the step as it is then.

    Raises ConflictError when it is over, or another attempt has begun.
    """
    values: dict[str, Any] = {
        "state": "running",
        "attempt": step.attempt + 1,
        "key": key,
        "key_parts": dict(key_parts),
        **reason_columns(reason),
        "started_at": time.time(),
    }
    here = (steps.c.run_id == step.run_id) & (steps.c.node_id == step.node_id)
    begun = update(steps).where(
        here, steps.c.attempt == step.attempt, steps.c.state.in_(("waiting", "queued"))
    )
    if connection.execute(begun.values(values)).rowcount == 0:
        raise ConflictError("The step was begun by somebody else.", code="step.over")
    started = replace(step, **values)
    row = {
        "run_id": step.run_id,
        "node_id": step.node_id,
        "number": started.attempt,
        "started_at": started.started_at,
    }
    connection.execute(insert(attempts).values(row))
    _tell(connection, step, "running", attempt=started.attempt, **reason_columns(reason))
    return started


def close_steps(connection: Connection, closings: Sequence[Closing]) -> list[StepRecord]:
    """Close steps of a run, all or none; gives them as they are then.

    Raises ConflictError when one of them is over already or in another attempt.
    """
    now = time.time()
    closed = [closing.closed(now) for closing in closings]
    if not closed:
        return []
    query = (
        update(steps)
        .where(
            steps.c.run_id == bindparam("of_run"),
            steps.c.node_id == bindparam("of_node"),
            steps.c.attempt == bindparam("of_attempt"),
            *(steps.c.state != state for state in sorted(FINAL_STEP_STATES)),
        )
        .values({name: bindparam(f"new_{name}") for name in _CLOSED})
    )
    rows = [
        {
            "of_run": step.run_id,
            "of_node": step.node_id,
            "of_attempt": step.attempt,
            **{f"new_{name}": getattr(step, name) for name in _CLOSED},
        }
        for step in closed
    ]
    if connection.execute(query, rows).rowcount != len(rows):
        raise ConflictError("A step was closed by somebody else.", code="step.over")
    add_events(connection, closed[0].run_id, "step", map(_ending, closed))
    return closed


def _ending(step: StepRecord) -> dict[str, Any]:
    told = ["state", "outputs", "problems"]
    if step.reason is not None:
        told += ["reason", "reason_code", "reason_arguments"]
    return {"node": step.node_id, **{name: getattr(step, name) for name in told}}


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
    query = _SELECT.where(steps.c.run_id == run_id, steps.c.state.in_(("running", "queued")))
    lost = [StepRecord(*row) for row in connection.execute(query)]
    for step in lost:
        finish_attempt(connection, step, "lost", "worker_lost")
        connection.execute(
            update(steps)
            .where(steps.c.run_id == run_id, steps.c.node_id == step.node_id)
            .values(state="waiting", started_at=None)
        )
        _tell(connection, step, "waiting", reason="its runner was lost")
    return lost


def queue_step(connection: Connection, step: StepRecord, reason: Reason) -> StepRecord:
    """It is ready and has to wait: for its next attempt, or for what others have."""
    here = (steps.c.run_id == step.run_id) & (steps.c.node_id == step.node_id)
    values = {"state": "queued", **reason_columns(reason)}
    connection.execute(update(steps).where(here).values(values))
    _tell(connection, step, "queued", **reason_columns(reason))
    return replace(step, **values)


def abandon_steps(connection: Connection, run_id: str, reason: Reason) -> None:
    """Close all steps of a run that are not over, and their attempts."""
    query = _SELECT.where(steps.c.run_id == run_id, steps.c.state.not_in(FINAL_STEP_STATES))
    left = [StepRecord(*row) for row in connection.execute(query)]
    for step in left:
        if step.state == "running":
            finish_attempt(connection, step, "cancelled", reason.code)
    close_steps(connection, [Closing(step, "cancelled", reason=reason) for step in left])


def _tell(connection: Connection, step: StepRecord, state: StepState, **data: Any) -> None:
    given = {name: value for name, value in data.items() if value is not None}
    add_event(connection, step.run_id, "step", node=step.node_id, state=state, **given)


def last_outputs(
    connection: Connection, pipeline_name: str, limit: int = 2000
) -> dict[tuple[str, str], dict[str, Any]]:
    """(node id, component) -> the outputs of its last good step in pipelines of this name."""
    query = (
        select(steps.c.node_id, steps.c.bound, steps.c.outputs)
        .join(runs, runs.c.id == steps.c.run_id)
        .join(pipelines, pipelines.c.id == runs.c.pipeline_id)
        .where(pipelines.c.name == pipeline_name, steps.c.state.in_(("succeeded", "reused")))
        .order_by(runs.c.created_at.desc())
        .limit(limit)
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in connection.execute(query):
        found.setdefault((row.node_id, row.bound["node"]["component"]), row.outputs)
    return found
