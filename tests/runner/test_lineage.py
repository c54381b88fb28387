"""After runs: where an artifact comes from, and how runs differ, over REST of the same studio."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.artifacts import digest_file
from studio.database.artifacts import put_dataset
from tests.conftest import Studio, pipeline
from tests.server.helpers import Json, Served, problem, serving

pytestmark = pytest.mark.slow


def number(value: float = 1.0, **more: Any) -> Json:
    return {"component": "number", "parameters": {"value": value}, **more}


def sums(a: float, b: float, **more: Any) -> Json:
    nodes = {"a": number(a), "b": number(b, name="B"), "sum": {"component": "total"}}
    return pipeline(nodes, ["a.report > sum.reports", "b.report > sum.reports"], **more)


@pytest.fixture
def served(studio: Studio) -> Iterator[Served]:
    with serving(studio.settings) as server:
        yield server


def lineage(served: Served, digest: str) -> list[Json]:
    answer = served.client.get(f"/artifacts/{digest}/lineage")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["artifacts"]
    return found


def test_an_artifact_is_traced_to_code_parameters_and_data(
    studio: Studio, served: Served, tmp_path: Path
) -> None:
    file = tmp_path / "numbers.txt"
    file.write_text("1\n2\n")
    read: Json = {"component": "rows", "parameters": {"path": str(file)}}
    document = pipeline(
        {"read": read, "double": {"component": "double"}}, ["read.arrow > double.table"]
    )
    run = studio.finish(studio.submit(document))
    steps = studio.steps(run.id)
    digests = {
        "double": steps["double"].outputs["table"]["digest"],
        "read": steps["read"].outputs["arrow"]["digest"],
    }
    double, source = lineage(served, digests["double"])
    assert (double["digest"], source["digest"]) == (digests["double"], digests["read"])
    assert double["inputs"] == [{"port": "table", "digest": digests["read"]}]
    assert double["step"]["component_digest"] == studio.catalog.specs["double"].digest
    assert double["step"]["pipeline_id"] == run.pipeline_id
    assert (source["kind"], source["step"]["port"]) == ("table", "arrow")
    assert source["step"]["parameters"]["path"] == str(file)
    expected = {"parameter": "path", "path": str(file), "digest": digest_file(file)}
    assert source["files"] == [expected]


def test_a_reused_artifact_is_traced_to_the_step_that_was_executed(
    studio: Studio, served: Served
) -> None:
    first = studio.finish(studio.submit(sums(1, 2)))
    second = studio.finish(studio.submit(sums(1, 5)))
    step = studio.steps(second.id)["sum"]
    found = {item["step"]["node_id"]: item["step"] for item in lineage(served, _digest(step))}
    assert found["sum"]["run_id"] == found["b"]["run_id"] == second.id
    assert found["a"]["run_id"] == first.id
    assert found["b"]["parameters"]["value"] == 5
    assert found["b"]["name"] == "B"


def test_an_input_is_listed_once_however_often_it_is_used(studio: Studio, served: Served) -> None:
    edges = ["a.report > x.reports", "a.report > y.reports"]
    edges += ["x.report > z.reports", "y.report > z.reports"]
    totals: dict[str, Json] = {
        name: {"component": "total", "parameters": {"factor": factor}}
        for name, factor in (("x", 2.0), ("y", 3.0), ("z", 1.0))
    }
    steps = studio.execute(pipeline({"a": number(), **totals}, edges))
    found = lineage(served, _digest(steps["z"]))
    assert [item["step"]["node_id"] for item in found] == ["z", "x", "y", "a"]


def test_a_dataset_is_the_end_of_a_lineage(studio: Studio, served: Served) -> None:
    assert served.client.put("/datasets/up.csv", content=b"x\n1\n").status_code == 201
    digest = served.client.get("/datasets/up.csv").json()["digest"]
    (item,) = lineage(served, digest)
    assert (item["dataset"], item["step"], item["kind"]) == ("up.csv", None, "file")
    with studio.database.begin() as connection:
        put_dataset(connection, "up.csv", "0" * 64, 1)
    assert lineage(served, digest)[0]["dataset"] is None


def test_of_no_artifact_there_is_no_lineage(served: Served) -> None:
    problem(served.client.get(f"/artifacts/{'0' * 64}/lineage"), 404)


def _digest(step: Any) -> str:
    digest: str = step.outputs["report"]["digest"]
    return digest


def compare(served: Served, *runs: Any) -> Json:
    answer = served.client.get("/runs/compare", params={"runs": ",".join(r.id for r in runs)})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def test_runs_are_compared_by_what_differs(studio: Studio, served: Served) -> None:
    runs = [studio.finish(studio.submit(sums(1, b))) for b in (2, 3, 4)]
    told = compare(served, *runs)
    assert [run["id"] for run in told["runs"]] == [run.id for run in runs]
    assert told["parameters"] == [{"node": "b", "name": "value", "values": [2.0, 3.0, 4.0]}]
    assert [node["node"] for node in told["nodes"]["changed"]] == ["b"]
    assert told["nodes"]["added"] == told["nodes"]["removed"] == []
    states = {step["node"]: step["states"] for step in told["steps"]}
    assert states["a"] == ["succeeded", "reused", "reused"]


def test_nodes_that_some_runs_lack_are_told(studio: Studio, served: Served) -> None:
    small = pipeline({"a": number(1), "old": number(9)}, [])
    first, second = (studio.finish(studio.submit(d)) for d in (small, sums(1, 2)))
    nodes = compare(served, first, second)["nodes"]
    assert [item["node"] for item in nodes["added"]] == ["b", "sum"]
    assert [item["node"] for item in nodes["removed"]] == ["old"]
    assert nodes["removed"][0]["runs"] == [first.id]
    assert compare(served, first, second)["parameters"] == []


def test_numbers_of_reports_and_parameters_of_the_pipeline_are_side_by_side(
    studio: Studio, served: Served
) -> None:
    document = pipeline(
        {"c": {"component": "curves"}, "a": number()},
        [],
        parameters={"note": {"type": "string", "default": "x"}},
    )
    runs = [studio.finish(studio.submit(document, {"note": note})) for note in ("x", "y")]
    told = compare(served, *runs)
    assert told["parameters"] == [{"node": None, "name": "note", "values": ["x", "y"]}]
    auc = next(metric for metric in told["metrics"] if metric["name"] == "auc")
    assert auc["node"] == "c"
    assert auc["values"][0] == auc["values"][1]


def test_one_run_or_nine_or_none_are_not_compared(studio: Studio, served: Served) -> None:
    run = studio.submit(sums(1, 2)).id
    for ids in ("", run, f"{run},{run}", "x,y", ",".join(f"{n:032x}" for n in range(9))):
        problem(served.client.get("/runs/compare", params={"runs": ids}), 422)
    problem(served.client.get("/runs/compare"), 422)
    problem(served.client.get("/runs/compare", params={"runs": f"{run},{'0' * 32}"}), 404)
