"""Steps of a run: their states, what they were given, and their logs."""

from __future__ import annotations

import codecs
import errno
import os
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from studio.database.runs import get_run
from studio.database.steps import StepRecord, get_step, list_steps
from studio.server.json_route import JsonRoute
from studio.server.models import MAX_OFFSET, NodeId, RunId, StepDetail, StepItem, StepList
from studio.server.parts import Parts, PartsDep
from studio.server.queries import list_attempts

router = APIRouter(prefix="/runs/{run_id}/steps", tags=["runs"], route_class=JsonRoute)

_LOG_PAGE = 1 << 20
_LOG_TAIL = 256 << 10
_NEXT = "X-Next-Offset"


@router.get("", summary="List the steps of a run, in its order")
def list_run_steps(run_id: RunId, parts: PartsDep) -> StepList:
    with parts.database.read() as connection:
        get_run(connection, run_id)
        return StepList(steps=[step_item(step) for step in list_steps(connection, run_id)])


@router.get("/{node_id}", summary="Read a step with its parameters and its attempts")
def read_step(run_id: RunId, node_id: NodeId, parts: PartsDep) -> StepDetail:
    with parts.database.read() as connection:
        step = get_step(connection, run_id, node_id)
        attempts = list_attempts(connection, run_id, node_id)
    return StepDetail.model_validate(
        {
            **step_fields(step),
            "parameters": step.bound["parameters"],
            "sources": {
                port: [{"node": node, "port": name} for node, name in sources]
                for port, sources in step.bound["sources"].items()
            },
            "key_parts": step.key_parts,
            "attempts": attempts,
            "error": _error(parts, step),
        }
    )


@router.get(
    "/{node_id}/log",
    summary="Read the log of a step from a place on; it may still grow",
    response_class=PlainTextResponse,
    responses={200: {"headers": {_NEXT: {"schema": {"type": "integer"}}}}},
)
def read_step_log(
    run_id: RunId,
    node_id: NodeId,
    parts: PartsDep,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET, description="In bytes.")] = 0,
    attempt: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="None: the newest.")
    ] = None,
) -> PlainTextResponse:
    with parts.database.read() as connection:
        step = get_step(connection, run_id, node_id)
    file = parts.settings.step_log(run_id, node_id, attempt or step.attempt)
    text = _read_page(file, offset)
    return PlainTextResponse(text, headers={_NEXT: str(offset + len(text))})


def step_item(step: StepRecord) -> StepItem:
    return StepItem.model_validate(step_fields(step))


def step_fields(step: StepRecord) -> dict[str, Any]:
    """A step as it is shown, with the names that its node had when the run was made."""
    node, spec = step.bound["node"], step.bound["spec"]
    return {
        **step.__dict__,
        "problems": [_without_frames(problem) for problem in step.problems],
        "name": node["name"] or spec["title"],
        "component": node["component"],
        "title": spec["title"],
        "engine": step.bound["engine"],
    }


def _without_frames(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "frames"}


def _error(parts: Parts, step: StepRecord) -> dict[str, Any] | None:
    """The first problem of a failed step, with its lines of code and its place in the log."""
    if step.state != "failed" or not step.problems:
        return None
    log = parts.settings.step_log(step.run_id, step.node_id, step.attempt)
    return {**step.problems[0], "log_offset": _find_error(log)}


def _find_error(file: Path) -> int | None:
    """Where the last traceback begins, or the line that names the error; looked for at the end."""
    try:
        start = max(file.stat().st_size - _LOG_TAIL, 0)
    except FileNotFoundError:
        return None
    text = b"\n" + _read_page(file, start)
    found = max(text.rfind(mark) for mark in (b"\nTraceback (most recent", b"\nError: "))
    return None if found < 0 else start + found


def _read_page(file: Path, offset: int) -> bytes:
    """At most a page of the file, and no half of a character at its end."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            raise
        return b""  # the step has not begun; or this is a link, which no runner makes
    with os.fdopen(descriptor, "rb") as log:
        log.seek(offset)
        text = log.read(_LOG_PAGE)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(text)
    half, _ = decoder.getstate()
    return text[: len(text) - len(half)]
