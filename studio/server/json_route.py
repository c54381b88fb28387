"""A route that takes JSON only, of a limited size, and reads it strictly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from studio.errors import LimitError, Problem, say
from studio.server.guard import SAFE_METHODS
from studio.server.limits import in_words
from studio.server.strict_json import BodyError, parse_json

_LONG = 256 << 10  # from here on, reading JSON takes milliseconds: not in the event loop


class JsonRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handle_json(request: Request) -> Response:
            if request.method not in SAFE_METHODS:
                _check_content_type(request, takes_body)
            if takes_body:
                body = await _read_body(request, request.app.state.limits.json)
                request = _JsonRequest(request, await _parse(body))
            return await handle(request)

        return handle_json


class _JsonRequest(Request):
    """A request whose body has been read as JSON already."""

    def __init__(self, request: Request, document: Any) -> None:
        super().__init__(request.scope, request.receive)
        self._document = document

    async def body(self) -> bytes:
        return b" "  # not empty: there is a document

    async def json(self) -> Any:
        return self._document


def _check_content_type(request: Request, is_required: bool) -> None:
    """A form or plain text, which other sites' pages can send, is never read as JSON."""
    given = request.headers.getlist("content-type")
    kinds = [value.replace(" ", "").lower() for value in given]
    fits = kinds in (["application/json"], ["application/json;charset=utf-8"])
    if not fits and (given or is_required):
        message = (
            say("The body is {given}.", given=", ".join(given))
            if given
            else "The body has no content type."
        )
        hint = "Send JSON with `Content-Type: application/json`."
        raise BodyError(415, Problem("request.content_type", message[:200], hint=hint))


async def _read_body(request: Request, limit: int) -> bytes:
    """The whole body; refused as soon as it is known to be too large."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


async def _parse(body: bytes) -> Any:
    return await run_in_threadpool(parse_json, body) if len(body) > _LONG else parse_json(body)


def _too_large(limit: int) -> LimitError:
    return LimitError(
        say("A JSON body may have {limit} at most.", limit=in_words(limit)),
        hint="Data belongs into datasets, not into a pipeline.",
        code="request.too_large",
    )
