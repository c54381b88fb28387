"""Drafts and versions of pipelines: drawn, stored, compared, restored, copied, taken away."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Response
from sqlalchemy import Connection

from studio.database.drafts import DraftRecord, check_draft, get_draft, put_draft
from studio.database.pipelines import create_pipeline, get_pipeline, list_versions, store_draft
from studio.diff import PipelineDiff, diff_pipelines
from studio.pipeline import Pipeline, load_pipeline
from studio.server.document_models import (
    CopyRequest,
    Draft,
    RestoreRequest,
    VersionItem,
    VersionList,
    VersionRequest,
)
from studio.server.json_route import JsonRoute
from studio.server.models import MAX_VERSION, PipelineBody, PipelineId, PipelineVersion, Version
from studio.server.paging import Cursor, Limit, decode_cursor, encode_cursor
from studio.server.parts import PartsDep, PersonDep, author_of
from studio.server.pipelines import check_text, tagged
from studio.server.plans import code_noter
from studio.server.tags import IfMatch, draft_tag, read_draft_tag

router = APIRouter(prefix="/pipelines/{pipeline_id}", tags=["pipelines"], route_class=JsonRoute)

_JSON_FILE = {"content": {"application/json": {"schema": {"type": "object"}}}}

VersionQuery = Annotated[int, Query(ge=1, le=MAX_VERSION)]


@router.get("/draft", summary="Read the draft of a pipeline")
def read_draft(pipeline_id: PipelineId, parts: PartsDep, response: Response) -> Draft:
    with parts.database.read() as connection:
        return _tagged(get_draft(connection, pipeline_id), response)


@router.put("/draft", summary="Overwrite the draft that was changed; 412 gives the one here now")
def save_draft(
    pipeline_id: PipelineId,
    pipeline: Annotated[PipelineBody, Body()],
    parts: PartsDep,
    person: PersonDep,
    response: Response,
    if_match: IfMatch = None,
) -> Draft:
    revision = read_draft_tag(if_match)
    note_code = code_noter(parts, person)
    with parts.database.begin() as connection:
        before = check_draft(connection, pipeline_id, revision).document
        note_code(connection, pipeline, before)
        return _tagged(put_draft(connection, pipeline_id, pipeline, revision), response)


@router.get("/versions", summary="List the versions of a pipeline, the newest first")
def list_pipeline_versions(
    pipeline_id: PipelineId, parts: PartsDep, cursor: Cursor = None, limit: Limit = 50
) -> VersionList:
    seen = decode_cursor(cursor)
    before = int(seen[0]) if seen else None
    with parts.database.read() as connection:
        page = list_versions(connection, pipeline_id, before, limit + 1)
    last = page[limit - 1] if len(page) > limit else None
    return VersionList(
        versions=[VersionItem(**item.__dict__) for item in page[:limit]],
        next=encode_cursor(float(last.version), "version") if last else None,
    )


@router.post("/versions", summary="Store the draft as a version; an equal newest one is kept")
def add_pipeline_version(
    pipeline_id: PipelineId,
    request: VersionRequest,
    parts: PartsDep,
    person: PersonDep,
    response: Response,
    if_match: IfMatch = None,
) -> PipelineVersion:
    revision = read_draft_tag(if_match)
    check_text(request.note + request.author)
    with parts.database.begin() as connection:
        author = author_of(parts, person, request.author)
        record, is_new = store_draft(connection, pipeline_id, revision, request.note, author)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/v1/pipelines/{record.id}/versions/{record.version}"
    return tagged(record, response)


@router.get("/versions/{version}", summary="Read one version of a pipeline")
def read_pipeline_version(
    pipeline_id: PipelineId, version: Version, parts: PartsDep, response: Response
) -> PipelineVersion:
    with parts.database.read() as connection:
        return tagged(get_pipeline(connection, pipeline_id, version, deleted=True), response)


@router.get("/diff", summary="What differs between two versions, or a version and the draft")
def diff_pipeline(
    pipeline_id: PipelineId,
    parts: PartsDep,
    before: Annotated[int, Query(alias="from", ge=1, le=MAX_VERSION)],
    after: Annotated[VersionQuery | Literal["draft"], Query(alias="to")] = "draft",
) -> PipelineDiff:
    with parts.database.read() as connection:
        old = _load(connection, pipeline_id, before)
        new = _load(connection, pipeline_id, None if after == "draft" else after)
    return diff_pipelines(old, new)


@router.post("/restore", summary="Put a version into the draft again")
def restore_pipeline(
    pipeline_id: PipelineId,
    request: RestoreRequest,
    parts: PartsDep,
    response: Response,
    if_match: IfMatch = None,
) -> Draft:
    """Without `If-Match` whatever the draft holds is overwritten."""
    with parts.database.begin() as connection:
        pipeline = _load(connection, pipeline_id, request.version)
        draft = get_draft(connection, pipeline_id)
        revision = draft.revision if if_match is None else read_draft_tag(if_match)
        restored = put_draft(connection, pipeline_id, pipeline, revision, request.version)
    return _tagged(restored, response)


@router.post("/copy", summary="Make a new pipeline of a draft or a version", status_code=201)
def copy_pipeline(
    pipeline_id: PipelineId,
    request: CopyRequest,
    parts: PartsDep,
    person: PersonDep,
    response: Response,
) -> PipelineVersion:
    note_code = code_noter(parts, person)
    with parts.database.begin() as connection:
        pipeline = _load(connection, pipeline_id, request.version)
        name = request.name or f"{pipeline.name[:190]} (copy)"
        copy = load_pipeline({**pipeline.dump(), "name": name})
        note_code(connection, copy, pipeline.dump())
        note, author = f"Copy of {pipeline.name}"[:500], author_of(parts, person)
        record = create_pipeline(connection, copy, note, author)
    response.headers["Location"] = f"/api/v1/pipelines/{record.id}"
    return tagged(record, response)


@router.get(
    "/export",
    summary="Download a pipeline as a file, which `POST /pipelines` takes again",
    response_class=Response,
    responses={200: _JSON_FILE},
)
def export_pipeline(
    pipeline_id: PipelineId, parts: PartsDep, version: VersionQuery | None = None
) -> Response:
    with parts.database.read() as connection:
        record = get_pipeline(connection, pipeline_id, version)
    text = json.dumps(record.document, indent=2, ensure_ascii=False) + "\n"
    name = _file_name(record.document["name"])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, media_type="application/json")


def _load(connection: Connection, id: str, version: int | None) -> Pipeline:
    """A version of a pipeline; None: its draft."""
    if version is None:
        return load_pipeline(get_draft(connection, id).document)
    return load_pipeline(get_pipeline(connection, id, version).document)


def _tagged(draft: DraftRecord, response: Response) -> Draft:
    """The ETag is the revision, so that a change made to an older one is noticed."""
    response.headers["ETag"] = draft_tag(draft.revision)
    return Draft(**draft.shown())


def _file_name(title: str) -> str:
    """A name that every system takes: what is not a letter, digit or hyphen becomes `_`."""
    return (re.sub(r"[^A-Za-z0-9-]+", "_", title).strip("_")[:100] or "pipeline") + ".json"
