"""Schemas over REST: known while drawing, and a missing column is refused before a run is made."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from studio.database.steps import Closing, close_steps, get_step
from studio.settings import builtin_folder
from tests.conftest import pipeline
from tests.server.helpers import (
    Json,
    Served,
    begin_step,
    end_run,
    problem,
    start_run,
    wait_until,
)


@pytest.fixture
def data(tmp_path: Path) -> Json:
    (tmp_path / "data.csv").write_text("city,clicked\nRome,1\nOslo,0\n")
    return {"component": "read_table", "parameters": {"path": "data.csv"}, "name": "Data"}


def encode(label: str) -> Json:
    return {"component": "evaluate", "parameters": {"label": label, "score": "clicked"}}


def document(data: Json, label: str = "clicked") -> Json:
    return pipeline({"a": data, "b": encode(label)}, ["a.table > b.tables"])


def ask(served: Served, document: Json, **more: Any) -> Json:
    answer = served.client.post("/schemas", json={"pipeline": document, **more})
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def test_a_template_is_known_from_end_to_end_without_a_run(served: Served) -> None:
    template = json.loads((builtin_folder("pipelines") / "deepfm.json").read_text())
    # On a machine that is busy not all is found in the time that one request may take.
    wait_until(lambda: ask(served, template)["nodes"]["predict"]["outputs"]["table"], 60)
    told = ask(served, template)
    assert told["problems"] == []
    table = told["nodes"]["predict"]["outputs"]["table"]
    names = [column["name"] for column in table["columns"]]
    assert {"clicked", "price", "__row__", "prediction_score"} <= set(names)
    assert told["nodes"]["evaluate"]["inputs"]["tables"] == [table]
    assert None not in [s for n in told["nodes"].values() for s in n["outputs"].values()]


def test_relative_paths_are_looked_for_in_the_folder(
    served: Served, data: Json, tmp_path: Path
) -> None:
    assert ask(served, document(data))["nodes"]["a"]["outputs"] == {"table": None}
    told = ask(served, document(data), folder=str(tmp_path))
    columns = told["nodes"]["a"]["outputs"]["table"]["columns"]
    assert [(c["name"], c["type"]) for c in columns] == [
        ("city", "string"),
        ("clicked", "int64"),
        ("__row__", "int64"),
    ]


def test_a_missing_column_is_told_and_refused_before_a_run_is_made(
    served: Served, data: Json, tmp_path: Path
) -> None:
    wrong = document({**data, "parameters": {"path": str(tmp_path / "data.csv")}}, "clickd")
    expected = {
        "code": "parameter.column_missing",
        "node": "b",
        "field": "label",
        "port": "tables",
        "hint": "Did you mean 'clicked'?",
    }
    validated = served.client.post("/pipelines/validate", json=wrong).json()
    refused = problem(served.client.post("/runs", json={"pipeline": wrong}), 422)
    made = served.client.post("/pipelines", json=wrong).json()
    stored = problem(served.client.post(f"/pipelines/{made['id']}/runs", json={}), 422)
    problems = (
        ask(served, wrong)["problems"],
        validated["problems"],
        refused["errors"],
        stored["errors"],
    )
    for (told,) in problems:
        assert expected.items() <= told.items()
    assert not validated["valid"]


def test_a_changed_file_has_its_new_columns(served: Served, data: Json, tmp_path: Path) -> None:
    for header in ("one", "another"):
        (tmp_path / "data.csv").write_text(f"{header}\n1\n")
        told = ask(served, document(data), folder=str(tmp_path))
        assert told["nodes"]["a"]["outputs"]["table"]["columns"][0]["name"] == header


def test_what_cannot_be_inferred_has_the_columns_of_its_last_run(served: Served) -> None:
    missing = {"component": "read_table", "parameters": {"path": "not here.csv"}}
    drawn = pipeline({"read": missing}, [], name="ran once")
    assert ask(served, drawn)["nodes"]["read"]["outputs"] == {"table": None}
    run = start_run(served, drawn)
    begin_step(served, run, "read")
    summary = {"columns": [{"name": "x", "type": "int64"}], "roles": {"id": ["x"]}, "rows": 1}
    outputs = {"table": {"kind": "table", "digest": "0" * 64, "size": 1, "summary": summary}}
    with served.database.begin() as connection:
        step = get_step(connection, run, "read")
        close_steps(connection, [Closing(step, "succeeded", outputs)])
    end_run(served, run)
    assert ask(served, drawn)["nodes"]["read"]["outputs"]["table"] == {
        "columns": [{"name": "x", "type": "int64", "role": "id"}],
        "source": "last_run",
    }


def test_a_half_drawn_pipeline_is_no_error(served: Served) -> None:
    nodes = {"a": {"component": "not_here"}, "b": {"component": "split"}, "c": {"component": "fm"}}
    half = pipeline(nodes, ["a.table > b.table", "z.x > b.table", "b.train > a.x", "c.q > c.r"])
    told = ask(served, half, parameters={"unknown": 1})
    assert "a" not in told["nodes"]
    assert [item["code"] for item in told["problems"]] == ["parameter.unknown"]
    assert ask(served, {"name": "empty"}) == {"nodes": {}, "problems": []}
    problem(served.client.post("/schemas", json={"pipeline": {"nodes": 1}}), 422)


def test_problems_of_a_disabled_node_are_not_told(
    served: Served, data: Json, tmp_path: Path
) -> None:
    drawn = document(data, "clickd")
    drawn["nodes"][1]["disabled"] = True
    assert ask(served, drawn, folder=str(tmp_path))["problems"] == []


@pytest.mark.slow
def test_twenty_nodes_are_answered_while_one_types(
    served: Served, data: Json, tmp_path: Path
) -> None:
    """The budget is 150 ms; the least of ten, because others use this machine."""
    nodes, edges = {"n0": data}, []
    for number in range(1, 20):
        nodes[f"n{number}"] = {"component": "split", "parameters": {"seed": number}}
        port = "table" if number == 1 else "train"
        edges.append(f"n{number - 1}.{port} > n{number}.table")
    ask(served, pipeline(nodes, edges), folder=str(tmp_path))
    taken = []
    for seed in range(100, 110):
        nodes["n10"] = {"component": "split", "parameters": {"seed": seed}}
        start = time.perf_counter()
        ask(served, pipeline(nodes, edges), folder=str(tmp_path))
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.15, taken
