"""Runs over REST: submitted, listed, looked into, cancelled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.database.runs import finish_run
from studio.database.steps import Closing, close_steps, get_step
from tests.server.helpers import (
    Json,
    Served,
    begin_step,
    end_run,
    pipeline,
    problem,
    start_run,
)


def test_a_run_of_a_stored_version_is_queued_with_its_steps(served: Served) -> None:
    made = served.client.post("/pipelines", json=pipeline("stored")).json()
    answer = served.client.post(f"/pipelines/{made['id']}/runs", json={})
    assert answer.status_code == 201
    run = answer.json()
    assert answer.headers["location"] == f"/api/v1/runs/{run['id']}"
    assert (run["pipeline_name"], run["pipeline_version"], run["state"]) == ("stored", 1, "queued")
    read = served.client.get(f"/runs/{run['id']}").json()
    assert [(step["node_id"], step["state"]) for step in read["steps"]] == [("read", "waiting")]
    assert {**read, "steps": None} == {**run, "steps": None}
    assert served.client.get(f"/runs/{run['id']}/steps").json()["steps"] == read["steps"]


def test_a_named_version_is_run_and_not_the_newest(served: Served) -> None:
    id = served.client.post("/pipelines", json=pipeline("old")).json()["id"]
    served.client.put(f"/pipelines/{id}", json=pipeline("new"), headers={"If-Match": '"1"'})
    for body, version in (({"version": 1}, 1), ({}, 2)):
        run = served.client.post(f"/pipelines/{id}/runs", json=body).json()
        assert run["pipeline_version"] == version
    problem(served.client.post(f"/pipelines/{id}/runs", json={"version": 3}), 404)


def test_a_definition_in_place_of_a_stored_one_is_refused(served: Served) -> None:
    id = served.client.post("/pipelines", json=pipeline()).json()["id"]
    bodies: list[Json] = [{"pipeline": pipeline()}, {"nodes": []}, {"document": {}}, {"id": id}]
    for more in bodies:
        problem(served.client.post(f"/pipelines/{id}/runs", json=more), 422)


def test_submitting_an_equal_pipeline_again_makes_a_run_and_no_pipeline(served: Served) -> None:
    document = pipeline("submitted often")
    runs = [served.client.post("/runs", json={"pipeline": document}).json() for _ in range(3)]
    assert len({run["id"] for run in runs}) == 3
    assert len({(run["pipeline_id"], run["pipeline_version"]) for run in runs}) == 1
    changed = served.client.post("/runs", json={"pipeline": {**document, "description": "x"}})
    assert changed.json()["pipeline_id"] != runs[0]["pipeline_id"]


def test_a_pipeline_changed_since_is_stored_anew(served: Served) -> None:
    document = pipeline("changed since")
    first = served.client.post("/runs", json={"pipeline": document}).json()["pipeline_id"]
    served.client.put(
        f"/pipelines/{first}", json=pipeline("other"), headers={"If-Match": '"1"'}
    ).raise_for_status()
    assert served.client.post("/runs", json={"pipeline": document}).json()["pipeline_id"] != first


def test_parameters_and_folder_are_kept_with_the_run(served: Served) -> None:
    document = pipeline(
        "with parameters",
        parameters={"rate": {"type": "number", "default": 1}},
        nodes=pipeline()["nodes"],
    )
    body = {"pipeline": document, "parameters": {"rate": 0.25}, "folder": "/data/ä"}
    run = served.client.post("/runs", json=body).json()
    assert (run["parameters"], run["folder"]) == ({"rate": 0.25}, "/data/ä")


def test_a_run_that_cannot_be_is_refused_with_every_problem(served: Served) -> None:
    nodes = [{"id": "a", "component": "red_table"}, {"id": "b", "component": "split"}]
    answer = served.client.post("/runs", json={"pipeline": pipeline(nodes=nodes)})
    errors = problem(answer, 422)["errors"]
    assert {(item["node"], item["code"]) for item in errors} == {
        ("a", "component.unknown"),
        ("b", "port.unconnected"),
    }
    assert all(item["hint"] for item in errors)


def test_runs_are_listed_by_pipeline_and_state_in_pages(served: Served) -> None:
    document = pipeline("listed")
    made = [start_run(served, document) for _ in range(5)]
    id = served.client.get(f"/runs/{made[0]}").json()["pipeline_id"]
    end_run(served, made[0], "failed")
    seen: list[str] = []
    query: dict[str, str | int] = {"pipeline": id, "limit": 2}
    while True:
        page = served.client.get("/runs", params=query).json()
        seen += [run["id"] for run in page["runs"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == made[::-1]
    failed = served.client.get("/runs", params={"pipeline": id, "state": "failed"}).json()
    assert [run["id"] for run in failed["runs"]] == [made[0]]


def test_a_run_made_meanwhile_does_not_shift_the_pages(served: Served) -> None:
    document = pipeline("shifting")
    made = [start_run(served, document) for _ in range(3)]
    id = served.client.get(f"/runs/{made[0]}").json()["pipeline_id"]
    first = served.client.get("/runs", params={"pipeline": id, "limit": 2}).json()
    start_run(served, document)
    query = {"pipeline": id, "limit": 2, "cursor": first["next"]}
    assert [run["id"] for run in served.client.get("/runs", params=query).json()["runs"]] == [
        made[0]
    ]


def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_by_its_runner(
    served: Served,
) -> None:
    waiting, running = start_run(served), start_run(served)
    begin_step(served, running)
    for id, state in ((waiting, "cancelled"), (running, "cancelling"), (running, "cancelling")):
        answer = served.client.post(f"/runs/{id}/cancel")
        assert (answer.status_code, answer.json()["state"]) == (202, state)
    assert "cancelled" in problem(served.client.post(f"/runs/{waiting}/cancel"), 409)["detail"]


def test_a_failed_step_tells_why_and_each_attempt_is_kept(served: Served) -> None:
    id = start_run(served)
    begin_step(served, id)
    told = {"code": "csv.ragged", "message": "Row 3 is short.", "row": 3, "exit_status": 1}
    with served.database.begin() as connection:
        step = get_step(connection, id, "read")
        close_steps(connection, [Closing(step, "failed", problems=[told])])
        finish_run(connection, id, "failed", None, [told])
    step = served.client.get(f"/runs/{id}/steps/read").json()
    assert step["state"] == "failed"
    assert step["problems"][0].items() >= told.items()
    assert [attempt["number"] for attempt in step["attempts"]] == [1]
    assert (step["name"], step["component"], step["engine"]) == (
        "Read table",
        "read_table",
        "python",
    )
    assert step["parameters"]["path"] == "data.csv"
    problem(served.client.get(f"/runs/{id}/steps/raed"), 404)


def test_many_submissions_at_once_are_each_one_run(served: Served) -> None:
    document = pipeline("at once")
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: start_run(served, document), range(12)))
    assert len(set(ids)) == 12
    id = served.client.get(f"/runs/{ids[0]}").json()["pipeline_id"]
    listed = served.client.get("/runs", params={"pipeline": id, "limit": 200}).json()["runs"]
    assert {run["id"] for run in listed} == set(ids)


class TestLogs:
    @pytest.fixture
    def run_id(self, served: Served) -> str:
        return start_run(served)

    def write(self, served: Served, run_id: str, attempt: int, text: bytes) -> None:
        folder = served.settings.logs / run_id
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"read.{attempt}.log").open("ab") as file:
            file.write(text)

    def read(self, served: Served, run_id: str, **query: int) -> tuple[str, int]:
        answer = served.client.get(f"/runs/{run_id}/steps/read/log", params=query)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        return answer.text, int(answer.headers["x-next-offset"])

    def test_before_anything_is_logged_the_log_is_empty(self, served: Served, run_id: str) -> None:
        assert self.read(served, run_id) == ("", 0)
        begin_step(served, run_id)
        assert self.read(served, run_id, offset=7) == ("", 7)

    def test_a_growing_log_is_read_on_from_where_it_ended(
        self, served: Served, run_id: str
    ) -> None:
        begin_step(served, run_id)
        whole, offset = "", 0
        for text in ("first\n", "zweite Zeile: ä\n", "😀\n"):
            self.write(served, run_id, 1, text.encode())
            more, offset = self.read(served, run_id, offset=offset)
            whole += more
        assert whole == "first\nzweite Zeile: ä\n😀\n"

    def test_half_a_character_waits_for_its_other_half(self, served: Served, run_id: str) -> None:
        begin_step(served, run_id)
        smile = "😀".encode()
        self.write(served, run_id, 1, b"a" + smile[:2])
        assert self.read(served, run_id) == ("a", 1)
        self.write(served, run_id, 1, smile[2:])
        assert self.read(served, run_id, offset=1) == ("😀", 5)

    def test_an_attempt_has_its_own_log_and_the_newest_is_the_default(
        self, served: Served, run_id: str
    ) -> None:
        for text in (b"one", b"two"):
            self.write(served, run_id, begin_step(served, run_id), text)
        assert self.read(served, run_id)[0] == "two"
        assert self.read(served, run_id, attempt=1)[0] == "one"

    def test_a_long_log_comes_in_pages(self, served: Served, run_id: str) -> None:
        begin_step(served, run_id)
        self.write(served, run_id, 1, b"x" * (3 << 20))
        text, offset = self.read(served, run_id)
        assert len(text) == offset == 1 << 20

    def test_a_link_in_place_of_a_log_is_not_followed(self, served: Served, run_id: str) -> None:
        begin_step(served, run_id)
        folder = served.settings.logs / run_id
        folder.mkdir(parents=True)
        (folder / "read.1.log").symlink_to(served.settings.token_file)
        answer = served.client.get(f"/runs/{run_id}/steps/read/log")
        token = served.settings.token_file.read_text().strip()
        assert token not in answer.text
        assert answer.status_code == 200


def test_runs_are_found_by_time_text_and_state(served: Served) -> None:
    names = ("Find me 100%", "find ME 1000", "other")
    runs = [start_run(served, pipeline(name)) for name in names]
    made = [served.client.get(f"/runs/{run}").json()["created_at"] for run in runs]

    def found(**query: str | float) -> list[str]:
        page = served.client.get("/runs", params={"limit": 200, **query}).json()
        return [item["id"] for item in page["runs"] if item["id"] in runs]

    assert found(text="find me") == [runs[1], runs[0]]
    assert found(text="100%") == [runs[0]]
    assert found(text=runs[2][:12].upper()) == [runs[2]]
    assert found(text="nothing like it") == []
    assert found(since=made[1]) == [runs[2], runs[1]]
    assert found(since=made[0], until=made[1]) == [runs[0]]
    end_run(served, runs[0], "cancelled")
    assert found(text="find me", state="cancelled") == [runs[0]]
    for query in ("since=x", "since=-1", "text=%00"):
        problem(served.client.get(f"/runs?{query}"), 422)
