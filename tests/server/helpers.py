"""A server of real sockets for tests, and the few documents that they send."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from studio.database.engine import Database
from studio.database.runs import claim_run, finish_run
from studio.database.steps import get_step, queue_step, start_attempt
from studio.reason import Reason
from studio.server.app import create_app
from studio.server.limits import Limits
from studio.server.main import make_server, prepare_sockets
from studio.settings import Settings

Json = dict[str, Any]

LIMITS = Limits(json=1 << 20, upload=2 << 20, reserve=1 << 20)
READ = {"id": "read", "component": "read_table", "parameters": {"path": "data.csv"}}


@dataclass(frozen=True)
class Served:
    """A running server. `client` has its token, `stranger` has nothing."""

    app: FastAPI
    settings: Settings
    url: str
    client: httpx.Client
    stranger: httpx.Client

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def database(self) -> Database:
        database: Database = self.app.state.parts.database
        return database


@contextmanager
def serving(settings: Settings, limits: Limits = LIMITS) -> Iterator[Served]:
    """Run uvicorn in a thread until the end of the block; waits until it is ready."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    prepare_sockets([listener])
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = create_app(settings, limits)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    token = settings.token_file.read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with (
            httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=20) as client,
            httpx.Client(base_url=url, timeout=20) as stranger,
        ):
            wait_until(lambda: stranger.get("/readyz").status_code == 200)
            yield Served(app, settings, url, client, stranger)
    finally:
        server.should_exit = True
        thread.join(10)


def wait_until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not come true in time"
        time.sleep(0.02)


def pipeline(name: str = "p", **more: Any) -> Json:
    return {"schema_version": 1, "name": name, "nodes": [READ], **more}


def sign_in(served: Served) -> str:
    """A session cookie, as a browser gets it."""
    ticket = served.client.post("/tickets").json()["ticket"]
    answer = served.stranger.get("/login", params={"ticket": ticket})
    assert answer.status_code == 303
    served.stranger.cookies.clear()
    return answer.cookies["studio_session"]


def start_run(served: Served, document: Json | None = None) -> str:
    answer = served.client.post("/runs", json={"pipeline": document or pipeline()})
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


def begin_step(served: Served, run_id: str, node: str = "read") -> int:
    """What a runner writes when it claims a run and starts a step; gives the attempt."""
    with served.database.begin() as connection:
        claim_run(connection, "test", 60, run_id)
        step = get_step(connection, run_id, node)
        if step.state == "running":  # its attempt was lost
            step = queue_step(connection, step, Reason("lost"))
        return start_attempt(connection, step, "ab" * 32, {}, Reason("never_run")).attempt


def end_run(served: Served, run_id: str, state: Any = "succeeded") -> None:
    with served.database.begin() as connection:
        finish_run(connection, run_id, state, None)


def problem(answer: httpx.Response, status: int) -> Json:
    """The answer as a problem, checked for its form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: Json = answer.json()
    assert document.keys() == {"type", "title", "status", "detail", "request_id", "errors"}
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["errors"], document
    assert all(item["code"] and item["message"] for item in document["errors"])
    return document


def raw_request(served: Served, text: bytes, timeout: float = 5.0) -> bytes:
    """Send bytes as they are, which no client library would, and read all of the answer."""
    with socket.create_connection(("127.0.0.1", served.port), timeout) as connection:
        connection.sendall(text)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def raw_get(served: Served, target: str, headers: Json | None = None) -> tuple[int, bytes]:
    """GET an address exactly as spelled; gives status and body."""
    token = served.settings.token_file.read_text().strip()
    given = {"Host": f"127.0.0.1:{served.port}", "Connection": "close"}
    given |= {"Authorization": f"Bearer {token}"} if headers is None else headers
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
    answer = raw_request(served, ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


@contextmanager
def stream(served: Served, path: str, **headers: str) -> Iterator[Iterator[Json]]:
    """The events of a stream as they come."""
    with served.client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield (
            json.loads(line.removeprefix("data: "))
            for line in response.iter_lines()
            if line.startswith("data: ")
        )
