"""Is the server up, is it ready: the only answers that need no token, of one word each."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from studio.database.events import last_event_id
from studio.server.models import State
from studio.server.parts import Parts, PartsDep

router = APIRouter(tags=["health"])

log = logging.getLogger("studio.server")


@router.get("/healthz", summary="The server is up")
async def check_health() -> State:
    return State(state="up")


@router.get(
    "/readyz",
    summary="Database and inspector answer",
    responses={503: {"model": State, "description": "They do not, yet."}},
)
def check_readiness(parts: PartsDep, response: Response) -> State:
    if _answers(parts):
        return State(state="ready")
    response.status_code = 503
    return State(state="starting")


def _answers(parts: Parts) -> bool:
    try:
        with parts.database.read() as connection:
            last_event_id(connection)
    except SQLAlchemyError as error:
        log.warning("not ready: %s", error)
        return False
    return parts.warming.is_done()
