"""Artifacts' rows, the results by step key, datasets, and remembered digests of files."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select

from studio.artifacts import Kind
from studio.database.engine import batches
from studio.database.tables import artifacts, datasets, file_digests, results, steps
from studio.errors import NotFoundError, say


@dataclass(frozen=True)
class ArtifactRecord:
    """`content` is the packed content of a small artifact; None: it lies in the store."""

    digest: str
    kind: Kind
    size: int
    content: bytes | None
    created_at: float


@dataclass(frozen=True)
class DatasetRecord:
    """An uploaded file, kept in the store under its digest."""

    id: str
    name: str
    digest: str
    size: int
    created_by: str
    created_at: float


def add_artifact(
    connection: Connection, digest: str, kind: Kind, size: int, content: bytes | None
) -> None:
    """Record an artifact; equal content is recorded once."""
    known = select(artifacts.c.digest).where(artifacts.c.digest == digest)
    if connection.execute(known).first() is None:
        row = {
            "digest": digest,
            "kind": kind,
            "size": size,
            "content": content,
            "created_at": time.time(),
        }
        connection.execute(insert(artifacts).values(row))


def get_artifact(connection: Connection, digest: str) -> ArtifactRecord:
    query = select(artifacts).where(artifacts.c.digest == digest)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(
            say("There is no artifact {digest!r}.", digest=digest), code="artifact.unknown"
        )
    return ArtifactRecord(**row)


def find_artifacts(connection: Connection, digests: Iterable[str]) -> dict[str, ArtifactRecord]:
    query = select(artifacts).where(artifacts.c.digest.in_(list(digests)))
    return {row["digest"]: ArtifactRecord(**row) for row in connection.execute(query).mappings()}


def find_places(
    connection: Connection, digests: Iterable[str]
) -> dict[str, Literal["row", "store"]]:
    """Where each recorded artifact lies: small ones in their row, the others in the store."""
    inline = artifacts.c.content.is_not(None).label("inline")
    places: dict[str, Literal["row", "store"]] = {}
    for batch in batches(digests):
        query = select(artifacts.c.digest, inline).where(artifacts.c.digest.in_(batch))
        for row in connection.execute(query):
            places[row.digest] = "row" if row.inline else "store"
    return places


def find_results(connection: Connection, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The outputs by step key, of those keys that have any."""
    found: dict[str, dict[str, Any]] = {}
    for batch in batches(keys):
        query = select(results.c.key, results.c.outputs).where(results.c.key.in_(batch))
        found |= {row.key: row.outputs for row in connection.execute(query)}
    return found


def find_results_beside(connection: Connection, key: str) -> dict[str, dict[str, Any]]:
    """The outputs by step key of all steps of the run that gave this result, as they are now."""
    run = select(results.c.run_id).where(results.c.key == key).scalar_subquery()
    query = (
        select(results.c.key, results.c.outputs)
        .join(steps, steps.c.key == results.c.key)
        .where(steps.c.run_id == run)
    )
    return {row.key: row.outputs for row in connection.execute(query)}


def put_result(
    connection: Connection, key: str, outputs: dict[str, Any], run_id: str, node_id: str
) -> None:
    """Remember the outputs of a step key; the newest execution wins."""
    connection.execute(delete(results).where(results.c.key == key))
    row = {
        "key": key,
        "outputs": outputs,
        "run_id": run_id,
        "node_id": node_id,
        "created_at": time.time(),
    }
    connection.execute(insert(results).values(row))


def put_dataset(
    connection: Connection, name: str, digest: str, size: int, created_by: str = ""
) -> DatasetRecord:
    """Record an uploaded file under a name; an upload of the same name replaces it."""
    connection.execute(delete(datasets).where(datasets.c.name == name))
    row = DatasetRecord(uuid.uuid4().hex, name, digest, size, created_by, time.time())
    connection.execute(insert(datasets).values(row.__dict__))
    return row


def get_dataset(connection: Connection, name: str) -> DatasetRecord:
    query = select(datasets).where((datasets.c.name == name) | (datasets.c.id == name))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotFoundError(
            say("There is no dataset {name!r}.", name=name),
            hint="Upload it first.",
            code="dataset.unknown",
        )
    return DatasetRecord(**row)


def list_datasets(connection: Connection) -> list[DatasetRecord]:
    query = select(datasets).order_by(datasets.c.name)
    return [DatasetRecord(**row) for row in connection.execute(query).mappings()]


def get_file_digest(connection: Connection, path: str, size: int, modified_ns: int) -> str | None:
    """The digest of a file that was read before and has kept its size and time."""
    query = select(file_digests.c.digest).where(
        file_digests.c.path == path,
        file_digests.c.size == size,
        file_digests.c.modified_ns == modified_ns,
    )
    return connection.execute(query).scalar()


def put_file_digest(
    connection: Connection, path: str, size: int, modified_ns: int, digest: str
) -> None:
    connection.execute(delete(file_digests).where(file_digests.c.path == path))
    row = {"path": path, "size": size, "modified_ns": modified_ns, "digest": digest}
    connection.execute(insert(file_digests).values(row))
