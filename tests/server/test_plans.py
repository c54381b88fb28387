"""Plans and the ways to run over REST; a runner in this process does what was submitted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from studio.cli.main import main
from studio.client import Client, RemoteError
from studio.run import FINAL_RUN_STATES
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from tests.conftest import pipeline as document
from tests.inline import InlineExecutor
from tests.server.helpers import Json, Served, problem, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture
def work(served: Served) -> Callable[[str], Json]:
    """Do what is queued until this run is over; gives the run with its steps."""
    runner = Runner(
        served.settings, served.database, InlineExecutor(), SparkKeeper(served.settings)
    )

    def finish(id: str) -> Json:
        def is_over() -> bool:
            runner.turn(0.01)
            return served.client.get(f"/runs/{id}").json()["state"] in FINAL_RUN_STATES

        wait_until(is_over, 60)
        run: Json = served.client.get(f"/runs/{id}").json()
        return run

    return finish


@pytest.fixture
def made(tmp_path: Path) -> Json:
    file = tmp_path / "rows.csv"
    mine = uuid.uuid4().int % 10**9  # results and history of other tests are not found
    file.write_text(f"id,y\n1,0\n2,1\n{mine},0\n4,1\n")
    nodes: dict[str, Json] = {
        "read": {"component": "read_table", "parameters": {"path": str(file)}, "name": "Rows"},
        "split": {"component": "split", "parameters": {"fraction": 0.5}},
    }
    return document(nodes, ["read.table > split.table"], name=f"planned {mine}")


def changed(made: Json, fraction: float) -> Json:
    split = {**made["nodes"][1], "parameters": {"fraction": fraction}}
    return {**made, "nodes": [made["nodes"][0], split]}


def told(plan: Json) -> dict[str, tuple[str, str]]:
    return {item["node"]: (item["decision"], item["reason"]["code"]) for item in plan["nodes"]}


def test_a_plan_says_what_a_run_then_does(
    served: Served, work: Callable[[str], Json], made: Json
) -> None:
    plan = served.client.post("/plan", json={"pipeline": made}).json()
    assert (plan["mode"], plan["targets"], plan["problems"]) == ("EXECUTE_ALL", [], [])
    assert told(plan) == {"read": ("execute", "never_run"), "split": ("execute", "never_run")}
    assert plan["expected_seconds"] is None
    run = served.client.post("/runs", json={"pipeline": made}).json()
    assert work(run["id"])["state"] == "succeeded"
    plan = served.client.post("/plan", json={"pipeline": changed(made, 0.25)}).json()
    read, split = plan["nodes"]
    assert (read["decision"], set(read["outputs"])) == ("reuse", {"table"})
    assert split["reason"] == {
        "code": "parameter_changed",
        "message": "`fraction` 0.5 → 0.25",
        "arguments": {"parameter": "fraction", "before": "0.5", "after": "0.25"},
    }
    assert split["expected_seconds"] == plan["expected_seconds"] > 0
    assert len(split["key"]) == 64
    run = work(served.client.post("/runs", json={"pipeline": changed(made, 0.25)}).json()["id"])
    steps = {step["node_id"]: step for step in run["steps"]}
    assert (steps["read"]["state"], steps["read"]["reason_code"]) == ("reused", "equal")
    assert (steps["split"]["state"], steps["split"]["key"]) == ("succeeded", split["key"])
    assert steps["split"]["reason"] == "`fraction` 0.5 → 0.25"


def test_a_stored_pipeline_is_compared_with_its_own_runs(
    served: Served, work: Callable[[str], Json], made: Json
) -> None:
    id = served.client.post("/pipelines", json=made).json()["id"]
    work(served.client.post(f"/pipelines/{id}/runs", json={}).json()["id"])
    saved = served.client.put(
        f"/pipelines/{id}", json=changed(made, 0.75), headers={"If-Match": '"1"'}
    )
    assert saved.status_code == 200
    plan = served.client.post(f"/pipelines/{id}/plan", json={}).json()
    assert told(plan)["split"] == ("execute", "parameter_changed")
    old = served.client.post(f"/pipelines/{id}/plan", json={"version": 1}).json()
    assert told(old) == {"read": ("reuse", "equal"), "split": ("reuse", "equal")}
    problem(served.client.post(f"/pipelines/{'0' * 32}/plan", json={}), 404)


def test_problems_stand_in_the_plan_and_are_no_refusal(served: Served, made: Json) -> None:
    cases: list[tuple[Json, str]] = [
        ({"pipeline": {"nodes": 7}}, "pipeline.form"),
        ({"pipeline": {**made, "nodes": made["nodes"][1:], "edges": []}}, "port.unconnected"),
        ({"pipeline": made, "mode": "EXECUTE_ONE", "targets": ["splt"]}, "plan.target_unknown"),
        ({"pipeline": made, "mode": "EXECUTE_ONE"}, "plan.targets"),
        ({"pipeline": made, "parameters": {"x": 1}}, "parameter.unknown"),
    ]
    for body, code in cases:
        answer = served.client.post("/plan", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["problems"][0]["code"] == code
        assert answer.json()["nodes"] == []
    problem(served.client.post("/plan", json={"pipeline": made, "mode": "EXECUTE"}), 422)


def test_a_partial_run_without_what_it_needs_is_refused_with_the_way_out(
    served: Served, work: Callable[[str], Json], made: Json
) -> None:
    id = served.client.post("/pipelines", json=made).json()["id"]
    only = {"mode": "EXECUTE_ONE", "targets": ["split"]}
    refused = problem(served.client.post(f"/pipelines/{id}/runs", json=only), 409)
    (item,) = refused["errors"]
    assert (item["code"], item["node"]) == ("plan.upstream_missing", "read")
    way_out = {name: item["arguments"][name] for name in ("mode", "targets")}
    assert way_out == {"mode": "EXECUTE_TO_HERE", "targets": ["split"]}
    run = served.client.post(f"/pipelines/{id}/runs", json=way_out).json()
    assert (run["mode"], run["targets"], run["fresh"]) == ("EXECUTE_TO_HERE", ["split"], False)
    work(run["id"])
    run = work(
        served.client.post(f"/pipelines/{id}/runs", json={**only, "fresh": True}).json()["id"]
    )
    assert {step["node_id"]: (step["state"], step["reason_code"]) for step in run["steps"]} == {
        "read": ("reused", "not_part"),
        "split": ("succeeded", "fresh"),
    }


def test_a_failed_run_is_resumed_and_one_that_succeeded_is_not(
    served: Served, work: Callable[[str], Json], made: Json
) -> None:
    bad = {"id": "bad", "component": "read_table", "parameters": {"path": "/nowhere.csv"}}
    broken = {**made, "nodes": [*made["nodes"], bad]}
    failed = work(served.client.post("/runs", json={"pipeline": broken}).json()["id"])
    assert failed["state"] == "failed"
    answer = served.client.post(f"/runs/{failed['id']}/resume")
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/runs/{answer.json()['id']}"
    assert answer.json()["resumed_from"] == failed["id"]
    resumed = work(answer.json()["id"])
    assert {step["node_id"]: step["reason_code"] for step in resumed["steps"]} == {
        "read": "resumed",
        "split": "resumed",
        "bad": "input",
    }
    good = work(served.client.post("/runs", json={"pipeline": made}).json()["id"])
    refused = problem(served.client.post(f"/runs/{good['id']}/resume"), 409)
    assert refused["errors"][0]["code"] == "run.succeeded"


def test_the_client_plans_runs_in_part_and_resumes(
    served: Served, work: Callable[[str], Json], made: Json
) -> None:
    client = Client(served.url, served.settings.token_file.read_text().strip())
    assert told(client.plan(made, {}))["read"] == ("execute", "never_run")
    with pytest.raises(RemoteError) as caught:
        client.start_run(made, {}, mode="EXECUTE_FROM_HERE", targets=["split"])
    assert caught.value.status == 409
    assert caught.value.problems()[0].arguments is not None
    run = client.start_run(made, {}, mode="EXECUTE_TO_HERE", targets=["read"])
    assert [step["node_id"] for step in work(run["id"])["steps"]] == ["read"]
    queued = client.start_run(made, {}, fresh=True)
    client.cancel_run(queued["id"])
    assert work(client.resume_run(queued["id"])["id"])["state"] == "succeeded"


class TestCommandLine:
    @pytest.fixture
    def studio(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Json
    ) -> Callable[..., tuple[int, str]]:
        """Run a command where no studio is running; gives exit code and output."""
        monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
        (tmp_path / "p.json").write_text(json.dumps(made))

        def call(command: str, *arguments: str) -> tuple[int, str]:
            done = CliRunner().invoke(main, [command, *arguments])
            return done.exit_code, done.output

        return call

    def test_plan_prints_a_line_for_each_node_and_what_it_would_take(
        self, studio: Callable[..., tuple[int, str]], tmp_path: Path
    ) -> None:
        code, output = studio("plan", str(tmp_path / "p.json"))
        assert code == 0
        lines = output.splitlines()
        assert lines[0].split() == ["▶", "Rows", "execute", "never", "run"]
        assert lines[-1] == "2 to execute"
        code, output = studio("plan", str(tmp_path / "p.json"), "--to", "read", "--json")
        assert told(json.loads(output)) == {
            "read": ("execute", "never_run"),
            "split": ("skip", "not_selected"),
        }

    def test_what_is_missing_ends_with_code_2_and_the_way_out(
        self, studio: Callable[..., tuple[int, str]], tmp_path: Path
    ) -> None:
        for command in ("plan", "run"):
            code, output = studio(command, str(tmp_path / "p.json"), "--only", "split")
            assert code == 2
            assert "Rows: Rows has no result" in output
            assert "EXECUTE_TO_HERE" in output

    def test_two_ways_at_once_are_refused(
        self, studio: Callable[..., tuple[int, str]], tmp_path: Path
    ) -> None:
        code, output = studio("plan", str(tmp_path / "p.json"), "--to", "read", "--from", "read")
        assert (code, "--to and --from" in output) == (2, True)

    def test_a_run_that_does_not_exist_is_not_resumed(
        self, studio: Callable[..., tuple[int, str]]
    ) -> None:
        assert studio("resume", "0" * 32) == (2, f"There is no run '{'0' * 32}'.\n")
