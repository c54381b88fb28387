"""Events as they happen: server-sent events, with replay from `Last-Event-ID`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from studio.database.events import Event, list_events
from studio.database.runs import RunRecord, get_run
from studio.run import FINAL_RUN_STATES
from studio.server.json_route import JsonRoute
from studio.server.models import EventItem, RunId
from studio.server.parts import Parts, PartsDep

router = APIRouter(tags=["events"], route_class=JsonRoute)

HEARTBEAT_SECONDS = 15.0
_LAST_ID = 2**63 - 1

After = Annotated[
    int | None, Query(ge=0, le=_LAST_ID, description="Events later than this id; 0: all.")
]
LastEventId = Annotated[
    int | None,
    Header(alias="Last-Event-ID", ge=0, le=_LAST_ID, description="As `after`; sent by browsers."),
]


class EventStream(StreamingResponse):
    media_type = "text/event-stream"


_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "One event a message.", "model": EventItem}
}


@router.get(
    "/runs/{run_id}/events",
    summary="What happens in a run, from its beginning until it is over",
    response_class=EventStream,
    responses={**_ANSWER, 204: {"description": "The run is over; there is nothing more."}},
)
async def stream_run_events(
    run_id: RunId, parts: PartsDep, after: After = None, last_event_id: LastEventId = None
) -> Response:
    asked = last_event_id if last_event_id is not None else after or 0
    # An id that is not given yet is of another database, such as one from before a restore.
    position = asked if asked <= await parts.feed.newest_id() else 0
    run, has_more = await run_in_threadpool(_look, parts, run_id, position)
    if run.state in FINAL_RUN_STATES and not has_more:
        return Response(status_code=204)  # tells a browser not to come back
    return EventStream(_messages(parts, position, run_id), headers={"X-Accel-Buffering": "no"})


@router.get(
    "/events",
    summary="What happens in all runs, from now on or after an event",
    response_class=EventStream,
    responses=_ANSWER,
)
async def stream_events(
    parts: PartsDep, after: After = None, last_event_id: LastEventId = None
) -> Response:
    position = last_event_id if last_event_id is not None else after
    newest = await parts.feed.newest_id()
    if position is None or position > newest:
        position = newest
    return EventStream(_messages(parts, position, None), headers={"X-Accel-Buffering": "no"})


def _look(parts: Parts, run_id: str, after: int) -> tuple[RunRecord, bool]:
    with parts.database.read() as connection:
        return get_run(connection, run_id), bool(list_events(connection, after, run_id, limit=1))


async def _messages(parts: Parts, after: int, run_id: str | None) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"  # sent at once, so that the client knows it is connected
    async with aclosing(parts.feed.listen(after, run_id, HEARTBEAT_SECONDS)) as pages:
        async for page in pages:
            yield b"".join(map(_message, page)) or b": still here\n\n"
            if run_id is not None and page and _is_over(page[-1]):
                return


def _message(event: Event) -> bytes:
    return f"id: {event.id}\ndata: {json.dumps(asdict(event))}\n\n".encode()


def _is_over(event: Event) -> bool:
    return event.type == "run" and event.data.get("state") in FINAL_RUN_STATES
