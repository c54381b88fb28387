"""The columns of every table of a pipeline, before any run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from studio.database.runs import RunOrder
from studio.database.steps import last_outputs
from studio.errors import PipelineError, Problem
from studio.graph import BoundNode
from studio.inputs import path_resolver
from studio.inspector import Inferred
from studio.pipeline import Node, Pipeline, bind_parameters
from studio.selection import select
from studio.server.json_route import JsonRoute
from studio.server.parts import Parts, PartsDep
from studio.server.problems import as_items
from studio.server.schema_models import NodeSchemas, SchemaAnswer, SchemaRequest, TableSchema
from studio.spec import ComponentSpec
from studio.step_key import path_parameters
from studio.submission import check_pipeline

router = APIRouter(prefix="/schemas", tags=["pipelines"], route_class=JsonRoute)

# How long columns may be looked for, of a pipeline that is large and new; then some are unknown.
_DRAWING_SECONDS = 5.0
_CHECKING_SECONDS = 1.0


@router.post("", summary="Find the columns of every table of a pipeline before it runs")
def infer_schemas(request: SchemaRequest, parts: PartsDep) -> SchemaAnswer:
    found, problems = infer(parts, request.pipeline, request.parameters, request.folder)
    forms = _Forms()
    nodes = {name: forms.of_node(inferred) for name, inferred in found.items()}
    return SchemaAnswer(nodes=nodes, problems=as_items(problems))


def infer(
    parts: Parts,
    pipeline: Pipeline,
    values: Mapping[str, Any],
    folder: str | None,
    seconds: float = _DRAWING_SECONDS,
    tries: bool = True,
) -> tuple[dict[str, Inferred], list[Problem]]:
    """What is known of each node, and what cannot be: columns that are named and not there."""
    bound, problems = _bind(pipeline, values)
    last = _LastRun(parts, pipeline)
    specs, paths = parts.catalog.load().specs, _Paths(parts, folder)
    found = parts.inference.infer(pipeline, specs, bound, paths, last, seconds, tries=tries)
    enabled = [node.id for node in pipeline.nodes if not node.disabled]
    problems += [problem for id in enabled if id in found for problem in found[id].problems]
    return found, problems


def check_columns(
    parts: Parts, pipeline: Pipeline, values: Mapping[str, Any], folder: str | None = None
) -> tuple[Problem, ...]:
    """Problems of the columns that are named, as far as the columns are known before a run."""
    _, problems = infer(parts, pipeline, values, folder, _CHECKING_SECONDS, tries=False)
    return tuple(problem for problem in problems if problem.node is not None)


def refuse_missing_columns(parts: Parts, pipeline: Pipeline, order: RunOrder) -> None:
    """Before a run is made: raises PipelineError for columns that are named and not there.

    Of a partial run only for its own nodes and those above them; then all other problems, too.
    """
    chosen = select(pipeline, order.mode, order.targets).pipeline
    missing = check_columns(parts, chosen, order.parameters, order.folder)
    if missing:
        others = check_pipeline(parts.catalog.load(), chosen, order.parameters)
        raise PipelineError([*others, *missing])


def _bind(pipeline: Pipeline, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    try:
        return bind_parameters(pipeline, dict(values)), []
    except PipelineError as error:
        defaults = {name: item.default for name, item in pipeline.parameters.items()}
        return defaults, list(error.problems())


class _Paths:
    """Finds the files that parameters name; their digests tell when they have changed."""

    def __init__(self, parts: Parts, folder: str | None) -> None:
        given = [Path(folder)] if folder is not None else []
        self._resolver = path_resolver(parts.settings, given, parts.database, parts.store)

    def __call__(
        self, spec: ComponentSpec, parameters: dict[str, Any]
    ) -> tuple[dict[str, Any], Any]:
        node = Node(id="node", component=spec.name)
        named = path_parameters(BoundNode(node, spec, parameters, spec.engines[0]))
        resolved = self._resolver.resolve(named)
        paths = {name: str(item.path) for name, item in resolved.items()}
        return {**parameters, **paths}, {name: item.digest for name, item in resolved.items()}


class _LastRun:
    """The columns that tables had in the last run of pipelines of this name; asked for once."""

    def __init__(self, parts: Parts, pipeline: Pipeline) -> None:
        self._parts = parts
        self._name = pipeline.name
        self._outputs: dict[tuple[str, str], dict[str, Any]] | None = None

    def __call__(self, node: Node) -> dict[str, list[dict[str, Any]]]:
        if self._outputs is None:
            with self._parts.database.read() as connection:
                self._outputs = last_outputs(connection, self._name)
        outputs = self._outputs.get((node.id, node.component), {})
        return {
            port: _columns(item["summary"])
            for port, item in outputs.items()
            if item["kind"] == "table" and "columns" in item.get("summary", {})
        }


def _columns(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    role_of = {name: role for role, names in summary.get("roles", {}).items() for name in names}
    return [{**column, "role": role_of.get(column["name"])} for column in summary["columns"]]


class _Forms:
    """Schemas as they are sent, each made once: thousands of nodes may have the same.

    They are told apart by their places in memory, so they must live as long as this.
    """

    def __init__(self) -> None:
        self._made: dict[int, TableSchema] = {}

    def of_node(self, inferred: Inferred) -> NodeSchemas:
        return NodeSchemas(
            inputs={port: [*map(self._form, many)] for port, many in inferred.inputs.items()},
            outputs={port: self._form(schema) for port, schema in inferred.outputs.items()},
        )

    def _form(self, schema: Any) -> TableSchema | None:
        if schema is None:
            return None
        if id(schema) not in self._made:
            form = TableSchema(columns=schema.columns, source=schema.source)
            self._made[id(schema)] = form
        return self._made[id(schema)]
