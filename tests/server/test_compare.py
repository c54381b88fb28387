"""Numbers of runs side by side: each model's own, whatever the reports hold."""

from __future__ import annotations

from typing import Any

import pytest

from studio.database.steps import StepRecord
from studio.server.compare import measured_values

Json = dict[str, Any]


def step(*summaries: Json, kind: str = "report") -> StepRecord:
    outputs = {f"o{n}": {"kind": kind, "summary": item} for n, item in enumerate(summaries)}
    return StepRecord(
        run_id="r", node_id="e", position=0, bound={}, state="succeeded", attempt=1, key=None,
        key_parts=None, reason=None, reason_code=None, reason_arguments={}, outputs=outputs,
        problems=[], started_at=None, finished_at=None,
    )  # fmt: skip


def report(**aucs: float) -> Json:
    models = [{"name": name, "metrics": {"auc": value}} for name, value in aucs.items()]
    return {"models": models, "metrics": models[0]["metrics"]}


FOUND: dict[str, tuple[list[StepRecord | None], dict[str, list[float | None]]]] = {
    "one model a run": (
        [step(report(FM=0.7)), step(report(DNN=0.8))],
        {"auc": [0.7, 0.8]},
    ),
    "several models, none twice": (
        [step(report(FM=0.7, DNN=0.6)), step(report(FM=0.8, DNN=0.5))],
        {"FM: auc": [0.7, 0.8], "DNN: auc": [0.6, 0.5]},
    ),
    "several in one run, one of them in the other": (
        [step(report(FM=0.7, DNN=0.6)), step(report(DNN=0.5))],
        {"FM: auc": [0.7, None], "DNN: auc": [0.6, 0.5]},
    ),
    "numbers without models, in two reports": (
        [step({"metrics": {"rows": 3}}, {"metrics": {"auc": 0.5, "ok": True, "why": "x"}}), None],
        {"rows": [3.0, None], "auc": [0.5, None]},
    ),
    "no report": ([step({"metrics": {"auc": 0.5}}, kind="table"), step({})], {}),
    "what is no form of a report": (
        [step({"models": 3, "metrics": [1]}), step({"models": [1]})],
        {},
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_each_model_has_its_numbers_once(case: str) -> None:
    steps, expected = FOUND[case]
    runs = [{} if item is None else {"e": item} for item in steps]
    assert {found.name: found.values for found in measured_values(runs)} == expected
