"""Pipelines and their versions: saved, read, checked."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from studio.database.audit import add_audit
from studio.database.pipelines import (
    PipelineRecord,
    create_pipeline,
    delete_pipeline,
    get_pipeline,
    list_pipelines,
    save_pipeline,
)
from studio.errors import Problem, StudioError, say
from studio.pipeline import load_pipeline, pipeline_schema
from studio.server.json_route import JsonRoute
from studio.server.models import (
    PipelineBody,
    PipelineDocument,
    PipelineId,
    PipelineItem,
    PipelineList,
    PipelineVersion,
    Validation,
)
from studio.server.paging import Cursor, Limit, decode_cursor, encode_cursor
from studio.server.parts import Parts, PartsDep, PersonDep, author_of
from studio.server.plans import code_noter
from studio.server.problems import as_items
from studio.server.schemas import check_columns
from studio.server.tags import IfMatch, PreconditionError, read_version_tag, version_tag
from studio.submission import check_pipeline

router = APIRouter(prefix="/pipelines", tags=["pipelines"], route_class=JsonRoute)

Note = Annotated[str, Query(max_length=500, description="Why this version was saved.")]


@router.get("", summary="List the pipelines, the last changed first")
def list_all_pipelines(parts: PartsDep, cursor: Cursor = None, limit: Limit = 50) -> PipelineList:
    with parts.database.read() as connection:
        page = list_pipelines(connection, limit + 1, decode_cursor(cursor))
    last = page[limit - 1] if len(page) > limit else None
    return PipelineList(
        pipelines=[PipelineItem(**item.__dict__) for item in page[:limit]],
        next=encode_cursor(last.updated_at, last.id) if last else None,
    )


@router.post("", summary="Store a new pipeline", status_code=201)
def add_pipeline(
    pipeline: Annotated[PipelineBody, Body()],
    parts: PartsDep,
    person: PersonDep,
    response: Response,
    note: Note = "",
) -> PipelineVersion:
    check_text(note)
    note_code = code_noter(parts, person)
    with parts.database.begin() as connection:
        note_code(connection, pipeline)
        record = create_pipeline(connection, pipeline, note, author_of(parts, person))
    response.headers["Location"] = f"/api/v1/pipelines/{record.id}"
    return tagged(record, response)


@router.get("/schema", summary="The JSON Schema of a pipeline document")
def get_pipeline_schema() -> dict[str, Any]:
    return _schema()


@router.post("/validate", summary="Check a pipeline without storing it: every problem at once")
def validate_pipeline(document: Annotated[PipelineDocument, Body()], parts: PartsDep) -> Validation:
    problems = _find_problems(parts, document)
    return Validation(valid=not problems, problems=as_items(problems))


@router.get("/{pipeline_id}", summary="Read the newest version of a pipeline")
def read_pipeline(pipeline_id: PipelineId, parts: PartsDep, response: Response) -> PipelineVersion:
    with parts.database.read() as connection:
        return tagged(get_pipeline(connection, pipeline_id), response)


@router.put("/{pipeline_id}", summary="Save a new version of a pipeline")
def update_pipeline(
    pipeline_id: PipelineId,
    pipeline: Annotated[PipelineBody, Body()],
    parts: PartsDep,
    person: PersonDep,
    response: Response,
    if_match: IfMatch = None,
    note: Note = "",
) -> PipelineVersion:
    based_on = read_version_tag(if_match)
    check_text(note)
    note_code = code_noter(parts, person)
    with parts.database.begin() as connection:
        before = get_pipeline(connection, pipeline_id)
        newest = before.newest_version
        if newest != based_on:
            raise _stale(newest, based_on)
        note_code(connection, pipeline, before.document)
        author = author_of(parts, person)
        saved = save_pipeline(connection, pipeline_id, pipeline, based_on, note, author)
        return tagged(saved, response)


@router.delete("/{pipeline_id}", summary="Put a pipeline away; its runs keep their version")
def remove_pipeline(pipeline_id: PipelineId, parts: PartsDep, person: PersonDep) -> PipelineItem:
    with parts.database.begin() as connection:
        record = get_pipeline(connection, pipeline_id)
        delete_pipeline(connection, pipeline_id)
        add_audit(connection, person, "delete", f"pipeline:{pipeline_id}", version=record.version)
    return PipelineItem(**record.__dict__, name=record.document["name"])


_schema = cache(pipeline_schema)


def tagged(record: PipelineRecord, response: Response) -> PipelineVersion:
    """The ETag is the version, so that a change made to an older one is noticed."""
    response.headers["ETag"] = version_tag(record.version)
    return PipelineVersion(**record.__dict__)


def _find_problems(parts: Parts, document: Any) -> tuple[Problem, ...]:
    try:
        pipeline = load_pipeline(document)
    except StudioError as error:
        return error.problems()
    problems = check_pipeline(parts.catalog.load(), pipeline)
    return (*problems, *check_columns(parts, pipeline, {}))


def _stale(newest: int, based_on: int) -> PreconditionError:
    message = say(
        "The pipeline is at version {newest}; your change was made to version {based_on}.",
        newest=newest,
        based_on=based_on,
    )
    hint = "Load the newest version, make the change again, and save with its ETag."
    return PreconditionError(412, "pipeline.version", message, hint)


def check_text(text: str) -> None:
    if "\0" in text:
        raise StudioError("The text holds a NUL.", hint="Remove it.", code="string.invalid")
