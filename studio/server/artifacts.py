"""Artifacts: what they are, a look at them, and their files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse, StreamingResponse

from studio.artifacts import list_files
from studio.database.artifacts import ArtifactRecord, get_artifact
from studio.errors import NotFoundError, say
from studio.server.artifact_models import ArtifactItem, Preview
from studio.server.json_route import JsonRoute
from studio.server.looks import MAX_ROW, NoTableError, RowsQuery, page_of, statistics_of
from studio.server.models import Digest
from studio.server.parts import Parts, PartsDep
from studio.server.table_models import TablePage, TableStatistics
from studio.server.zips import zip_folder
from studio.store import unpack

router = APIRouter(prefix="/artifacts/{digest}", tags=["artifacts"], route_class=JsonRoute)

# A file that a step wrote is never shown by the browser as a page of ours.
_SAFE = {"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.get("", summary="Describe an artifact")
def read_artifact(digest: Digest, parts: PartsDep) -> ArtifactItem:
    record = _record(parts, digest)
    return ArtifactItem(
        digest=record.digest, kind=record.kind, size=record.size, created_at=record.created_at
    )


@router.get("/preview", summary="Look at an artifact: rows of a table, numbers of a report")
def preview_artifact(
    digest: Digest,
    parts: PartsDep,
    offset: Annotated[int, Query(ge=0, le=MAX_ROW, description="First row.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Rows at most.")] = 100,
) -> Preview:
    record = _record(parts, digest)
    with _opened(parts, record) as folder:
        return parts.inspector.preview(record.kind, folder, offset, limit)  # type: ignore[return-value]


@router.get("/rows", summary="Read rows of a table: some columns, in some order, filtered")
def read_artifact_rows(
    digest: Digest, parts: PartsDep, asked: Annotated[RowsQuery, Depends()]
) -> TablePage:
    """At most 256 KB are sent, and 8 KB of a cell."""
    with _opened(parts, _table(parts, digest)) as folder:
        return page_of(parts, folder, asked)


@router.get("/statistics", summary="What the columns of a table hold, with bins to draw")
def read_artifact_statistics(digest: Digest, parts: PartsDep) -> TableStatistics:
    with _opened(parts, _table(parts, digest)) as folder:
        return statistics_of(parts, digest, folder)


@router.get(
    "/download",
    summary="Download an artifact: its file, or a zip archive of its files",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"application/zip": _BINARY, "application/octet-stream": _BINARY}},
    },
)
def download_artifact(digest: Digest, parts: PartsDep) -> Response:
    record = _record(parts, digest)
    with _opened(parts, record) as folder:
        names = list_files(folder)
        if len(names) != 1:
            headers = _headers(record, ".zip")
            if record.content is None:
                return StreamingResponse(
                    zip_folder(folder), headers=headers, media_type="application/zip"
                )
            return Response(b"".join(zip_folder(folder)), 200, headers, "application/zip")
        file, headers = folder / names[0], _headers(record, _ending(names[0]))
        if record.content is None:
            return FileResponse(file, headers=headers, media_type="application/octet-stream")
        return Response(file.read_bytes(), 200, headers, "application/octet-stream")


def _record(parts: Parts, digest: str) -> ArtifactRecord:
    with parts.database.read() as connection:
        return get_artifact(connection, digest)


def _table(parts: Parts, digest: str) -> ArtifactRecord:
    record = _record(parts, digest)
    if record.kind != "table":
        hint = "Look at its preview instead."
        raise NoTableError(
            say("This artifact is a {kind}, not a table.", kind=record.kind), hint=hint
        )
    return record


@contextmanager
def _opened(parts: Parts, record: ArtifactRecord) -> Iterator[Path]:
    """The folder of an artifact; one that lies in its database row is unpacked meanwhile."""
    if record.content is not None:
        with tempfile.TemporaryDirectory(prefix="studio-") as name:
            unpack(record.content, Path(name))
            yield Path(name)
        return
    folder = parts.store.path(record.digest)
    if not folder.is_dir():
        raise NotFoundError(
            say("The files of artifact {digest}… are gone.", digest=record.digest[:12]),
            hint="Run the step again: it makes them anew.",
            code="artifact.missing",
        )
    yield folder


def _headers(record: ArtifactRecord, ending: str) -> dict[str, str]:
    """The name is ours: what a step called its file stays out of the headers."""
    name = f"{record.kind}-{record.digest[:12]}{ending}"
    return {**_SAFE, "Content-Disposition": f'attachment; filename="{name}"'}


def _ending(name: str) -> str:
    match = re.search(r"(\.[a-z0-9]{1,10}){1,2}$", name, re.ASCII)
    return match[0] if match else ""
