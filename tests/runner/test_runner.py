"""Runs: what is executed, reused, skipped, and how steps end."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from studio.database.artifacts import get_artifact
from studio.database.runs import request_cancel
from studio.runner.frames import told_error
from studio.store import Store, unpack
from studio.worker.frames import describe_error
from tests.conftest import PACKAGES, Studio, pipeline
from tests.server.helpers import serving

pytestmark = pytest.mark.slow


def number(value: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"component": "number", "parameters": {"value": value}, **more}


def misbehave(way: str, **more: Any) -> dict[str, Any]:
    return {"component": "misbehave", "parameters": {"way": way}, **more}


SUM = pipeline(
    {"a": number(1.0), "b": number(2.0), "sum": {"component": "total"}},
    ["a.report > sum.reports", "b.report > sum.reports"],
)


def test_a_run_ends_with_the_outputs_of_its_steps(studio: Studio) -> None:
    steps = studio.execute(SUM)
    assert {step.state for step in steps.values()} == {"succeeded"}
    assert steps["sum"].outputs["report"]["summary"] == {"value": 3.0}


def test_a_second_run_reuses_everything(studio: Studio) -> None:
    first, second = studio.execute(SUM), studio.execute(SUM)
    assert {step.state for step in second.values()} == {"reused"}
    assert second["sum"].outputs == first["sum"].outputs


def test_a_changed_parameter_runs_its_node_and_what_follows(studio: Studio) -> None:
    studio.execute(SUM)
    changed = pipeline(
        {"a": number(5.0), "b": number(2.0), "sum": {"component": "total"}},
        ["a.report > sum.reports", "b.report > sum.reports"],
    )
    states = {node: step.state for node, step in studio.execute(changed).items()}
    assert states == {"a": "succeeded", "b": "reused", "sum": "succeeded"}


def test_a_renamed_or_moved_node_runs_nothing(studio: Studio) -> None:
    studio.execute(SUM)
    renamed = {
        **SUM,
        "nodes": [{**node, "id": f"{node['id']}_x", "name": "Another"} for node in SUM["nodes"]],
        "edges": [
            {end: {**edge[end], "node": f"{edge[end]['node']}_x"} for end in ("source", "target")}
            for edge in SUM["edges"]
        ],
        "layout": {"nodes": {"a_x": {"x": 99, "y": 1}}},
    }
    assert {step.state for step in studio.execute(renamed).values()} == {"reused"}


def test_equal_outputs_stop_the_wave(studio: Studio) -> None:
    studio.execute(SUM)
    other_seed = {
        **SUM,
        "nodes": [
            {"id": "a", "component": "number", "parameters": {"value": 1.0, "seed": 9}},
            *SUM["nodes"][1:],
        ],
    }
    states = {node: step.state for node, step in studio.execute(other_seed).items()}
    assert states == {"a": "succeeded", "b": "reused", "sum": "reused"}


def test_a_failure_skips_only_its_descendants(studio: Studio) -> None:
    steps = studio.execute(
        pipeline(
            {
                "bad": misbehave("refuse"),
                "after": {"component": "total"},
                "other": number(),
                "fine": {"component": "total"},
            },
            ["bad.report > after.reports", "other.report > fine.reports"],
        )
    )
    states = {node: step.state for node, step in steps.items()}
    assert states == {
        "bad": "failed",
        "after": "skipped",
        "other": "succeeded",
        "fine": "succeeded",
    }


ENDINGS = {
    "refuse": ("component.error", "No."),
    "raise": ("component.exception", "ValueError: a bug of the author (misbehave.py, line"),
    "exit": ("step.lost", "ended with code 3"),
    "vanish": ("step.lost", "no result"),
    "kill": ("step.lost", "signal 9"),
    "fill the disk": ("step.disk_full", "disk is full"),
    "symlink": ("step.lost", "no result"),
    "wrong type": ("output.type", "takes a Report, got str"),
}


@pytest.mark.parametrize("way", ENDINGS)
def test_every_bad_ending_is_a_failed_step_with_a_clear_problem(studio: Studio, way: str) -> None:
    step = studio.execute(pipeline({"bad": misbehave(way, name="The bad one")}, []))["bad"]
    code, words = ENDINGS[way]
    assert step.state == "failed"
    problem = step.problems[0]
    assert problem["code"] == code
    assert words in problem["message"]
    assert problem["node"] == "bad"
    assert problem["node_name"] == "The bad one"


def test_a_refusal_names_parameter_row_and_way_out(studio: Studio) -> None:
    problem = studio.execute(pipeline({"bad": misbehave("refuse")}, []))["bad"].problems[0]
    assert (problem["field"], problem["row"]) == ("way", 7)
    assert problem["hint"] == "Ask for something else."


@pytest.mark.parametrize(("way", "type_"), [("raise", "ValueError"), ("refuse", "ComponentError")])
def test_an_error_is_told_with_the_lines_of_its_author(
    studio: Studio, way: str, type_: str
) -> None:
    run = studio.finish(studio.submit(pipeline({"bad": misbehave(way)}, [])))
    with serving(studio.settings) as served:
        step = served.client.get(f"/runs/{run.id}/steps/bad").json()
        listed = served.client.get(f"/runs/{run.id}").json()["steps"][0]
        log = served.client.get(f"/runs/{run.id}/steps/bad/log").content
    error = step["error"]
    assert (error["type"], error["node"]) == (type_, "bad")
    own = error["frames"][0]
    assert (own["file"], own["function"], own["user"]) == ("misbehave.py", "misbehave", True)
    assert own["code"].startswith(f"raise {type_}(")
    source = (PACKAGES / "probe" / "misbehave.py").read_text().splitlines()
    assert source[own["line"] - 1].strip() == own["code"]
    assert log[error["log_offset"] :].startswith((b"Error: ValueError: a bug", b"Error: No."))
    assert "frames" not in listed["problems"][0]


def test_lines_of_libraries_come_after_those_of_the_author(tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("import json\ndef inner():\n    json.loads('{')\ndef outer():\n    inner()\n")
    names: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), names)
    with pytest.raises(ValueError, match="Expecting") as raised:
        names["outer"]()
    frames = describe_error(raised.value, [tmp_path])["frames"]
    assert [frame["function"] for frame in frames[:2]] == ["inner", "outer"]
    assert [frame["user"] for frame in frames[:3]] == [True, True, False]


HOSTILE: list[Any] = [
    {"frames": "no list", "type": 7},
    {"frames": [1, None, {"line": "x", "user": 1, "file": 5, "more": "x" * 10**6}]},
    {"frames": [{"code": "x" * 10**6}] * 10_000, "type": "x" * 10**6},
]


@pytest.mark.parametrize("problem", HOSTILE)
def test_what_a_step_tells_of_its_error_is_kept_within_bounds(problem: Any) -> None:
    assert len(json.dumps(told_error(problem))) < 30_000


def test_a_lost_step_is_tried_again_as_often_as_its_node_allows(studio: Studio) -> None:
    step = studio.execute(pipeline({"bad": misbehave("kill", retries=2)}, []))["bad"]
    assert (step.state, step.attempt) == ("failed", 3)


def test_a_step_that_was_killed_from_outside_is_tried_again_by_itself(
    studio: Studio, tmp_path: Path
) -> None:
    """Nothing that the step did: retries of the node are for what the step itself does."""
    node = {"component": "misbehave", "parameters": {"way": "kill once", "file": f"{tmp_path}/x"}}
    step = studio.execute(pipeline({"bad": node}, []))["bad"]
    assert (step.state, step.attempt) == ("succeeded", 2)
    (retry,) = [event for event in studio.events(step.run_id) if event.type == "retry"]
    assert retry.data["reason"] == "worker_lost"


def test_a_crash_of_the_step_is_not_tried_again_unless_its_node_says_so(studio: Studio) -> None:
    for retries, attempts in ((0, 1), (1, 2)):
        step = studio.execute(pipeline({"bad": misbehave("exit", retries=retries)}, []))["bad"]
        assert (step.state, step.attempt) == ("failed", attempts)


def test_a_step_beyond_its_memory_is_ended_and_not_tried_again(studio: Studio) -> None:
    node = misbehave("allocate", retries=2, resources={"memory": 200 << 20})
    step = studio.execute(pipeline({"bad": node}, []))["bad"]
    assert (step.state, step.attempt, step.reason_code) == ("failed", 1, "killed_memory")
    assert "its limit of 200 MiB" in step.problems[0]["message"]


def test_no_step_starts_on_a_disk_that_is_nearly_full(studio: Studio) -> None:
    settings = replace(studio.settings, disk_reserve_bytes=1 << 60)
    studio.runner._settings = settings
    step = studio.execute(SUM)["a"]
    assert (step.state, step.reason_code) == ("failed", "disk_full")
    assert step.problems[0]["code"] == "step.disk_full"


def test_the_log_of_a_step_that_says_too_much_keeps_its_beginning_and_its_end(
    studio: Studio,
) -> None:
    step = studio.execute(pipeline({"loud": misbehave("flood")}, []))["loud"]
    log = studio.settings.step_log(step.run_id, "loud", 1)
    assert step.state == "succeeded"
    assert log.stat().st_size < (18 << 20)
    content = log.read_text()
    assert content.startswith("line 0 ")
    assert "bytes are left out here" in content
    assert content.endswith("line 999999 of a component that says too much\n")


def test_a_step_beyond_its_timeout_fails(studio: Studio) -> None:
    step = studio.execute(pipeline({"slow": misbehave("sleep", timeout=0.3)}, []))["slow"]
    assert step.state == "failed"
    assert step.problems[0]["code"] == "step.timeout"


def test_a_daemon_dies_with_its_step(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    node = {"component": "misbehave", "parameters": {"way": "daemon", "file": str(file)}}
    step = studio.execute(pipeline({"bad": node}, []))["bad"]
    assert step.state == "succeeded"
    assert not psutil.pid_exists(int(file.read_text()))


@pytest.mark.parametrize("way", ["sleep", "ignore"])
def test_a_cancelled_run_ends_though_its_step_ignores_the_request(studio: Studio, way: str) -> None:
    document = pipeline(
        {"slow": misbehave(way), "after": {"component": "total"}}, ["slow.report > after.reports"]
    )
    run = studio.submit(document)
    studio.turn_until(lambda: studio.steps(run.id)["slow"].state == "running")
    time.sleep(0.2)
    with studio.database.begin() as connection:
        request_cancel(connection, run.id)
    began = time.monotonic()
    assert studio.finish(run).state == "cancelled"
    assert time.monotonic() - began < 5
    assert {step.state for step in studio.steps(run.id).values()} == {"cancelled"}


def test_a_run_cancelled_before_it_begins_never_begins(studio: Studio) -> None:
    run = studio.submit(SUM)
    with studio.database.begin() as connection:
        request_cancel(connection, run.id)
    assert studio.run(run.id).state == "cancelled"
    studio.runner.turn()
    assert {step.state for step in studio.steps(run.id).values()} == {"cancelled"}


def test_what_is_printed_is_in_the_log_of_the_attempt(studio: Studio) -> None:
    run = studio.finish(studio.submit(pipeline({"talker": misbehave("print")}, [])))
    log = (studio.settings.logs / run.id / "talker.1.log").read_text()
    assert "printed by the component" in log
    assert "printed by a program" in log


def test_progress_and_metrics_become_events_in_order(studio: Studio) -> None:
    run = studio.finish(studio.submit(SUM))
    events = studio.events(run.id)
    of_sum = [(e.type, e.data.get("state")) for e in events if e.data.get("node") == "sum"]
    assert of_sum == [
        ("step", "running"),
        ("progress", None),
        ("metrics", None),
        ("step", "succeeded"),
    ]
    assert [event.id for event in events] == sorted(event.id for event in events)


def test_a_changed_input_file_runs_again_and_a_moved_one_does_not(
    studio: Studio, tmp_path: Path
) -> None:
    def states(path: Path) -> str:
        node = {"component": "rows", "parameters": {"path": str(path)}}
        return studio.execute(pipeline({"rows": node}, []))["rows"].state

    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("1\n2\n")
    assert states(first) == "succeeded"
    first.rename(second)
    assert states(second) == "reused"
    second.write_text("1\n2\n3\n")
    assert states(second) == "succeeded"


def test_a_missing_input_file_names_node_and_parameter(studio: Studio) -> None:
    node = {"component": "rows", "name": "Numbers", "parameters": {"path": "nowhere.txt"}}
    problem = studio.execute(pipeline({"rows": node}, []))["rows"].problems[0]
    assert (problem["code"], problem["node_name"], problem["field"]) == (
        "path.missing",
        "Numbers",
        "path",
    )


def test_tables_pass_between_libraries_with_their_roles(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("1\n2\n3\n")
    rows = {"component": "rows", "parameters": {"path": str(file), "label": "n"}}
    steps = studio.execute(
        pipeline({"rows": rows, "double": {"component": "double"}}, ["rows.arrow > double.table"])
    )
    summary = steps["double"].outputs["table"]["summary"]
    assert summary["rows"] == 3
    assert [column["name"] for column in summary["columns"]] == ["n", "text"]
    assert summary["roles"] == {"label": ["n"]}


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_nan_is_null_in_every_table(studio: Studio, engine: str) -> None:
    half = {"component": "halve", "engine": engine}
    nodes = {"with_nan": {"component": "with_nan"}, "half": half}
    steps = studio.execute(pipeline(nodes, ["with_nan.table > half.table"]))
    for node in ("with_nan", "half"):
        with studio.database.read() as connection:
            content = get_artifact(connection, steps[node].outputs["table"]["digest"]).content
        assert content is not None
        folder = studio.settings.home / node
        unpack(content, folder)
        column = pq.read_table(folder / "part-00000.parquet")["x"]
        assert column.null_count == 1
        assert not pc.any(pc.is_nan(column)).as_py()
    studio.runner._spark.stop()


def test_the_numbers_of_a_report_stay_with_the_step_however_long_its_curves(
    studio: Studio,
) -> None:
    output = studio.execute(pipeline({"curves": {"component": "curves"}}, []))["curves"].outputs
    summary = output["report"]["summary"]
    assert summary["metrics"] == {"auc": 0.75}
    assert summary["models"] == [{"name": "m", "curves": {}}]


def test_a_large_output_lies_in_the_store_under_its_digest(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("\n".join(str(n * 7919 % 100_003) for n in range(20_000)))
    node = {"component": "rows", "parameters": {"path": str(file)}}
    output = studio.execute(pipeline({"rows": node}, []))["rows"].outputs["frame"]
    store = Store(studio.settings.store)
    assert store.verify(output["digest"])
    assert not os.listdir(studio.settings.work / os.listdir(studio.settings.work)[0])


def test_a_lost_result_is_computed_again(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("\n".join(str(n * 7919 % 100_003) for n in range(20_000)))
    document = pipeline({"rows": {"component": "rows", "parameters": {"path": str(file)}}}, [])
    digest = studio.execute(document)["rows"].outputs["frame"]["digest"]
    folder = Store(studio.settings.store).path(digest)
    folder.rename(tmp_path / "gone")
    assert studio.execute(document)["rows"].state == "succeeded"
    assert folder.is_dir()


def test_an_edited_component_stops_a_run_that_was_made_before(studio: Studio) -> None:
    run = studio.submit(SUM)
    spec = studio.catalog.specs["total"]
    with studio.database.begin() as connection:
        from sqlalchemy import update

        from studio.database.tables import steps

        bound = dict(studio.steps(run.id)["sum"].bound)
        bound["spec"] = {**bound["spec"], "digest": "0" * 64}
        query = update(steps).where(steps.c.run_id == run.id, steps.c.node_id == "sum")
        connection.execute(query.values(bound=bound))
    assert studio.finish(run).state == "failed"
    assert studio.steps(run.id)["sum"].problems[0]["code"] == "component.changed"
    assert spec.digest != "0" * 64


def test_a_run_goes_on_where_a_lost_runner_left_it(studio: Studio) -> None:
    document = pipeline(
        {"a": number(3.0), "slow": misbehave("sleep", timeout=60.0)}, ["a.report > slow.report"]
    )
    run = studio.submit(document)
    studio.turn_until(lambda: studio.steps(run.id)["slow"].state == "running")
    executor, spark = studio.runner._executor, studio.runner._spark
    executor.kill(f"{run.id}/slow")  # the runner ends: its steps end with it
    from studio.runner.runner import Runner

    studio.runner = Runner(studio.settings, studio.database, executor, spark)
    studio.runner.recover()
    studio.turn_until(lambda: studio.steps(run.id)["slow"].attempt == 2)
    assert studio.steps(run.id)["a"].attempt == 1
    with studio.database.begin() as connection:
        request_cancel(connection, run.id)
    assert studio.finish(run).state == "cancelled"


def test_a_runner_that_is_told_to_end_lets_running_steps_end_and_starts_no_other(
    studio: Studio,
) -> None:
    document = pipeline(
        {"first": misbehave("nap"), "second": misbehave("nap")}, ["first.report > second.report"]
    )
    run = studio.submit(document)
    studio.turn_until(lambda: studio.steps(run.id)["first"].state == "running")
    studio.runner._settings = replace(studio.settings, drain_seconds=30.0)
    studio.runner.drain(lambda: False)
    states = {name: step.state for name, step in studio.steps(run.id).items()}
    assert states == {"first": "succeeded", "second": "waiting"}


def test_a_run_that_breaks_the_loop_thrice_is_set_aside_and_others_go_on(studio: Studio) -> None:
    poison = studio.submit(SUM)
    with studio.database.begin() as connection:
        from sqlalchemy import update

        from studio.database.tables import steps

        connection.execute(
            update(steps).where(steps.c.run_id == poison.id).values(bound={"not": "a node"})
        )
    other = studio.submit(SUM)
    assert studio.finish(other).state == "succeeded"
    assert studio.finish(poison).state == "quarantined"
    assert studio.run(poison.id).problems[0]["code"] == "runner.error"


def test_nodes_that_do_the_same_are_executed_once(studio: Studio) -> None:
    nap = {"component": "doze", "parameters": {"seconds": 0.3}}
    document = pipeline({"a": nap, "b": nap, "c": {**nap, "cache": "never"}}, [])
    planned = {item.node: item for item in studio.plan(document).nodes}
    assert (planned["b"].decision, planned["b"].reason.code) == ("reuse", "equal_node")
    run = studio.finish(studio.submit(document))
    steps = studio.steps(run.id)
    states = {node: step.state for node, step in steps.items()}
    assert states == {"a": "succeeded", "b": "reused", "c": "succeeded"}
    assert steps["b"].reason == "`a` does the same in this run: its result is used"
    assert steps["b"].outputs == steps["a"].outputs
    told = [e.data["state"] for e in studio.events(run.id) if e.data.get("node") == "b"]
    assert told == ["queued", "reused"]


def test_what_another_run_does_just_now_is_waited_for(studio: Studio) -> None:
    document = pipeline({"a": {"component": "doze", "parameters": {"seconds": 0.5}}}, [])
    first, second = studio.submit(document), studio.submit(document)
    assert studio.finish(second).state == studio.finish(first).state == "succeeded"
    assert studio.steps(first.id)["a"].state == "succeeded"
    assert studio.steps(second.id)["a"].state == "reused"


def test_where_the_first_of_equal_nodes_fails_the_next_one_tries_for_itself(
    studio: Studio, tmp_path: Path
) -> None:
    node = {"component": "doze", "parameters": {"seconds": 0.2, "fails_once": str(tmp_path)}}
    steps = studio.execute(pipeline({"a": node, "b": node}, []))
    assert [steps[name].state for name in "ab"] == ["failed", "succeeded"]
