"""Events: each once and in order, from anywhere on, to any number of listeners at any speed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest

from studio.database.events import add_event, last_event_id, list_events
from studio.server import feed, streams
from studio.settings import Settings
from tests.server.helpers import (
    Json,
    Served,
    end_run,
    problem,
    serving,
    start_run,
    stream,
    wait_until,
)

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


@pytest.mark.parametrize("seed", range(4))
def test_two_clients_end_with_the_same_however_often_one_is_cut_off(
    served: Served, seed: int
) -> None:
    """Ids of one run have gaps, for others are told of meanwhile; any id may be come back with."""
    random = Random(seed)
    id, other = start_run(served), start_run(served)
    faithful: list[Json] = []
    cut_off: list[Json] = []

    def listen() -> None:
        with stream(served, f"/runs/{id}/events") as events:
            faithful.extend(events)

    def work() -> None:
        worker = Random(seed)
        for number in range(0, 200, 10):
            say(served, id, *range(number, number + 10))
            say(served, other, *range(worker.randrange(4)))
            time.sleep(worker.random() / 50)
        end_run(served, id)

    threads = [threading.Thread(target=target) for target in (listen, work)]
    for thread in threads:
        thread.start()
    last = 0
    while not cut_off or cut_off[-1]["data"].get("state") != "succeeded":
        path = f"/runs/{id}/events"
        with stream(served, path, **{"Last-Event-ID": str(last)}) as events:
            cut_off += islice(events, random.randrange(60))
        last = cut_off[-1]["id"] if cut_off else 0
        with served.database.read() as connection:  # in the gap that follows, if there is one
            later = list_events(connection, last)
        following = next((item for item in later if item.run_id == id), None)
        if following is not None:
            last = random.randint(last, following.id - 1)
    for thread in threads:
        thread.join()
    with served.database.read() as connection:
        told = [event.id for event in list_events(connection, run_id=id)]
    assert [event["id"] for event in faithful] == [event["id"] for event in cut_off] == told


def test_with_an_id_of_another_database_a_client_is_told_all(served: Served) -> None:
    id = start_run(served)
    say(served, id, 1)
    future = {"Last-Event-ID": str(newest(served) + 1000)}
    with stream(served, f"/runs/{id}/events", **future) as events:
        assert [next(events)["type"], next(events)["type"]] == ["run", "progress"]
        end_run(served, id)
        assert [event["type"] for event in events] == ["run"]
    with stream(served, "/events", **future) as events:
        run = start_run(served)
        assert next(events)["run_id"] == run


@pytest.mark.parametrize("last", ["abc", "-1", "1.5", str(2**63), "1 2"])
def test_an_id_that_is_none_is_refused(served: Served, last: str) -> None:
    answer = served.client.get(f"/runs/{start_run(served)}/events", headers={"Last-Event-ID": last})
    problem(answer, 422)


def test_streams_end_when_the_server_is_told_to(settings: Settings) -> None:
    ended: list[float] = []
    with serving(settings) as served:
        id = start_run(served)
        ready = threading.Barrier(3)

        def listen(path: str) -> None:
            listener = connect(served, f"/api/v1{path}")
            listener.recv(1)
            ready.wait()
            while listener.recv(65536):
                pass
            listener.close()
            ended.append(time.monotonic())

        paths = ("/events", f"/runs/{id}/events")
        threads = [threading.Thread(target=listen, args=(path,)) for path in paths]
        for thread in threads:
            thread.start()
        ready.wait()
        began = time.monotonic()
    for thread in threads:
        thread.join(5)
    assert len(ended) == 2
    assert max(ended) - began < 5
