"""Finding runs, makers of artifacts and remembered answers: the same on both databases."""

from __future__ import annotations

from typing import Any

from studio.database.artifacts import add_artifact, put_result
from studio.database.engine import Database
from studio.database.inspections import get_inspection, put_inspection
from studio.database.lineage import trace
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunFilter, RunOrder, create_run, list_runs
from studio.database.steps import Closing, close_steps, get_step, last_outputs
from studio.pipeline import load_pipeline

A, B = "a" * 64, "b" * 64


def make_run(db: Database, name: str) -> str:
    bound: list[tuple[str, dict[str, Any]]] = [
        (node, {"node": {"component": node}, "sources": {}}) for node in ("one", "two")
    ]
    with db.begin() as connection:
        record = create_pipeline(connection, load_pipeline({"name": name}))
        return create_run(connection, record.id, 1, RunOrder(), bound).id


def finish(db: Database, run: str, node: str, digest: str, inputs: dict[str, list[str]]) -> None:
    outputs = {"table": {"digest": digest, "kind": "table", "size": 1, "summary": {}}}
    with db.begin() as connection:
        add_artifact(connection, digest, "table", 1, None)
        step = get_step(connection, run, node)
        key, parts = digest[:8] * 8, {"inputs": inputs}
        close_steps(connection, [Closing(step, "succeeded", outputs, key=key, key_parts=parts)])
        put_result(connection, key, outputs, run, node)


def test_runs_are_found_by_the_name_of_their_pipeline_whatever_its_signs(db: Database) -> None:
    runs = {name: make_run(db, name) for name in ("100% CTR_x", "100 ctr-x", "other")}

    def found(**asked: Any) -> set[str]:
        with db.read() as connection:
            return {run.id for run in list_runs(connection, RunFilter(**asked))}

    assert found(text="ctr") == {runs["100% CTR_x"], runs["100 ctr-x"]}
    assert found(text="% ctr_X") == {runs["100% CTR_x"]}
    assert found(text=runs["other"][:10]) == {runs["other"]}
    assert found(since=0.0, until=1.0) == set()
    assert len(found()) == 3


def test_the_maker_of_an_artifact_is_found_and_what_it_was_given(db: Database) -> None:
    run = make_run(db, "p")
    finish(db, run, "one", A, {})
    finish(db, run, "two", B, {"table": [A]})
    with db.read() as connection:
        made, source = trace(connection, B)
        (unknown,) = trace(connection, "c" * 64)
    assert (made.digest, made.kind, made.inputs) == (B, "table", (("table", A),))
    assert (source.digest, source.inputs) == (A, ())
    assert made.step is not None
    assert source.step is not None
    assert (made.step.node_id, source.step.node_id) == ("two", "one")
    assert unknown.step is None


def test_the_last_outputs_are_those_of_the_newest_run_of_pipelines_of_a_name(
    db: Database,
) -> None:
    for digest in (A, B):
        finish(db, make_run(db, "same"), "one", digest, {})
    with db.read() as connection:
        outputs = last_outputs(connection, "same")
        assert last_outputs(connection, "another") == {}
    assert outputs["one", "one"]["table"]["digest"] == B


def test_an_answer_is_remembered_and_replaced(db: Database) -> None:
    for rows in (1, 2):
        with db.begin() as connection:
            put_inspection(connection, A, "statistics:1", {"rows": rows})
    with db.read() as connection:
        assert get_inspection(connection, A, "statistics:1") == {"rows": 2}
        assert get_inspection(connection, A, "statistics:2") is None
