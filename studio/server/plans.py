"""Plans: what a run would do with each node and why, before it is started."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from studio.database.audit import Actor
from studio.database.pipelines import get_pipeline
from studio.errors import StudioError
from studio.pipeline import load_pipeline
from studio.planning import Plan
from studio.server.json_route import JsonRoute
from studio.server.models import PipelineId, PipelinePlanRequest, PlanItem, RunRequest
from studio.server.parts import Parts, PartsDep, PersonDep
from studio.submission import Submission

router = APIRouter(tags=["runs"], route_class=JsonRoute)


@router.post("/plan", summary="What a run of a pipeline would do; nothing is stored")
def plan_pipeline(request: PipelinePlanRequest, parts: PartsDep, person: PersonDep) -> PlanItem:
    order = request.order(request.folder)
    try:
        pipeline = load_pipeline(request.pipeline)
    except StudioError as error:
        return _item(Plan(order.mode, order.targets, problems=error.problems()))
    return _item(submission(parts, person).plan(pipeline, order))


@router.post("/pipelines/{pipeline_id}/plan", summary="What a run of a stored pipeline would do")
def plan_stored_pipeline(
    pipeline_id: PipelineId, request: RunRequest, parts: PartsDep, person: PersonDep
) -> PlanItem:
    with parts.database.read() as connection:
        record = get_pipeline(connection, pipeline_id, request.version)
    pipeline = load_pipeline(record.document)
    return _item(submission(parts, person).plan(pipeline, request.order(), record.id))


def submission(parts: Parts, actor: Actor) -> Submission:
    """With the components as they are now."""
    return Submission(parts.database, parts.settings, parts.catalog.load(), actor)


NoteCode = Callable[..., None]


def code_noter(parts: Parts, actor: Actor) -> NoteCode:
    """`Submission.note_code`, to be had before a transaction begins; on a laptop it does nothing.

    It reads the catalog, which may write, and would wait for the transaction that it is in.
    """
    return submission(parts, actor).note_code if parts.settings.is_team else _note_nothing


def _note_nothing(*_: Any, **__: Any) -> None:
    pass


def _item(plan: Plan) -> PlanItem:
    return PlanItem.model_validate(plan.to_json())
