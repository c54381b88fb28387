"""Where an artifact comes from: the step that made it, and what that step was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, String, cast, or_, select

from studio.database.artifacts import find_artifacts
from studio.database.steps import StepRecord, list_steps
from studio.database.tables import datasets, results, steps

_MOST = 1000


@dataclass(frozen=True)
class Ancestor:
    """An artifact and the step that made it; None: no step of a run here, such as an upload.

    inputs: (port, digest) of the artifacts that the step was given.
    """

    digest: str
    kind: str | None
    step: StepRecord | None
    port: str | None
    inputs: tuple[tuple[str, str], ...]


def trace(connection: Connection, digest: str) -> list[Ancestor]:
    """The artifact first, then all that went into it, each once, nearer ones first."""
    tracer = _Tracer(connection)
    waiting: list[tuple[str, str | None]] = [(digest, None)]
    found: dict[str, Ancestor] = {}
    while waiting and len(found) < _MOST:
        wanted, run_id = waiting.pop(0)
        if wanted not in found:
            found[wanted] = tracer.ancestor(wanted, run_id)
            step = found[wanted].step
            run_id = None if step is None else step.run_id
            waiting += [(item, run_id) for _, item in found[wanted].inputs]
    kinds = {item.digest: item.kind for item in find_artifacts(connection, found).values()}
    return [
        Ancestor(item.digest, kinds.get(item.digest), item.step, item.port, item.inputs)
        for item in found.values()
    ]


def dataset_names(connection: Connection, digests: Iterable[str]) -> dict[str, str]:
    """The names of the datasets that hold some content now, by its digest."""
    query = select(datasets.c.digest, datasets.c.name).where(datasets.c.digest.in_(list(digests)))
    return {row.digest: row.name for row in connection.execute(query)}


class _Tracer:
    """Remembers the steps of the runs that it has looked into."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._runs: dict[str, list[StepRecord]] = {}

    def ancestor(self, digest: str, run_id: str | None) -> Ancestor:
        """run_id: the run whose step was given the artifact, where its maker is found at once."""
        step = (self._made_in(run_id, digest) if run_id else None) or self._maker(digest)
        if step is None:
            return Ancestor(digest, None, None, None, ())
        given = (step.key_parts or {}).get("inputs", {})
        inputs = tuple((port, item) for port, digests in given.items() for item in digests)
        port = next(name for name, item in step.outputs.items() if item["digest"] == digest)
        return Ancestor(digest, None, step, port, inputs)

    def _steps(self, run_id: str) -> list[StepRecord]:
        if run_id not in self._runs:
            self._runs[run_id] = list_steps(self._connection, run_id)
        return self._runs[run_id]

    def _made_in(self, run_id: str, digest: str) -> StepRecord | None:
        """The step of a run that gave the artifact; for a reused one that which was executed."""
        step = next((item for item in self._steps(run_id) if _gives(item, digest)), None)
        if step is None or step.state != "reused" or step.key is None:
            return step
        query = select(results.c.run_id, results.c.node_id).where(results.c.key == step.key)
        row = self._connection.execute(query).first()
        return (self._step(row.run_id, row.node_id, digest) if row else None) or step

    def _maker(self, digest: str) -> StepRecord | None:
        """Found among all results; a step that gave it first among equals."""
        query = (
            select(results.c.run_id, results.c.node_id)
            .where(cast(results.c.outputs, String).contains(digest, autoescape=True))
            .order_by(results.c.created_at)
            .limit(1)
        )
        row = self._connection.execute(query).first()
        found = self._step(row.run_id, row.node_id, digest) if row else None
        return found or self._any_step(digest)

    def _any_step(self, digest: str) -> StepRecord | None:
        """Where the result is forgotten but a run is not."""
        query = select(steps.c.run_id, steps.c.node_id).where(
            cast(steps.c.outputs, String).contains(digest, autoescape=True),
            or_(steps.c.state == "succeeded", steps.c.state == "reused"),
        )
        row = self._connection.execute(query.limit(1)).first()
        return self._step(row.run_id, row.node_id, digest) if row else None

    def _step(self, run_id: str, node_id: str, digest: str) -> StepRecord | None:
        """None where the run is gone, or the step was since overwritten by another result."""
        found = (item for item in self._steps(run_id) if item.node_id == node_id)
        return next((item for item in found if _gives(item, digest)), None)


def _gives(step: StepRecord, digest: str) -> bool:
    return any(item["digest"] == digest for item in step.outputs.values())
