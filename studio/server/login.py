"""Sign a browser in: a one-time address becomes a session cookie."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from studio.errors import StudioError
from studio.server.guard import COOKIE
from studio.server.json_route import JsonRoute
from studio.server.models import Ticket
from studio.server.parts import AccessDep
from studio.server.sessions import SESSION_SECONDS
from studio.server.signed_out import signed_out_page, wants_page

public = APIRouter()
router = APIRouter(tags=["access"], route_class=JsonRoute)


class TicketError(StudioError):
    status = 401
    code = "ticket"
    title = "Unauthorized"


class TokenNeededError(StudioError):
    status = 403
    code = "token_needed"
    title = "Forbidden"


@router.post("/tickets", summary="Make a one-time ticket that signs a browser in", status_code=201)
async def make_ticket(request: Request, access: AccessDep) -> Ticket:
    if request.state.signed_in_by != "token":
        raise TokenNeededError(
            "A session cannot make sessions.", hint="Use the token, or `studio open`."
        )
    return Ticket(ticket=access.tickets.make())


@public.get("/login", include_in_schema=False)
def login(request: Request, access: AccessDep, ticket: str = "") -> Response:
    if not access.tickets.take(ticket):
        if wants_page(request.scope):
            return signed_out_page()
        raise TicketError(
            "This address has been used, or is too old.", hint="`studio open` prints another."
        )
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        COOKIE,
        access.sessions.open(),
        max_age=SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
    )
    return response
