"""Check a pipeline and make a run of it, with components and parameters frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.catalog import Catalog
from studio.database.engine import Database
from studio.database.pipelines import PipelineRecord
from studio.database.runs import RunRecord, create_run
from studio.errors import PipelineError, Problem
from studio.graph import Graph, build_graph, freeze
from studio.packages.shelf import check_approved
from studio.pipeline import Pipeline, bind_parameters, load_pipeline
from studio.spec import Engine


def check_pipeline(
    catalog: Catalog, pipeline: Pipeline, values: Mapping[str, Any] | None = None
) -> tuple[Problem, ...]:
    """Every problem of a pipeline; none: it can run."""
    try:
        build_graph(pipeline, catalog.specs, values)
    except PipelineError as error:
        return error.problems()
    return ()


def submit_run(
    database: Database,
    catalog: Catalog,
    record: PipelineRecord,
    values: Mapping[str, Any],
    folder: str | None = None,
    engine: Engine = "duckdb",
) -> RunRecord:
    """Queue a run of a stored pipeline version. Raises PipelineError with every problem.

    folder: where relative paths of the pipeline are looked for first.
    engine: where tables are computed when neither node nor pipeline says.
    """
    pipeline = load_pipeline(record.document)
    graph = build_graph(pipeline, catalog.specs, values, engine)
    if not graph.order:
        message = "The pipeline has no node that can run."
        raise PipelineError([Problem("pipeline.empty", message, hint="Add a node, or enable one.")])
    _check_approvals(database, graph)
    bound = [(name, freeze(graph, name)) for name in graph.order]
    parameters = bind_parameters(pipeline, dict(values))
    with database.begin() as connection:
        return create_run(connection, record.id, record.version, parameters, bound, folder)


def _check_approvals(database: Database, graph: Graph) -> None:
    """Code that a person brought runs only when its digest has been approved."""
    found = [(node, check_approved(database, graph.nodes[node].spec)) for node in graph.order]
    problems = [
        replace(problem, node=node, node_name=graph.nodes[node].node.label, field="digest")
        for node, problem in found
        if problem is not None
    ]
    if problems:
        raise PipelineError(problems)
