"""The reads of the database that only the server needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from studio.artifacts import digest_json
from studio.database.pipelines import PipelineRecord, create_pipeline, get_pipeline
from studio.database.tables import attempts, pipeline_versions, pipelines
from studio.pipeline import Pipeline


def store_pipeline(connection: Connection, pipeline: Pipeline) -> PipelineRecord:
    """The stored pipeline whose newest version is equal to this one, name and all; else a new one.

    So that submitting a file again and again makes runs, not pipelines.
    """
    query = (
        select(pipelines.c.id)
        .join(
            pipeline_versions,
            (pipelines.c.id == pipeline_versions.c.pipeline_id)
            & (pipelines.c.version == pipeline_versions.c.version),
        )
        .where(pipeline_versions.c.digest == digest_json(pipeline.dump()))
        .order_by(pipelines.c.updated_at.desc(), pipelines.c.id)
        .limit(1)
    )
    id = connection.execute(query).scalar()
    return create_pipeline(connection, pipeline) if id is None else get_pipeline(connection, id)


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
