"""Events: each once and in order, from anywhere on, to any number of listeners at any speed."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from studio.database.events import add_event, last_event_id
from studio.server import feed, streams
from tests.server.helpers import Json, Served, end_run, start_run, stream, wait_until

pytestmark = pytest.mark.timeout(60)  # a lost event would be waited for without end


def say(served: Served, run_id: str, *numbers: int, message: str = "") -> None:
    with served.database.begin() as connection:
        for number in numbers:
            data = {"node": "read", "share": number / 1000, "message": message}
            add_event(connection, run_id, "progress", **data)


def newest(served: Served) -> int:
    with served.database.read() as connection:
        return last_event_id(connection)


def shares(events: Iterator[Json]) -> list[int]:
    return [round(e["data"]["share"] * 1000) for e in events if e["type"] == "progress"]


def test_a_run_is_told_from_its_beginning_and_the_stream_ends_with_it(served: Served) -> None:
    id, other = start_run(served), start_run(served)
    say(served, id, 1, 2)
    say(served, other, 7)
    end_run(served, id)
    with stream(served, f"/runs/{id}/events") as events:
        told = list(events)
    assert [event["type"] for event in told] == ["run", "progress", "progress", "run"]
    assert {event["run_id"] for event in told} == {id}
    assert told[-1]["data"]["state"] == "succeeded"


def test_what_happens_while_one_listens_comes_at_once(served: Served) -> None:
    id = start_run(served)
    with stream(served, f"/runs/{id}/events") as events:
        assert next(events)["type"] == "run"
        for number in range(3):
            began = time.monotonic()
            say(served, id, number)
            assert next(events)["data"]["share"] == number / 1000
            assert time.monotonic() - began < 1.5
        end_run(served, id, "failed")
        assert [event["data"]["state"] for event in events] == ["failed"]


@pytest.mark.parametrize("by", ["header", "query"])
def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(
    served: Served, by: str
) -> None:
    id = start_run(served)
    say(served, id, *range(10))
    end_run(served, id)
    with stream(served, f"/runs/{id}/events") as events:
        seen = list(islice(events, 4))
    last = seen[-1]["id"]
    path, headers = (
        (f"/runs/{id}/events", {"Last-Event-ID": str(last)})
        if by == "header"
        else (f"/runs/{id}/events?after={last}", {})
    )
    with stream(served, path, **headers) as events:
        seen += events
    assert shares(iter(seen)) == list(range(10))
    assert len({event["id"] for event in seen}) == len(seen) == 12


def test_after_the_last_event_of_a_run_there_is_nothing_to_come_back_for(served: Served) -> None:
    id = start_run(served)
    end_run(served, id)
    headers = {"Last-Event-ID": str(newest(served))}
    assert served.client.get(f"/runs/{id}/events", headers=headers).status_code == 204


def test_every_message_carries_the_id_to_come_back_with(served: Served) -> None:
    id = start_run(served)
    end_run(served, id)
    lines = served.client.get(f"/runs/{id}/events").text.splitlines()
    ids = [line for line in lines if line.startswith("id: ")]
    assert len(ids) == 2
    assert ids[-1] == f"id: {newest(served)}"


def test_all_runs_are_told_in_one_stream_from_now_on(served: Served) -> None:
    before = start_run(served)
    with stream(served, "/events") as events:
        first, second = start_run(served), start_run(served)
        say(served, before, 5)
        told = list(islice(events, 3))
    assert [event["run_id"] for event in told] == [first, second, before]


def test_more_events_than_a_page_are_all_told(served: Served) -> None:
    id = start_run(served)
    say(served, id, *range(2500))
    end_run(served, id)
    with stream(served, f"/runs/{id}/events") as events:
        assert shares(events) == list(range(2500))


def test_a_slow_listener_misses_nothing_and_holds_up_nobody(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Far more than sockets hold: the slow one falls behind, and goes on from the database."""
    monkeypatch.setattr(feed, "_KEPT", 100)
    id = start_run(served)
    with (
        stream(served, f"/runs/{id}/events") as slow,
        stream(served, f"/runs/{id}/events") as quick,
    ):
        assert next(slow)["type"] == next(quick)["type"] == "run"
        for start in range(0, 1500, 300):
            say(served, id, *range(start, start + 300), message="x" * 10_000)
            assert shares(islice(quick, 300)) == list(range(start, start + 300))
        end_run(served, id)
        assert shares(slow) == list(range(1500))


def test_many_listeners_are_told_by_one_reader(served: Served) -> None:
    id = start_run(served)
    listeners = [connect(served, f"/api/v1/runs/{id}/events") for _ in range(30)]
    end_run(served, id)
    for listener in listeners:
        text = b""
        while part := listener.recv(65536):
            text += part
        listener.close()
        assert text.count(b"\nid: ") == 2


def connect(served: Served, path: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", served.port), 20)
    token = served.client.headers["authorization"]
    lines = (f"GET {path} HTTP/1.1", "Host: localhost", f"Authorization: {token}")
    connection.sendall(("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode())
    return connection


def test_nobody_listens_nothing_is_read(served: Served) -> None:
    reader = served.app.state.parts.feed
    listener = connect(served, "/api/v1/events")
    wait_until(lambda: reader.is_polling)
    listener.close()
    wait_until(lambda: not reader.is_polling)
    with stream(served, "/events") as events:  # and it begins again
        id = start_run(served)
        assert next(events)["run_id"] == id


def test_a_quiet_stream_says_that_it_is_there(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    with served.client.stream("GET", "/events") as response:
        lines = (line for line in response.iter_lines() if line.startswith(":"))
        assert list(islice(lines, 3)) == [": still here"] * 3
