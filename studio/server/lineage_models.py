"""The forms of lineage and of comparisons of runs in answers."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from studio.server.models import RunItem, Time


class MakingStep(BaseModel):
    """The step that made an artifact, with all that was frozen when its run was made."""

    run_id: str
    node_id: str
    port: str
    name: str
    component: str
    component_title: str
    component_version: str
    component_digest: str
    package: str
    engine: str
    environment: str | None
    parameters: dict[str, Any]
    pipeline_id: str
    pipeline_version: int
    pipeline_name: str
    finished_at: Time | None


class InputOf(BaseModel):
    """An artifact on an input port; it is listed itself."""

    port: str
    digest: str


class FileOf(BaseModel):
    """A file or dataset that a parameter names, and the digest of its content then."""

    parameter: str
    path: str
    digest: str


class LineageItem(BaseModel):
    """An artifact; `step` is null for what no run here has made, such as an upload."""

    digest: str
    kind: str | None
    dataset: str | None
    step: MakingStep | None
    inputs: list[InputOf]
    files: list[FileOf]


class Lineage(BaseModel):
    """The artifact first, then all that went into it, each once, nearer ones first."""

    artifacts: list[LineageItem]


class ParameterDifference(BaseModel):
    """A parameter that is not the same in all runs; null: there is none in that run.

    node: null for a parameter of the pipeline.
    """

    node: str | None
    name: str
    values: list[Any]


class MetricValues(BaseModel):
    """A number of the reports of each run; null: that run has not measured it.

    `name` is `auc`, or `DeepFM: auc` where a node of some run reports on several models.
    """

    node: str
    name: str
    values: list[float | None]


class NodeDifference(BaseModel):
    """A node that is not the same in all runs; `runs` are those that have it."""

    node: str
    name: str
    component: str
    runs: list[str]


class NodeDifferences(BaseModel):
    """Against the first run: nodes that only later runs have, that some lack, that changed."""

    added: list[NodeDifference]
    removed: list[NodeDifference]
    changed: list[NodeDifference]


class StepStates(BaseModel):
    """How a node fared in each run. seconds: null where it was not executed."""

    node: str
    name: str
    states: list[str | None]
    seconds: list[float | None]


class RunComparison(BaseModel):
    """Lists of values are in the order of `runs`."""

    runs: list[RunItem]
    parameters: list[ParameterDifference]
    metrics: list[MetricValues]
    nodes: NodeDifferences
    steps: list[StepStates]
