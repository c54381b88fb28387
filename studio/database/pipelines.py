"""Pipelines and their versions: every save is a new version, none is ever changed or lost."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, true, update

from studio.artifacts import digest_json
from studio.database.drafts import add_draft, check_draft, follow_version
from studio.database.tables import pipeline_versions, pipelines
from studio.errors import ConflictError, NotFoundError, say
from studio.pipeline import Pipeline, load_pipeline


@dataclass(frozen=True)
class PipelineRecord:
    """One stored version of a pipeline, and which version is the newest."""

    id: str
    version: int
    newest_version: int
    digest: str
    document: dict[str, Any]
    note: str
    author: str
    created_at: float
    updated_at: float


@dataclass(frozen=True)
class VersionSummary:
    version: int
    digest: str
    note: str
    author: str
    created_at: float


@dataclass(frozen=True)
class PipelineSummary:
    id: str
    name: str
    version: int
    created_at: float
    updated_at: float


def create_pipeline(
    connection: Connection, pipeline: Pipeline, note: str = "", author: str = ""
) -> PipelineRecord:
    """A new pipeline: its first version, and a draft equal to it."""
    name, now = uuid.uuid4().hex, time.time()
    row = {"id": name, "name": pipeline.name, "version": 1, "created_at": now, "updated_at": now}
    connection.execute(insert(pipelines).values(row))
    _add_version(connection, name, 1, pipeline, note, author)
    add_draft(connection, name, pipeline, 1)
    return get_pipeline(connection, name)


def store_pipeline(connection: Connection, pipeline: Pipeline, author: str = "") -> PipelineRecord:
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
        .where(
            pipeline_versions.c.digest == digest_json(pipeline.dump()),
            pipelines.c.deleted_at.is_(None),
        )
        .order_by(pipelines.c.updated_at.desc(), pipelines.c.id)
        .limit(1)
    )
    id = connection.execute(query).scalar()
    if id is None:
        return create_pipeline(connection, pipeline, author=author)
    return get_pipeline(connection, id)


def save_pipeline(
    connection: Connection,
    id: str,
    pipeline: Pipeline,
    based_on: int,
    note: str = "",
    author: str = "",
) -> PipelineRecord:
    """Store a new version; refused when the newest one is not the one it was based on."""
    before = get_pipeline(connection, id)
    changed = connection.execute(
        update(pipelines)
        .where(pipelines.c.id == id, pipelines.c.version == based_on)
        .values(version=based_on + 1, name=pipeline.name, updated_at=time.time())
    )
    if changed.rowcount == 0:
        newest = before.newest_version
        raise ConflictError(
            say(
                "The pipeline is at version {newest}; your change was made to version {based_on}.",
                newest=newest,
                based_on=based_on,
            ),
            hint="Load the newest version, make the change again, and save with its ETag.",
            code="pipeline.version",
        )
    _add_version(connection, id, based_on + 1, pipeline, note, author)
    follow_version(connection, id, before.digest, pipeline, based_on + 1)
    return get_pipeline(connection, id)


def store_draft(
    connection: Connection, id: str, revision: int, note: str = "", author: str = ""
) -> tuple[PipelineRecord, bool]:
    """Store the draft as a version, and whether it is a new one: an equal newest one is that one.

    Raises StaleDraftError when the draft has not this revision.
    """
    draft = check_draft(connection, id, revision)
    newest = get_pipeline(connection, id)
    pipeline = load_pipeline(draft.document)
    if newest.digest == draft.digest:
        follow_version(connection, id, newest.digest, pipeline, newest.version)
        return newest, False
    return save_pipeline(connection, id, pipeline, newest.version, note, author), True


def delete_pipeline(connection: Connection, id: str) -> None:
    """Put a pipeline away: its versions stay for the runs that were made of them."""
    get_pipeline(connection, id)
    connection.execute(update(pipelines).where(pipelines.c.id == id).values(deleted_at=time.time()))


def _add_version(
    connection: Connection, id: str, version: int, pipeline: Pipeline, note: str, author: str
) -> None:
    document = pipeline.dump()
    row = {
        "pipeline_id": id,
        "version": version,
        "document": document,
        "digest": digest_json(document),
        "note": note,
        "author": author,
        "created_at": time.time(),
    }
    connection.execute(insert(pipeline_versions).values(row))


def get_pipeline(
    connection: Connection, id: str, version: int | None = None, *, deleted: bool = False
) -> PipelineRecord:
    """A version of a pipeline; the newest one when none is named.

    deleted: also of one that was put away.
    """
    wanted = pipelines.c.version if version is None else version
    versions = pipeline_versions.c
    row = connection.execute(
        select(
            *pipelines.c,
            versions.version.label("this"),
            versions.document,
            versions.digest,
            versions.note,
            versions.author,
        )
        .join(pipeline_versions, pipelines.c.id == versions.pipeline_id)
        .where(
            pipelines.c.id == id,
            versions.version == wanted,
            true() if deleted else pipelines.c.deleted_at.is_(None),
        )
    ).first()
    if row is None:
        what = f"pipeline {id!r}" + ("" if version is None else f" in version {version}")
        raise NotFoundError(say("There is no {what}.", what=what), code="pipeline.unknown")
    return _record(row)


def _record(row: Any) -> PipelineRecord:
    return PipelineRecord(
        id=row.id,
        version=row.this,
        newest_version=row.version,
        digest=row.digest,
        document=row.document,
        note=row.note,
        author=row.author,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def list_versions(
    connection: Connection, id: str, before: int | None = None, limit: int = 100
) -> list[VersionSummary]:
    """Versions of a pipeline, the newest first; `before` is the last one seen."""
    get_pipeline(connection, id)
    table = pipeline_versions.c
    query = (
        select(table.version, table.digest, table.note, table.author, table.created_at)
        .where(table.pipeline_id == id)
        .order_by(table.version.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(table.version < before)
    return [VersionSummary(**row) for row in connection.execute(query).mappings()]


def list_pipelines(
    connection: Connection, limit: int = 100, before: tuple[float, str] | None = None
) -> list[PipelineSummary]:
    """Pipelines, the last changed first; `before` is (updated_at, id) of the last one seen."""
    table = pipelines.c
    query = (
        select(table.id, table.name, table.version, table.created_at, table.updated_at)
        .where(table.deleted_at.is_(None))
        .order_by(table.updated_at.desc(), table.id)
        .limit(limit)
    )
    if before is not None:
        at, id = before
        query = query.where((table.updated_at < at) | ((table.updated_at == at) & (table.id > id)))
    return [PipelineSummary(**row) for row in connection.execute(query).mappings()]
