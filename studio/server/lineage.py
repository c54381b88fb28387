"""Where an artifact comes from: code, parameters and data, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection

from studio.database.artifacts import get_artifact
from studio.database.lineage import Ancestor, dataset_names, trace
from studio.database.runs import RunRecord, get_run
from studio.database.steps import StepRecord
from studio.graph import thaw
from studio.server.json_route import JsonRoute
from studio.server.lineage_models import FileOf, InputOf, Lineage, LineageItem, MakingStep
from studio.server.models import Digest
from studio.server.parts import PartsDep
from studio.server.queries import pipeline_names
from studio.step_key import path_parameters

router = APIRouter(prefix="/artifacts/{digest}/lineage", tags=["artifacts"], route_class=JsonRoute)


@router.get("", summary="Where an artifact comes from: code, parameters and data")
def read_lineage(digest: Digest, parts: PartsDep) -> Lineage:
    with parts.database.read() as connection:
        get_artifact(connection, digest)
        found = trace(connection, digest)
        runs = _runs(connection, (item.step for item in found))
        names = pipeline_names(connection, (run.pipeline_id for run in runs.values()))
        uploads = dataset_names(connection, (item.digest for item in found))
    return Lineage(artifacts=[_item(item, runs, names, uploads) for item in found])


def _runs(connection: Connection, steps: Iterable[StepRecord | None]) -> dict[str, RunRecord]:
    ids = {step.run_id for step in steps if step is not None}
    return {id: get_run(connection, id) for id in ids}


def _item(
    found: Ancestor,
    runs: Mapping[str, RunRecord],
    names: Mapping[str, str],
    uploads: Mapping[str, str],
) -> LineageItem:
    step = None if found.step is None else _step(found.step, found.port or "", runs, names)
    return LineageItem(
        digest=found.digest,
        kind=found.kind,
        dataset=uploads.get(found.digest),
        step=step,
        inputs=[InputOf(port=port, digest=digest) for port, digest in found.inputs],
        files=[] if found.step is None else _files(found.step),
    )


def _step(
    step: StepRecord, port: str, runs: Mapping[str, RunRecord], names: Mapping[str, str]
) -> MakingStep:
    bound, run = thaw(step.bound), runs[step.run_id]
    parts: dict[str, Any] = step.key_parts or {}
    return MakingStep(
        run_id=step.run_id,
        node_id=step.node_id,
        port=port,
        name=bound.node.name or bound.spec.title,
        component=bound.spec.name,
        component_title=bound.spec.title,
        component_version=bound.spec.version,
        component_digest=bound.spec.digest,
        package=bound.spec.package,
        engine=bound.engine,
        environment=parts.get("environment"),
        parameters=dict(bound.parameters),
        pipeline_id=run.pipeline_id,
        pipeline_version=run.pipeline_version,
        pipeline_name=names.get(run.pipeline_id, ""),
        finished_at=step.finished_at,
    )


def _files(step: StepRecord) -> list[FileOf]:
    """In the step key the digest of a file's content stands for its path."""
    digests = (step.key_parts or {}).get("parameters", {})
    return [
        FileOf(parameter=name, path=path, digest=digests[name])
        for name, path in path_parameters(thaw(step.bound)).items()
        if name in digests
    ]
