"""Every address that there is, and who may use it: a new one fails here until it is listed."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from studio.server.guard import PUBLIC
from studio.server.permissions import ROUTES
from tests.server.helpers import Served, raw_get, raw_request

ID, DIGEST = "0" * 32, "0" * 64
OPEN = {"GET /healthz", "GET /readyz", "GET /login"}
FORM = "POST /login"  # in a team it needs no token but an Origin; in local mode it is closed
CLOSED = {FORM, *ROUTES}
VALUES = {
    "name": "x",
    "pipeline_id": ID,
    "version": "1",
    "run_id": ID,
    "node_id": "a",
    "digest": DIGEST,
    "token_id": "0" * 16,
    "account": "nobody",
}


def address(route: str) -> tuple[str, str]:
    method, _, path = route.partition(" ")
    return method, path.format(**VALUES)


def test_every_route_is_in_the_table_of_permissions_and_nothing_is_mounted(served: Served) -> None:
    routes = list(iter_route_contexts(served.app.routes))
    assert not [route for route in routes if isinstance(route.original_route, Mount)]
    found = {f"{method} {route.path}" for route in routes for method in route.methods or ["WS"]}
    assert found == OPEN | CLOSED


def test_only_the_three_open_addresses_are_public() -> None:
    assert {f"GET {path}" for path in PUBLIC} == OPEN


@pytest.mark.parametrize("route", sorted(CLOSED))
def test_a_closed_route_without_a_token_is_401(served: Served, route: str) -> None:
    method, path = address(route)
    assert served.stranger.request(method, path).status_code == 401


@pytest.mark.parametrize("value", ["Bearer wrong", "Bearer", "Basic eDp5", "null", "[]", ""])
def test_a_wrong_token_is_401(served: Served, value: str) -> None:
    for path in ("/", "/api/v1/runs", "/api/v1/events", "/nowhere"):
        answer = served.stranger.get(path, headers={"Authorization": value})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/runs", "/docs", "/redoc", "/"])
def test_every_method_needs_a_token_also_where_nothing_is(
    served: Served, method: str, path: str
) -> None:
    assert served.stranger.request(method, path).status_code == 401


@pytest.mark.parametrize("path", sorted(PUBLIC))
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_public_address_is_public_for_reading_only(
    served: Served, method: str, path: str
) -> None:
    assert served.stranger.request(method, path).status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/runs/healthz",
        "/api/v1/runs/../../../healthz",
        "/api/v1/runs/..%2f..%2f..%2fhealthz",
        "/api/v1/runs;/healthz",
        "/api/v1/runs/%2e%2e/%2e%2e/%2e%2e/login",
        "//healthz",
        "/healthz/",
        "/healthz/../api/v1/runs",
        "/HEALTHZ",
        "/healthz;x",
        "/healthz%00",
        "/healthz%20",
        "/healthz.json",
        "/./healthz",
        "/login/../assets/x.js",
        "/api/v1/runs?x=/healthz",
        "/api/v1/runs#/healthz",
        "http://127.0.0.1/api/v1/runs",
    ],
)
def test_no_spelling_of_a_public_address_opens_another(served: Served, target: str) -> None:
    status, body = raw_get(served, target, headers={})
    assert status in (400, 401), body
    assert b'"state"' not in body


def test_the_public_answers_are_one_word_each(served: Served) -> None:
    assert served.stranger.get("/healthz").json() == {"state": "up"}
    assert served.stranger.get("/readyz").json() == {"state": "ready"}


def test_the_body_of_a_stranger_is_not_read(served: Served) -> None:
    """The answer comes although most of the body that was announced never does."""
    head = (
        f"PUT /api/v1/datasets/x HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n"
        "Content-Length: 1000000000\r\nConnection: close\r\n\r\nbegin"
    )
    assert raw_request(served, head.encode()).startswith(b"HTTP/1.1 401 ")


def handshake(app: Any, headers: dict[str, str]) -> Any:
    """What the server says to a WebSocket before it is accepted."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": "/api/v1/events",
        "raw_path": b"/api/v1/events",
        "root_path": "",
        "query_string": b"",
        "subprotocols": [],
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(app(scope, receive, send))
    return sent[0]["type"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "127.0.0.1"},
        {"host": "evil.com", "authorization": "TOKEN"},
        {"host": "127.0.0.1", "origin": "http://evil.com", "authorization": "TOKEN"},
        {"host": "127.0.0.1", "origin": "null", "authorization": "TOKEN"},
        {"host": "127.0.0.1", "authorization": "TOKEN"},  # let in, but nothing is there
    ],
)
def test_a_websocket_is_never_accepted(served: Served, headers: dict[str, str]) -> None:
    token = served.client.headers["authorization"]
    given = {name: value.replace("TOKEN", token) for name, value in headers.items()}
    assert handshake(served.app, given) == "websocket.close"


def test_an_upgrade_over_the_wire_is_an_ordinary_request(served: Served) -> None:
    upgrade = {
        "Connection": "Upgrade, close",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    status, _ = raw_get(served, "/api/v1/events", headers=upgrade)
    assert status == 401


def test_answers_are_closed_off(served: Served) -> None:
    answers: list[httpx.Response] = [
        served.client.get("/runs"),
        served.client.get("/nowhere"),
        served.stranger.get("/api/v1/runs"),
        served.stranger.get("/healthz"),
        served.stranger.get("/", headers={"Accept": "text/html"}),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
