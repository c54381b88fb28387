"""Runs: created with all their steps, claimed with a lease, closed by their owner."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from studio.database.events import add_event, wait_for_writers
from studio.database.steps import abandon_steps, reopen_steps
from studio.database.tables import pipelines, runs, steps
from studio.errors import ConflictError, NotFoundError, say
from studio.reason import Reason
from studio.run import FINAL_RUN_STATES, RunState
from studio.selection import RunMode

_UNDER_WAY: tuple[RunState, ...] = ("running", "cancelling")


class StaleRunError(Exception):
    """What a runner knows of a run is no longer so: it must let go of it, and read it again."""


@dataclass(frozen=True)
class RunOrder:
    """How a pipeline is to be run.

    parameters: the values of the pipeline's parameters.
    folder: where relative paths of the pipeline are looked for first.
    fresh: execute what could be reused.
    resumed_from: a run that ended early, whose finished steps are not done again.
    created_by: whose run it is.
    """

    parameters: Mapping[str, Any] = field(default_factory=dict)
    folder: str | None = None
    mode: RunMode = "EXECUTE_ALL"
    targets: tuple[str, ...] = ()
    fresh: bool = False
    resumed_from: str | None = None
    created_by: str = ""


@dataclass(frozen=True)
class RunRecord:
    """`history`: the names under which its steps are remembered; it is compared with the first."""

    id: str
    pipeline_id: str
    pipeline_version: int
    state: RunState
    parameters: dict[str, Any]
    folder: str | None
    mode: RunMode
    targets: list[str]
    fresh: bool
    resumed_from: str | None
    history: list[str]
    cancel_requested: bool
    owner: str | None
    lease_until: float | None
    failures: int
    pinned: bool
    created_by: str
    problems: list[dict[str, Any]]
    created_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def compared_with(self) -> str:
        return self.history[0] if self.history else self.pipeline_id


def create_run(
    connection: Connection,
    pipeline_id: str,
    pipeline_version: int,
    order: RunOrder,
    bound: Sequence[tuple[str, Mapping[str, Any]]],
    history: Sequence[str] = (),
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> RunRecord:
    """A queued run and its waiting steps: (node id, the node as it was bound), in order.

    given: node -> columns of a step that is over before the run begins.
    """
    run_id, now = uuid.uuid4().hex, time.time()
    row = {
        "id": run_id,
        "pipeline_id": pipeline_id,
        "pipeline_version": pipeline_version,
        "state": "queued",
        **asdict(order),
        "targets": list(order.targets),
        "history": list(history),
        "problems": [],
        "created_at": now,
    }
    connection.execute(insert(runs).values(row))
    waiting: dict[str, Any] = {
        "run_id": run_id,
        "state": "waiting",
        "key": None,
        "key_parts": None,
        "reason": None,
        "reason_code": None,
        "reason_arguments": {},
        "outputs": {},
        "problems": [],
        "finished_at": None,
    }
    step_rows = [
        {
            **waiting,
            "node_id": node,
            "position": position,
            "bound": dict(item),
            **(given or {}).get(node, {}),
        }
        for position, (node, item) in enumerate(bound)
    ]
    if step_rows:
        connection.execute(insert(steps), step_rows)
    add_event(connection, run_id, "run", state="queued")
    return get_run(connection, run_id)


def get_run(connection: Connection, id: str) -> RunRecord:
    row = connection.execute(select(runs).where(runs.c.id == id)).mappings().first()
    if row is None:
        raise NotFoundError(say("There is no run {id!r}.", id=id), code="run.unknown")
    return RunRecord(**row)


@dataclass(frozen=True)
class RunFilter:
    """Which runs are listed; None: whichever. since, until: made from then on, before then.

    text: in the name of the pipeline, whatever its case, or at the start of the run's id.
    """

    pipeline_id: str | None = None
    state: str | None = None
    since: float | None = None
    until: float | None = None
    text: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.pipeline_id is not None:
            yield runs.c.pipeline_id == self.pipeline_id
        if self.state is not None:
            yield runs.c.state == self.state
        if self.since is not None:
            yield runs.c.created_at >= self.since
        if self.until is not None:
            yield runs.c.created_at < self.until
        if self.text:
            named = pipelines.c.name.icontains(self.text, autoescape=True)
            of_name = select(pipelines.c.id).where(named)
            by_id = runs.c.id.startswith(self.text.lower(), autoescape=True)
            yield runs.c.pipeline_id.in_(of_name) | by_id


def list_runs(
    connection: Connection,
    asked: RunFilter | None = None,
    before: tuple[float, str] | None = None,
    limit: int = 50,
) -> list[RunRecord]:
    """Runs, the newest first; `before` is (created_at, id) of the last one seen."""
    query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)
    query = query.where(*(asked or RunFilter()).conditions())
    if before is not None:
        at, id = before
        query = query.where(
            (runs.c.created_at < at) | ((runs.c.created_at == at) & (runs.c.id > id))
        )
    return [RunRecord(**row) for row in connection.execute(query).mappings()]


def claim_run(
    connection: Connection, owner: str, lease_seconds: float, run_id: str | None = None
) -> RunRecord | None:
    """Take the oldest run that waits, or whose owner's lease has ended; None: there is none.

    What ran under another owner waits again. A lease of our own that has ended is renewed, never
    claimed: the steps still run. run_id: take this one only.
    """
    now = time.time()
    ended = runs.c.owner.is_(None) | ((runs.c.owner != owner) & (runs.c.lease_until < now))
    lost = runs.c.state.in_(_UNDER_WAY) & ended
    waiting = select(runs.c.id).where((runs.c.state == "queued") | lost)
    if run_id is not None:
        waiting = waiting.where(runs.c.id == run_id)
    id = connection.execute(
        waiting.order_by(runs.c.created_at).limit(1).with_for_update(skip_locked=True)
    ).scalar()
    if id is None:
        return None
    record = get_run(connection, id)
    state = "cancelling" if record.cancel_requested else "running"
    started = record.started_at or now
    connection.execute(
        update(runs)
        .where(runs.c.id == id)
        .values(state=state, owner=owner, lease_until=now + lease_seconds, started_at=started)
    )
    reopen_steps(connection, id)
    add_event(connection, id, "run", state=state, recovered=record.started_at is not None)
    return get_run(connection, id)


def check_owner(connection: Connection, id: str, owner: str | None) -> None:
    """Raises StaleRunError when the run is no longer this owner's; else no other can claim it.

    To be asked first in each transaction of an owner: whoever slept longer than its lease must
    not write over what the next one did.
    """
    query = select(runs.c.id).where(
        runs.c.id == id, runs.c.owner == owner, runs.c.state.in_(_UNDER_WAY)
    )
    if connection.execute(query.with_for_update()).first() is None:
        raise StaleRunError(id)
    wait_for_writers(connection)


def renew_leases(connection: Connection, owner: str, lease_seconds: float) -> set[str]:
    """Extend the leases of an owner; returns the runs that are still its own."""
    changed = connection.execute(
        update(runs)
        .where(runs.c.owner == owner, runs.c.state.in_(_UNDER_WAY))
        .values(lease_until=time.time() + lease_seconds)
        .returning(runs.c.id)
    )
    return set(changed.scalars())


def end_leases(connection: Connection, owner: str | None = None, run_id: str | None = None) -> None:
    """Let the runs of an owner, or one of them, be claimed at once; owner None: of every owner.

    Their steps have ended, or are about to: nothing of them is running without a lease.
    """
    query = update(runs).where(runs.c.state.in_(_UNDER_WAY))
    if owner is not None:
        query = query.where(runs.c.owner == owner)
    if run_id is not None:
        query = query.where(runs.c.id == run_id)
    released = connection.execute(query.values(owner=None, lease_until=None).returning(runs.c.id))
    for id in released.scalars().all():
        reopen_steps(connection, id)


def request_cancel(connection: Connection, id: str) -> RunRecord:
    """Ask for a run to end; one that waits ends here, a running one by its runner."""
    record = get_run(connection, id)
    if record.state in FINAL_RUN_STATES:
        raise ConflictError(say("The run is over: {state}.", state=record.state), code="run.over")
    if record.state == "queued":
        abandon_steps(connection, id, Reason("cancelled"))
        connection.execute(update(runs).where(runs.c.id == id).values(cancel_requested=True))
        finish_run(connection, id, "cancelled", owner=None)
        return get_run(connection, id)
    connection.execute(
        update(runs).where(runs.c.id == id).values(cancel_requested=True, state="cancelling")
    )
    add_event(connection, id, "run", state="cancelling")
    return get_run(connection, id)


def pin_run(connection: Connection, id: str, pinned: bool) -> RunRecord:
    """Keep the results of a run whatever its age, or no longer."""
    get_run(connection, id)
    connection.execute(update(runs).where(runs.c.id == id).values(pinned=pinned))
    return get_run(connection, id)


def cancel_requests(connection: Connection, owner: str) -> set[str]:
    """The runs of an owner that shall end."""
    query = select(runs.c.id).where(runs.c.owner == owner, runs.c.cancel_requested.is_(True))
    return set(connection.execute(query.where(runs.c.state == "cancelling")).scalars())


def finish_run(
    connection: Connection,
    id: str,
    state: RunState,
    owner: str | None,
    problems: Sequence[Mapping[str, Any]] = (),
) -> bool:
    """Close a run; False when it is no longer the owner's, and nothing is changed then."""
    query = update(runs).where(runs.c.id == id, runs.c.state.not_in(FINAL_RUN_STATES))
    if owner is not None:
        query = query.where(runs.c.owner == owner)
    changed = connection.execute(
        query.values(
            state=state, finished_at=time.time(), lease_until=None, problems=list(problems)
        )
    )
    if changed.rowcount == 0:
        return False
    add_event(connection, id, "run", state=state)
    return True


def count_failure(connection: Connection, id: str) -> int:
    """Count that the runner itself failed on this run; returns how often it has."""
    changed = connection.execute(
        update(runs)
        .where(runs.c.id == id)
        .values(failures=runs.c.failures + 1)
        .returning(runs.c.failures)
    )
    return int(changed.scalar_one())
