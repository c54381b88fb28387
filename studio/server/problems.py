"""Every refusal as `application/problem+json` (RFC 9457): what is wrong, where, the way out."""

from __future__ import annotations

import errno
import http
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from studio.database.drafts import StaleDraftError
from studio.errors import Problem, StudioError, say

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "2"
_MAX_PROBLEMS = 1000
_MAX_TEXT = 2000

log = logging.getLogger("studio.server")


class ProblemItem(BaseModel):
    """One thing that is wrong; `row`, and `line` and `column` of a source, count from 1."""

    code: str
    message: str
    hint: str | None = None
    node: str | None = None
    node_name: str | None = None
    field: str | None = None
    port: str | None = None
    row: int | None = None
    line: int | None = None
    column: int | None = None
    arguments: dict[str, Any] | None = None


class ProblemDetails(BaseModel):
    """The answer to a request that was refused or failed.

    `draft`, only where a stale draft was refused: the one that is here, as `GET` gives it.
    """

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemItem]
    draft: dict[str, Any] | None = None


@dataclass(frozen=True)
class Refusal:
    """A refusal before it is written as an answer. more: further members of the answer."""

    status: int
    title: str
    problems: tuple[Problem, ...]
    headers: tuple[tuple[str, str], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def refuse(status: int, code: str, message: str, hint: str | None = None, **where: Any) -> Refusal:
    """A refusal for one reason."""
    problem = Problem(code, message, hint=hint, **where)
    return Refusal(status, http.HTTPStatus(status).phrase, (problem,))


def answer(scope: Scope, refusal: Refusal) -> Response:
    """The answer for a refusal."""
    problems, first = refusal.problems[:_MAX_PROBLEMS], refusal.problems[0]
    more = len(refusal.problems) - 1
    document = {
        "type": f"urn:splice-studio:problem:{first.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": _cut(first.message) + (f" (and {more} more)" if more else ""),
        "request_id": request_id(scope),
        "errors": [_item(problem) for problem in problems],
        **refusal.more,
    }
    return Response(
        json.dumps(document), refusal.status, headers=dict(refusal.headers), media_type=MEDIA_TYPE
    )


def request_id(scope: Scope) -> str:
    """Names this request in the log and in a refusal."""
    return str(scope.get("state", {}).get("request_id", ""))


def _item(problem: Problem) -> dict[str, Any]:
    item = problem.to_json()
    return {key: _cut(value) if isinstance(value, str) else value for key, value in item.items()}


def _cut(text: str) -> str:
    """A message may quote what was sent, which may be megabytes."""
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


def from_studio_error(error: StudioError) -> Refusal:
    headers = [("Retry-After", RETRY_SECONDS)] if error.status == 503 else []
    more = {"draft": error.current.shown()} if isinstance(error, StaleDraftError) else {}
    return Refusal(error.status, error.title, error.problems(), tuple(headers), more)


def from_http_error(request: Request, error: HTTPException) -> Refusal:
    """Unknown routes and wrong methods, which the router itself refuses."""
    where = f"{request.method} {request.url.path}"
    if error.status_code == 404:
        return refuse(
            404,
            "route.unknown",
            say("There is nothing at {where}.", where=where),
            "See /openapi.json.",
        )
    if error.status_code == 405:
        allowed = ", ".join(_methods_at(request.app, request.url.path))
        message = say("This address takes no {method}.", method=request.method)
        refusal = refuse(405, "route.method", message, say("It takes: {allowed}.", allowed=allowed))
        return Refusal(405, refusal.title, refusal.problems, (("Allow", allowed),))
    return refuse(error.status_code, "request.refused", str(error.detail))


def _methods_at(app: FastAPI, path: str) -> list[str]:
    """What an address takes: all its routes together, where the router looks at the first."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.path_regex.match(path):
            found |= route.methods or set()
    return sorted(found)


def from_validation_error(error: RequestValidationError) -> Refusal:
    """Form errors by field; an id in the address that cannot be one is simply not there."""
    items = error.errors()
    if any(item["loc"][0] == "path" for item in items):
        names = [str(item["loc"][-1]) for item in items if item["loc"][0] == "path"]
        words = ", ".join(names).replace("_", " ")
        return refuse(404, "not_found", say("There is nothing with this {words}.", words=words))
    return Refusal(
        422, "The request has not the right form", tuple(_form_problem(item) for item in items)
    )


def _form_problem(item: dict[str, Any]) -> Problem:
    field = ".".join(str(part) for part in item["loc"][1:]) or None
    message = say("{field}: {lower}.", field=field or item["loc"][0], lower=item["msg"].lower())
    return Problem(f"request.{item['type']}", message, field=field)


def from_database_error(error: Exception) -> Refusal:
    """The database is locked, away or full: the same request may succeed later."""
    log.error("the database did not answer: %s", error)
    if "disk is full" in str(error):
        return refuse(507, "disk_full", "The disk of the database is full.", "Free some space.")
    refusal = refuse(503, "database.away", "The database does not answer now.", "Try again.")
    return Refusal(503, refusal.title, refusal.problems, (("Retry-After", RETRY_SECONDS),))


def _from_disk_error(error: OSError) -> Refusal:
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        raise error
    return refuse(507, "disk_full", "The disk is full.", "Free some space, then try again.")


def unexpected(scope: Scope, error: Exception) -> Refusal:
    """A fault of ours: the traceback is in the log, under the id that the answer carries."""
    log.error(
        "request %s %s %s failed",
        request_id(scope),
        scope.get("method"),
        scope.get("path"),
        exc_info=error,
    )
    hint = "This is a fault of the studio; its log has the details under this request id."
    return refuse(500, "internal", "The studio failed on this request.", hint)


def add_handlers(app: FastAPI) -> None:
    """Have the app answer each kind of error in this form."""

    async def on_studio_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, StudioError)
        return answer(request.scope, from_studio_error(error))

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request.scope, from_http_error(request, error))

    async def on_validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request.scope, from_validation_error(error))

    async def on_database_error(request: Request, error: Exception) -> Response:
        return answer(request.scope, from_database_error(error))

    async def on_disk_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, OSError)
        return answer(request.scope, _from_disk_error(error))

    app.add_exception_handler(StudioError, on_studio_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(OSError, on_disk_error)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(kind, on_database_error)


def as_items(problems: Iterable[Problem]) -> list[ProblemItem]:
    return [ProblemItem(**problem.to_json()) for problem in problems]
