"""Check a pipeline, plan a run of it, and make the run, with components and parameters frozen."""

from __future__ import annotations

import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from studio.catalog import Catalog
from studio.database.audit import Actor, add_audit
from studio.database.engine import Database
from studio.database.history import (
    COMPONENTS,
    history_names,
    read_expectations,
    read_history,
    read_successes,
)
from studio.database.pipelines import PipelineRecord, get_pipeline
from studio.database.runs import RunOrder, RunRecord, create_run, get_run
from studio.database.steps import reason_columns
from studio.database.typed_code import claim_typed_code, find_authors
from studio.errors import ConflictError, PipelineError, Problem, say
from studio.gpus import check_gpus
from studio.graph import Graph, build_graph, freeze
from studio.inputs import path_resolver
from studio.known import Known
from studio.packages.trust import Trust
from studio.packages.typed import find_typed_code
from studio.pipeline import Pipeline, bind_parameters, load_pipeline
from studio.planning import Plan, Planner, UpstreamMissingError, estimate_seconds
from studio.roles import LOCAL
from studio.run import FINAL_RUN_STATES
from studio.selection import select
from studio.settings import Settings
from studio.store import Store


def check_pipeline(
    catalog: Catalog, pipeline: Pipeline, values: Mapping[str, Any] | None = None
) -> tuple[Problem, ...]:
    """Every problem of a pipeline; none: it can run."""
    try:
        build_graph(pipeline, catalog.specs, values)
    except PipelineError as error:
        return error.problems()
    return ()


@dataclass(frozen=True)
class Submission:
    """Where runs are made: what is stored, the components that there are, and who makes them."""

    database: Database
    settings: Settings
    catalog: Catalog
    actor: Actor = field(default_factory=lambda: Actor(LOCAL))

    def plan(self, pipeline: Pipeline, order: RunOrder, pipeline_id: str | None = None) -> Plan:
        """What a run would do; a pipeline that cannot run gives problems and no nodes.

        pipeline_id: the stored pipeline whose runs it is compared with; None: those of its name.
        """
        of_id, of_name = history_names(pipeline_id or "", pipeline.name)
        history = of_name if pipeline_id is None else of_id
        try:
            graph, chosen = self._bind(pipeline, order)
        except PipelineError as error:
            return Plan(order.mode, order.targets, problems=error.problems())
        planner = self._planner(graph, chosen, order, history)
        with self.database.read() as connection:
            nodes = read_expectations(connection, history)
            components = read_expectations(connection, COMPONENTS)
        planned = planner.planned(pipeline, nodes, components)
        typed = self._typed_now(pipeline, order, pipeline_id)
        refused = list(self._refusals(graph, chosen, typed))
        self._ask(graph, refused, stored=pipeline_id is not None)
        problems = (*planner.problems(order.mode, order.targets), *refused)
        seconds = estimate_seconds(graph, planned, self.settings.cpus)
        return Plan(order.mode, order.targets, tuple(planned), seconds, problems)

    def submit(
        self, record: PipelineRecord, order: RunOrder, *, by_name: bool = False
    ) -> RunRecord:
        """Queue a run of a stored version. Raises PipelineError or ConflictError with all problems.

        by_name: compare it with the runs of every pipeline of this name, as for a file that is
        changed and submitted again.
        """
        pipeline = load_pipeline(record.document)
        graph, chosen = self._bind(pipeline, order)
        typed = self._typed_now(pipeline, order, record.id)
        refused = list(self._refusals(graph, chosen, typed))
        if refused:
            self._ask(graph, refused, stored=True)
            self._note_refusal(record, refused)
            raise PipelineError(refused)
        names = history_names(record.id, pipeline.name)
        history = names[::-1] if by_name else names
        given = {}
        if order.mode not in ("EXECUTE_ALL", "EXECUTE_TO_HERE"):
            given = self._given(self._planner(graph, chosen, order, history[0]), order)
        bound = [(n, freeze(graph, n)) for n in graph.order if n in chosen or n in given]
        values = bind_parameters(pipeline, dict(order.parameters))
        order = replace(order, parameters=values, created_by=self.actor.name)
        with self.database.begin() as connection:
            claim_typed_code(connection, typed, self.actor.name)
            run = create_run(connection, record.id, record.version, order, bound, history, given)
            what = {"pipeline": record.id, "version": record.version, "digest": record.digest}
            add_audit(connection, self.actor, "run", f"run:{run.id}", **what)
        return run

    def resume(self, run_id: str) -> RunRecord:
        """A new run of the same version that keeps what has succeeded in a run that ended early."""
        with self.database.read() as connection:
            run = get_run(connection, run_id)
            record = get_pipeline(connection, run.pipeline_id, run.pipeline_version)
        if run.state not in FINAL_RUN_STATES:
            hint = "Cancel it first, or wait until it has ended."
            raise ConflictError(
                say("The run is {state}.", state=run.state), hint=hint, code="run.not_over"
            )
        if run.state == "succeeded":
            hint = "Run the pipeline again."
            raise ConflictError("The run has succeeded.", hint=hint, code="run.succeeded")
        order = RunOrder(
            run.parameters, run.folder, run.mode, tuple(run.targets), run.fresh, run.id
        )
        return self.submit(record, order, by_name=run.history[:1] != [run.pipeline_id])

    def _bind(self, pipeline: Pipeline, order: RunOrder) -> tuple[Graph, frozenset[str]]:
        """The chosen nodes and all above them, checked."""
        selection = select(pipeline, order.mode, order.targets)
        engine = self.settings.default_engine
        graph = build_graph(selection.pipeline, self.catalog.specs, order.parameters, engine)
        chosen = selection.chosen & graph.nodes.keys()
        if not chosen:
            message = "There is no node to run."
            hint = "Add a node, or enable one."
            raise PipelineError([Problem("pipeline.empty", message, hint)])
        return graph, frozenset(chosen)

    @cached_property
    def _trust(self) -> Trust:
        return Trust(self.database, self.settings.is_team)

    def note_code(
        self,
        connection: Connection,
        pipeline: Pipeline,
        before: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """Before a document is stored: in a team what is typed in it is the actor's from now on.

        before: the document that it replaces. values: of its parameters, for a run.
        """
        if self.settings.is_team:
            specs = self.catalog.specs
            old = () if before is None else find_typed_code(load_pipeline(before), specs)
            new = find_typed_code(pipeline, specs, values)
            self._trust.note(connection, old, new, self.actor.name)

    def _typed_now(
        self, pipeline: Pipeline, order: RunOrder, pipeline_id: str | None
    ) -> dict[str, str]:
        """Code (digest -> component) that nobody has stored, and that is the actor's.

        pipeline_id None: the actor sends the whole document.
        """
        if not self.settings.is_team:
            return {}
        as_run = list(find_typed_code(pipeline, self.catalog.specs, order.parameters))
        if pipeline_id is not None:
            as_stored = list(find_typed_code(pipeline, self.catalog.specs))
            return self._trust.typed_now(as_stored, as_run, self.actor.name)
        codes = {code.digest: code.component for code in as_run}
        with self.database.read() as connection:
            known = find_authors(connection, codes)
        return {digest: name for digest, name in codes.items() if digest not in known}

    def _refusals(
        self, graph: Graph, chosen: frozenset[str], typed: Container[str]
    ) -> Iterator[Problem]:
        """What others have to allow first: code that a person brought, and GPUs."""
        for name in graph.order:
            if name not in chosen:
                continue
            item = graph.nodes[name]
            where: dict[str, Any] = {"node": name, "node_name": item.node.label}
            problem = self._trust.problem(item, self.actor.name, typed)
            if problem is not None:
                yield replace(problem, field="digest", **where)
            if (problem := check_gpus(item.node.resources.gpu, self.settings.gpus)) is not None:
                yield replace(problem, **where)

    def _ask(self, graph: Graph, problems: Sequence[Problem], stored: bool) -> None:
        for problem in problems:
            self._trust.ask(graph.nodes[str(problem.node)], stored)

    def _note_refusal(self, record: PipelineRecord, problems: Sequence[Problem]) -> None:
        """In a team: who would have run which code, and was not let."""
        if self.settings.is_team:
            told = [{"code": p.code, "node": p.node, **(p.arguments or {})} for p in problems]
            with self.database.begin() as connection:
                add_audit(connection, self.actor, "refuse", f"pipeline:{record.id}", problems=told)

    def _planner(
        self, graph: Graph, chosen: frozenset[str], order: RunOrder, history: str
    ) -> Planner:
        with self.database.read() as connection:
            past = read_history(connection, history)
            resumed = order.resumed_from
            succeeded = {} if resumed is None else read_successes(connection, resumed)
        folders = [Path(order.folder)] if order.folder else []
        store = Store(self.settings.store)
        resolver = path_resolver(self.settings, folders, self.database, store)
        planner = Planner(
            graph, chosen, Known(self.database, store, resolver, past, succeeded, order.fresh)
        )
        planner.plan()
        return planner

    def _given(self, planner: Planner, order: RunOrder) -> dict[str, dict[str, Any]]:
        problems = planner.problems(order.mode, order.targets)
        missing = [item for item in problems if item.code == UpstreamMissingError.code]
        if missing:
            raise UpstreamMissingError(missing)
        return {
            node: {
                **columns,
                **reason_columns(columns["reason"]),
                "state": "reused",
                "finished_at": time.time(),
            }
            for node, columns in planner.given().items()
        }
