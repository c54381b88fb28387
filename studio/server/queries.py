"""The reads of the database that only the server needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, func, select

from studio.database.tables import attempts, pipeline_versions, pipelines, runs


def pipeline_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    query = select(pipelines.c.id, pipelines.c.name).where(pipelines.c.id.in_(set(ids)))
    return {row.id: row.name for row in connection.execute(query)}


def list_attempts(connection: Connection, run_id: str, node_id: str) -> list[dict[str, Any]]:
    """Every try at a step, the first one first."""
    table = attempts.c
    query = (
        select(
            table.number,
            table.outcome,
            table.reason,
            table.peak_memory,
            table.started_at,
            table.finished_at,
        )
        .where(table.run_id == run_id, table.node_id == node_id)
        .order_by(table.number)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def longest_run(connection: Connection, digest: str) -> float | None:
    """Seconds of the longest good run of pipelines with this digest: one that reused the least."""
    versions = pipeline_versions.c
    query = (
        select(func.max(runs.c.finished_at - runs.c.started_at))
        .join(
            pipeline_versions,
            (versions.pipeline_id == runs.c.pipeline_id)
            & (versions.version == runs.c.pipeline_version),
        )
        .where(versions.digest == digest, runs.c.state == "succeeded")
    )
    return connection.execute(query).scalar()
