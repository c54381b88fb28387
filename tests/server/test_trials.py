"""Columns of brought code before any run: tried on tables without rows, in the real sandbox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.inspector.trial import try_without_rows
from studio.sandbox.launch import find_mechanism
from studio.server import trials
from tests.conftest import pipeline
from tests.server.helpers import Json, Served, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here"),
]

BROUGHT = """import pandas as pd

def tried_{name}(table: pd.DataFrame, *, factor: int = 2) -> pd.DataFrame:
    {body}
"""


@pytest.fixture
def columns(served: Served, tmp_path: Path) -> Callable[..., Any]:
    """What `POST /schemas` says of a component that is brought here, below a table that is read."""
    file = tmp_path / "data.csv"
    file.write_text("city,clicked\nRome,1\nOslo,0\n")
    wait_until(lambda: served.client.get("/sandbox").json()["state"] == "ready", 120)

    def ask(name: str, body: str, approved: bool = True, below: str = "clicked") -> Json:
        answer = served.client.post(
            "/packages",
            params={"filename": f"tried_{name}.py"},
            content=BROUGHT.format(name=name, body=body).encode(),
            headers={"Content-Type": "text/x-python"},
        )
        assert answer.status_code in (200, 201), answer.text
        if approved:
            served.client.post(f"/packages/tried_{name}/versions/1/approve").raise_for_status()
        nodes: dict[str, Json] = {
            "a": {"component": "read_table", "parameters": {"path": str(file)}},
            "b": {"component": f"tried_{name}"},
            "c": {"component": "evaluate", "parameters": {"label": below, "score": "clicked"}},
        }
        document = pipeline(nodes, ["a.table > b.table", "b.table > c.tables"])
        told: Json = served.client.post("/schemas", json={"pipeline": document}).json()
        return told

    return ask


def test_approved_code_tells_its_columns_by_a_trial_without_rows(
    columns: Callable[..., Json],
) -> None:
    told = columns("good", "return table.assign(half=table['clicked'] / factor)")
    table = told["nodes"]["b"]["outputs"]["table"]
    assert table["source"] == "tried"
    assert [(item["name"], item["type"]) for item in table["columns"]] == [
        ("city", "string"),
        ("clicked", "int64"),
        ("__row__", "int64"),
        ("half", "double"),
    ]
    assert told["nodes"]["c"]["inputs"]["tables"] == [table]


def test_code_that_is_not_approved_is_never_tried(
    columns: Callable[..., Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "try_without_rows", lambda *_: pytest.fail("it was run"))
    told = columns("unknown", "return table", approved=False)
    assert told["nodes"]["b"]["outputs"] == {"table": None}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("refuses", "raise ValueError('no rows')"),
        ("ends", "import os; os._exit(3)"),
        ("lies", "return 3"),
    ],
)
def test_of_code_that_gives_nothing_without_rows_nothing_is_known_and_nothing_told(
    columns: Callable[..., Json], name: str, body: str
) -> None:
    told = columns(name, body)
    assert told["nodes"]["b"]["outputs"] == {"table": None}
    assert told["problems"] == []


def test_a_column_that_a_trial_did_not_give_is_no_problem(columns: Callable[..., Json]) -> None:
    told = columns("values", "return table[['clicked']]", below="made_of_values")
    assert [c["name"] for c in told["nodes"]["b"]["outputs"]["table"]["columns"]] == ["clicked"]
    assert told["problems"] == []


def test_a_trial_reads_no_file_of_ours_and_reaches_no_host(
    columns: Callable[..., Json], served: Served
) -> None:
    body = (
        f"import pathlib; s = pathlib.Path({str(served.settings.token_file)!r}).exists(); "
        "return table.assign(**{'saw' if s else 'blind': 1})"
    )
    told = columns("looks", body)
    names = [item["name"] for item in told["nodes"]["b"]["outputs"]["table"]["columns"]]
    assert "blind" in names
    assert "saw" not in names
    body = (
        "import socket; s = socket.socket(); s.settimeout(1); "
        f"s.connect(('127.0.0.1', {served.port})); return table"
    )
    assert columns("calls", body)["nodes"]["b"]["outputs"] == {"table": None}


def test_equal_questions_are_tried_once(
    columns: Callable[..., Json], served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def count(*arguments: Any) -> Any:
        asked.append(arguments)
        return try_without_rows(*arguments)

    monkeypatch.setattr(trials, "try_without_rows", count)
    first = columns("once", "return table.head(factor)")
    again = columns("once", "return table.head(factor)")
    assert first["nodes"] == again["nodes"]
    assert len(asked) == 1


def test_what_is_checked_or_started_waits_for_no_trial(
    columns: Callable[..., Json],
    served: Served,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trials, "try_without_rows", lambda *_: pytest.fail("it was tried"))
    columns("waits", "return table", approved=False)
    served.client.post("/packages/tried_waits/versions/1/approve").raise_for_status()
    read = {"component": "read_table", "parameters": {"path": str(tmp_path / "data.csv")}}
    document = pipeline({"a": read, "b": {"component": "tried_waits"}}, ["a.table > b.table"])
    assert served.client.post("/pipelines/validate", json=document).json()["valid"]
    assert served.client.post("/runs", json={"pipeline": document}).status_code == 201
