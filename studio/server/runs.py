"""Runs: started, listed, watched step by step, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import Connection

from studio.database.audit import add_audit
from studio.database.pipelines import PipelineRecord, get_pipeline, store_pipeline
from studio.database.runs import RunFilter, RunRecord, get_run, list_runs, request_cancel
from studio.database.steps import list_steps
from studio.pipeline import load_pipeline
from studio.run import RunState
from studio.server.json_route import JsonRoute
from studio.server.models import (
    MAX_OFFSET,
    PipelineId,
    PipelineRunRequest,
    RunDetail,
    RunId,
    RunItem,
    RunList,
    RunRequest,
)
from studio.server.paging import Cursor, Limit, decode_cursor, encode_cursor
from studio.server.parts import PartsDep, PersonDep, author_of
from studio.server.plans import submission
from studio.server.queries import pipeline_names
from studio.server.schemas import refuse_missing_columns
from studio.server.steps import step_item

Moment = Annotated[float | None, Query(ge=0, le=MAX_OFFSET, description="Seconds since 1970, UTC.")]

router = APIRouter(tags=["runs"], route_class=JsonRoute)


@router.post("/pipelines/{pipeline_id}/runs", summary="Run a stored pipeline", status_code=201)
def start_pipeline_run(
    pipeline_id: PipelineId,
    request: RunRequest,
    parts: PartsDep,
    person: PersonDep,
    response: Response,
) -> RunItem:
    with parts.database.read() as connection:
        record = get_pipeline(connection, pipeline_id, request.version)
    order = request.order()
    refuse_missing_columns(parts, load_pipeline(record.document), order)
    return _started(submission(parts, person).submit(record, order), record, response)


@router.post("/runs", summary="Store a pipeline, and run it", status_code=201)
def start_run(
    request: PipelineRunRequest, parts: PartsDep, person: PersonDep, response: Response
) -> RunItem:
    order = request.order(request.folder)
    refuse_missing_columns(parts, request.pipeline, order)
    here = submission(parts, person)
    with parts.database.begin() as connection:
        here.note_code(connection, request.pipeline, values=request.parameters)
        record = store_pipeline(connection, request.pipeline, author_of(parts, person))
    run = here.submit(record, order, by_name=True)
    return _started(run, record, response)


@router.get("/runs", summary="List the runs, the newest first")
def list_all_runs(
    parts: PartsDep,
    pipeline: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
    state: RunState | None = None,
    since: Moment = None,
    until: Moment = None,
    text: Annotated[
        str | None,
        Query(
            max_length=200,
            pattern=r"^[^\x00]*$",
            description="In the pipeline's name, or at the start of the run's id.",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> RunList:
    """`since` and `until` are of the time when a run was made, `until` not included."""
    asked = RunFilter(pipeline, state, since, until, text)
    with parts.database.read() as connection:
        page = list_runs(connection, asked, decode_cursor(cursor), limit + 1)
        items = as_items(connection, page[:limit])
    last = page[limit - 1] if len(page) > limit else None
    return RunList(runs=items, next=encode_cursor(last.created_at, last.id) if last else None)


@router.get("/runs/{run_id}", summary="Read a run with its steps")
def read_run(run_id: RunId, parts: PartsDep) -> RunDetail:
    with parts.database.read() as connection:
        item = as_items(connection, [get_run(connection, run_id)])[0]
        steps = [step_item(step) for step in list_steps(connection, run_id)]
    return RunDetail(**item.__dict__, steps=steps)


@router.post("/runs/{run_id}/resume", summary="Go on with a run that ended early", status_code=201)
def resume_run(run_id: RunId, parts: PartsDep, person: PersonDep, response: Response) -> RunItem:
    run = submission(parts, person).resume(run_id)
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    with parts.database.read() as connection:
        return as_items(connection, [run])[0]


@router.post("/runs/{run_id}/cancel", summary="Ask a run to end", status_code=202)
def cancel_run(run_id: RunId, parts: PartsDep, person: PersonDep) -> RunItem:
    with parts.database.begin() as connection:
        record = request_cancel(connection, run_id)
        add_audit(connection, person, "cancel", f"run:{run_id}")
        return as_items(connection, [record])[0]


def as_items(connection: Connection, records: Sequence[RunRecord]) -> list[RunItem]:
    names = pipeline_names(connection, (record.pipeline_id for record in records))
    return [_item(record, names.get(record.pipeline_id, "")) for record in records]


def _item(record: RunRecord, pipeline_name: str) -> RunItem:
    return RunItem.model_validate({**record.__dict__, "pipeline_name": pipeline_name})


def _started(run: RunRecord, record: PipelineRecord, response: Response) -> RunItem:
    response.headers["Location"] = f"/api/v1/runs/{run.id}"
    return _item(run, record.document["name"])
