"""The outermost layer: names each request, closes every answer off, catches what nobody caught."""

from __future__ import annotations

import uuid

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.server.problems import answer, request_id, unexpected

# What an answer carries unless its route says otherwise: deny first.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    # `no-referrer` would make browsers send `Origin: null`, and the guard refuse their requests.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Answers:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = uuid.uuid4().hex
        started = False

        async def send_closed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id(scope)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_closed)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:
            refusal = unexpected(scope, error)
            if started:
                raise  # the server breaks the connection: half an answer must not look whole
            await answer(scope, refusal)(scope, receive, send_closed)
