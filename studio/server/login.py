"""Sign a browser in and out: a one-time address, or a team's form, becomes a session cookie."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.responses import RedirectResponse

from studio.errors import NotFoundError, StudioError
from studio.server.guard import COOKIE, OUTER_COOKIE, session_ids
from studio.server.json_route import JsonRoute
from studio.server.models import Ticket
from studio.server.parts import AccessDep, PersonDep
from studio.server.sessions import SESSION_SECONDS
from studio.server.signed_out import signed_out_page, takes_page, wants_page

public = APIRouter()
router = APIRouter(tags=["access"], route_class=JsonRoute)

_MAX_FORM = 4096


class TicketError(StudioError):
    status = 401
    code = "ticket"
    title = "Unauthorized"


class TokenNeededError(StudioError):
    status = 403
    code = "token_needed"
    title = "Forbidden"


@router.post("/tickets", summary="Make a one-time ticket that signs a browser in", status_code=201)
async def make_ticket(request: Request, access: AccessDep, person: PersonDep) -> Ticket:
    if request.state.signed_in_by != "token":
        raise TokenNeededError(
            "A session cannot make sessions.", hint="Use the token, or `studio open`."
        )
    return Ticket(ticket=await access.people.make_ticket(person))


class SignedOut(BaseModel):
    """Whose session was ended."""

    name: str


@router.delete("/session", summary="Sign this browser out")
async def sign_out(
    request: Request, access: AccessDep, person: PersonDep, response: Response
) -> SignedOut:
    await access.people.sign_out(session_ids(request.scope), person)
    response.delete_cookie(_cookie(request), path="/", secure=request.state.outer)
    return SignedOut(name=person.name)


@public.get("/login", include_in_schema=False)
async def login(request: Request, access: AccessDep, ticket: str = "") -> Response:
    """In a team the form is shown with the ticket in it: what only looks at a link uses up none."""
    if access.is_team and wants_page(request.scope):
        return signed_out_page(is_team=True, secret=ticket)
    return await _sign_in(request, access, "" if access.is_team else ticket)


@public.post("/login", include_in_schema=False)
async def login_by_form(request: Request, access: AccessDep) -> Response:
    """The form of the page that is shown to whom is not signed in, in team mode only."""
    if not access.is_team:
        raise NotFoundError("There is no such form.", code="route.unknown")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            break
    fields = parse_qs(bytes(body[:_MAX_FORM]).decode("latin-1"))
    return await _sign_in(request, access, fields.get("secret", [""])[0].strip())


async def _sign_in(request: Request, access: AccessDep, secret: str) -> Response:
    session = await access.people.sign_in(secret, request.state.address) if secret else None
    if session is None:
        if takes_page(request.scope):
            return signed_out_page(access.is_team, refused=bool(secret))
        raise TicketError(
            "This address has been used, or is too old.", hint="`studio open` prints another."
        )
    response = RedirectResponse("/", status_code=303)
    response.set_cookie(
        _cookie(request),
        session,
        max_age=SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.state.outer,
    )
    return response


def _cookie(request: Request) -> str:
    return OUTER_COOKIE if request.state.outer else COOKIE
