"""Drafts: what is being drawn of a pipeline, saved at every change and overwritten by the next.

Every pipeline has one. Its revision grows with each change, so that of two people who draw in one
pipeline the second is told, and nobody overwrites what they have not seen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio.artifacts import digest_json
from studio.database.tables import drafts, pipelines
from studio.errors import NotFoundError, StudioError, say
from studio.pipeline import Pipeline


@dataclass(frozen=True)
class DraftRecord:
    """`base_version` is the version that the draft was made from, or last stored as."""

    pipeline_id: str
    document: dict[str, Any]
    digest: str
    revision: int
    base_version: int
    updated_at: float

    def shown(self) -> dict[str, Any]:
        """The draft as JSON data, as it is sent to those who draw."""
        return {
            "document": self.document,
            "revision": self.revision,
            "base_version": self.base_version,
            "updated_at": self.updated_at,
        }


class StaleDraftError(StudioError):
    """The draft is not the one that the caller changed; `current` is the one that is here."""

    status = 412
    code = "draft.revision"
    title = "The draft has changed"

    def __init__(self, current: DraftRecord, revision: int) -> None:
        super().__init__(
            say(
                "The draft is at revision {present}; yours was made to {revision}.",
                present=current.revision,
                revision=revision,
            ),
            hint="Take over the draft that is here, make the change again, and save.",
        )
        self.current = current


def add_draft(connection: Connection, id: str, pipeline: Pipeline, version: int) -> None:
    """The first draft of a pipeline: equal to its first version."""
    row = {"pipeline_id": id, "revision": 1, "base_version": version, **_content(pipeline)}
    connection.execute(insert(drafts).values(row))


def get_draft(connection: Connection, id: str) -> DraftRecord:
    query = (
        select(drafts)
        .join(pipelines, pipelines.c.id == drafts.c.pipeline_id)
        .where(pipelines.c.id == id, pipelines.c.deleted_at.is_(None))
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(say("There is no pipeline {id!r}.", id=id), code="pipeline.unknown")
    return DraftRecord(**row)


def check_draft(connection: Connection, id: str, revision: int) -> DraftRecord:
    """The draft, when it still has this revision; it cannot change until the transaction ends."""
    locked = update(drafts).where(drafts.c.pipeline_id == id, drafts.c.revision == revision)
    changed = connection.execute(locked.values(revision=revision))
    draft = get_draft(connection, id)
    if changed.rowcount == 0:
        raise StaleDraftError(draft, revision)
    return draft


def put_draft(
    connection: Connection, id: str, pipeline: Pipeline, revision: int, base: int | None = None
) -> DraftRecord:
    """Overwrite the draft that has this revision. base: the version that it now comes from.

    An equal document is not a change: it keeps its revision.
    """
    draft, content = check_draft(connection, id, revision), _content(pipeline)
    if draft.digest == content["digest"]:
        return draft
    base = base or draft.base_version
    _change(connection, id, revision=revision + 1, base_version=base, **content)
    shown = {"name": pipeline.name, "updated_at": content["updated_at"]}
    connection.execute(update(pipelines).where(pipelines.c.id == id).values(shown))
    return get_draft(connection, id)


def follow_version(
    connection: Connection, id: str, before: str, pipeline: Pipeline, version: int
) -> None:
    """A new version was stored: a draft without changes of its own follows it.

    before: the digest of the version that the new one replaces.
    """
    draft, content = get_draft(connection, id), _content(pipeline)
    if draft.digest == content["digest"]:
        _change(connection, id, base_version=version)
    elif draft.digest == before:
        _change(connection, id, revision=draft.revision + 1, base_version=version, **content)


def _content(pipeline: Pipeline) -> dict[str, Any]:
    document = pipeline.dump()
    return {"document": document, "digest": digest_json(document), "updated_at": time.time()}


def _change(connection: Connection, id: str, **values: Any) -> None:
    connection.execute(update(drafts).where(drafts.c.pipeline_id == id).values(values))
