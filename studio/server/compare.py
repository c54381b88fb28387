"""Runs side by side: what differs in parameters, numbers and graphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from studio.database.runs import RunRecord, get_run
from studio.database.steps import StepRecord, list_steps
from studio.diff import same_value
from studio.errors import StudioError, say
from studio.server.json_route import JsonRoute
from studio.server.lineage_models import (
    MetricValues,
    NodeDifference,
    NodeDifferences,
    ParameterDifference,
    RunComparison,
    StepStates,
)
from studio.server.parts import PartsDep
from studio.server.runs import as_items

router = APIRouter(prefix="/runs/compare", tags=["runs"], route_class=JsonRoute)

MOST = 8
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)

Steps = Mapping[str, StepRecord]
_Model = tuple[str, Any]


class ComparisonError(StudioError):
    status = 422
    code = "runs.compare"
    title = "These runs cannot be compared"


@router.get("", summary="Compare two to eight runs: parameters, numbers, graphs")
def compare_runs(
    parts: PartsDep,
    runs: Annotated[str, Query(max_length=400, description="Ids of runs, with commas between.")],
) -> RunComparison:
    ids = _ids(runs)
    with parts.database.read() as connection:
        records = [get_run(connection, id) for id in ids]
        steps = [{s.node_id: s for s in list_steps(connection, id)} for id in ids]
        items = as_items(connection, records)
    return RunComparison(
        runs=items,
        parameters=[*_run_parameters(records), *_parameters(steps)],
        metrics=[*measured_values(steps)],
        nodes=_nodes(ids, steps),
        steps=[_states(node, steps) for node in _all_nodes(steps)],
    )


def _ids(text: str) -> list[str]:
    ids = list(dict.fromkeys(text.split(",")))
    if not 2 <= len(ids) <= MOST or not all(_ID.fullmatch(id) for id in ids):
        hint = say("Give the ids of two to {most} runs, with commas between them.", most=MOST)
        raise ComparisonError("These are not the ids of several runs.", hint=hint)
    return ids


def _all_nodes(steps: Sequence[Steps]) -> list[str]:
    return list(dict.fromkeys(node for run in steps for node in run))


def _differ(values: Sequence[Any]) -> bool:
    return not all(same_value(values[0], value) for value in values[1:])


def _run_parameters(runs: Sequence[RunRecord]) -> Iterator[ParameterDifference]:
    names = dict.fromkeys(name for run in runs for name in run.parameters)
    for name in names:
        values = [run.parameters.get(name) for run in runs]
        if _differ(values):
            yield ParameterDifference(node=None, name=name, values=values)


def _parameters(steps: Sequence[Steps]) -> Iterator[ParameterDifference]:
    """Of nodes that more than one run has; what a new node is set to is no difference."""
    for node in _all_nodes(steps):
        having = [run[node].bound["parameters"] if node in run else None for run in steps]
        given = [parameters for parameters in having if parameters is not None]
        if len(given) < 2:
            continue
        for name in dict.fromkeys(name for parameters in given for name in parameters):
            if _differ([parameters.get(name) for parameters in given]):
                values = [None if item is None else item.get(name) for item in having]
                yield ParameterDifference(node=node, name=name, values=values)


def measured_values(steps: Sequence[Steps]) -> Iterator[MetricValues]:
    """Where a node reports on several models in some run, each number stands under its model."""
    for node in _all_nodes(steps):
        models = [_models(run[node]) if node in run else [] for run in steps]
        several = any(len(found) > 1 for found in models)
        measured = [dict(_named_numbers(found, several)) for found in models]
        for name in dict.fromkeys(name for run in measured for name in run):
            yield MetricValues(node=node, name=name, values=[run.get(name) for run in measured])


def _models(step: StepRecord) -> list[_Model]:
    """The models that a step reports on, by name; the numbers of a report without models: ""."""
    found: list[_Model] = []
    for output in step.outputs.values():
        if output.get("kind") != "report":
            continue
        summary = output.get("summary") or {}
        told = summary.get("models")
        models = [item for item in told if _has_numbers(item)] if isinstance(told, list) else []
        for model in models or [{"metrics": summary.get("metrics")}]:
            found.append((str(model.get("name") or ""), model.get("metrics")))
    return found


def _has_numbers(model: Any) -> bool:
    return isinstance(model, dict) and bool(model.get("metrics"))


def _named_numbers(models: Sequence[_Model], several: bool) -> Iterator[tuple[str, float]]:
    for model, metrics in models:
        for name, value in metrics.items() if isinstance(metrics, Mapping) else ():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield (f"{model}: {name}" if several and model else name), float(value)


def _nodes(ids: Sequence[str], steps: Sequence[Steps]) -> NodeDifferences:
    differences = NodeDifferences(added=[], removed=[], changed=[])
    for node in _all_nodes(steps):
        having = [run[node] for run in steps if node in run]
        item = NodeDifference(
            node=node,
            name=_label(having[0]),
            component=having[0].bound["node"]["component"],
            runs=[id for id, run in zip(ids, steps, strict=True) if node in run],
        )
        if node not in steps[0]:
            differences.added.append(item)
        elif len(having) < len(steps):
            differences.removed.append(item)
        elif _differ([_made_of(step) for step in having]):
            differences.changed.append(item)
    return differences


def _made_of(step: StepRecord) -> list[Any]:
    """What decides a step's result, but for the data: code, parameters, engine and wiring."""
    bound = step.bound
    sources = {port: [list(end) for end in ends] for port, ends in bound["sources"].items()}
    return [bound["spec"]["digest"], bound["parameters"], bound["engine"], sources]


def _label(step: StepRecord) -> str:
    return str(step.bound["node"]["name"] or step.bound["spec"]["title"])


def _states(node: str, steps: Sequence[Steps]) -> StepStates:
    found = [run.get(node) for run in steps]
    first = next(step for step in found if step is not None)
    return StepStates(
        node=node,
        name=_label(first),
        states=[None if step is None else step.state for step in found],
        seconds=[_seconds(step) for step in found],
    )


def _seconds(step: StepRecord | None) -> float | None:
    if step is None or step.started_at is None or step.finished_at is None:
        return None
    return step.finished_at - step.started_at
