"""Pipelines and their versions: every save is a new version, none is ever changed."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio.artifacts import digest_json
from studio.database.tables import pipeline_versions, pipelines
from studio.errors import ConflictError, NotFoundError
from studio.pipeline import Pipeline


@dataclass(frozen=True)
class PipelineRecord:
    """One stored version of a pipeline, and which version is the newest."""

    id: str
    version: int
    newest_version: int
    digest: str
    document: dict[str, Any]
    note: str
    created_at: float
    updated_at: float


@dataclass(frozen=True)
class PipelineSummary:
    id: str
    name: str
    version: int
    created_at: float
    updated_at: float


def create_pipeline(connection: Connection, pipeline: Pipeline, note: str = "") -> PipelineRecord:
    name, now = uuid.uuid4().hex, time.time()
    row = {"id": name, "name": pipeline.name, "version": 1, "created_at": now, "updated_at": now}
    connection.execute(insert(pipelines).values(row))
    _add_version(connection, name, 1, pipeline, note, now)
    return get_pipeline(connection, name)


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


def save_pipeline(
    connection: Connection, id: str, pipeline: Pipeline, based_on: int, note: str = ""
) -> PipelineRecord:
    """Store a new version; refused when the newest one is not the one it was based on."""
    now = time.time()
    changed = connection.execute(
        update(pipelines)
        .where(pipelines.c.id == id, pipelines.c.version == based_on)
        .values(version=based_on + 1, name=pipeline.name, updated_at=now)
    )
    if changed.rowcount == 0:
        newest = get_pipeline(connection, id).newest_version
        raise ConflictError(
            f"The pipeline is at version {newest}; your change was made to version {based_on}.",
            hint="Load the newest version, make the change again, and save with its ETag.",
            code="pipeline.version",
        )
    _add_version(connection, id, based_on + 1, pipeline, note, now)
    return get_pipeline(connection, id)


def _add_version(
    connection: Connection, id: str, version: int, pipeline: Pipeline, note: str, now: float
) -> None:
    document = pipeline.dump()
    row = {
        "pipeline_id": id,
        "version": version,
        "document": document,
        "digest": digest_json(document),
        "note": note,
        "author": "",
        "created_at": now,
    }
    connection.execute(insert(pipeline_versions).values(row))


def get_pipeline(connection: Connection, id: str, version: int | None = None) -> PipelineRecord:
    """A version of a pipeline; the newest one when none is named."""
    wanted = pipelines.c.version if version is None else version
    versions = pipeline_versions.c
    row = connection.execute(
        select(
            *pipelines.c,
            versions.version.label("this"),
            versions.document,
            versions.digest,
            versions.note,
        )
        .join(pipeline_versions, pipelines.c.id == versions.pipeline_id)
        .where(pipelines.c.id == id, versions.version == wanted)
    ).first()
    if row is None:
        what = f"pipeline {id!r}" + ("" if version is None else f" in version {version}")
        raise NotFoundError(f"There is no {what}.", code="pipeline.unknown")
    return _record(row)


def _record(row: Any) -> PipelineRecord:
    return PipelineRecord(
        id=row.id,
        version=row.this,
        newest_version=row.version,
        digest=row.digest,
        document=row.document,
        note=row.note,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def list_pipelines(
    connection: Connection, limit: int = 100, before: tuple[float, str] | None = None
) -> list[PipelineSummary]:
    """Pipelines, the last changed first; `before` is (updated_at, id) of the last one seen."""
    query = select(pipelines).order_by(pipelines.c.updated_at.desc(), pipelines.c.id).limit(limit)
    if before is not None:
        at, id = before
        query = query.where(
            (pipelines.c.updated_at < at) | ((pipelines.c.updated_at == at) & (pipelines.c.id > id))
        )
    return [PipelineSummary(**row) for row in connection.execute(query).mappings()]
