"""The columns of every table of a pipeline before any run, node by node along its edges.

A pipeline that is being drawn is mostly not yet right: what is not known of a node makes unknown
what depends on it, and nothing else. Answers are kept by what they depend on, so that drawing on
asks only for what has changed.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from studio.artifacts import digest_json
from studio.columns import column_problems
from studio.errors import Problem, StudioError
from studio.inspector.child import InspectionError
from studio.parameters import complete_parameters
from studio.pipeline import JsonValue, Node, Pipeline, substitute
from studio.references import bound_problems
from studio.spec import ComponentSpec

_REMEMBERED = 20_000

Columns = list[dict[str, Any]]
Ask = Callable[[ComponentSpec, Mapping[str, Any], Mapping[str, Sequence[Columns]]], Any]
# Parameters with their paths found, and what says that the content of these paths has changed.
Resolve = Callable[[ComponentSpec, dict[str, Any]], tuple[dict[str, Any], Any]]
Source = Literal["inferred", "declared", "last_run", "tried"]
# Known for sure: what these say is told as a problem. Columns of the last run, and those that code
# gave of tables without rows, may be others when it runs.
_SURE: tuple[Source, ...] = ("inferred", "declared")
LastRun = Callable[[Node], Mapping[str, Columns]]


@dataclass(frozen=True)
class TableSchema:
    """Columns as JSON data, and how they are known."""

    columns: Columns
    source: Source

    @property
    def names(self) -> list[str]:
        return [column["name"] for column in self.columns]

    @cached_property
    def digest(self) -> str:
        """Of the columns, worked out once, which matters where thousands of nodes have the same."""
        return digest_json(self.columns)

    def known_from(self, source: Source) -> TableSchema:
        return self if source == self.source else replace(self, source=source)


@dataclass
class Inferred:
    """Of one node: the schemas on each edge of its input tables, and of its output tables."""

    inputs: dict[str, list[TableSchema | None]] = field(default_factory=dict)
    outputs: dict[str, TableSchema | None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Answer:
    outputs: Mapping[str, TableSchema | None] = field(default_factory=dict)
    problem: Problem | None = None


@dataclass(frozen=True)
class _Asked:
    """values: of `${parameters}`. until: when to ask no more, by the monotonic clock."""

    values: Mapping[str, JsonValue]
    resolve: Resolve
    until: float
    tries: bool


class Inference:
    """Thread-safe. ask: the inspector's `schemas`; try_out: asks brought code, in the sandbox."""

    def __init__(self, ask: Ask, try_out: Ask | None = None) -> None:
        self._ask = ask
        self._try_out = try_out
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Answer] = OrderedDict()

    def infer(
        self,
        pipeline: Pipeline,
        specs: Mapping[str, ComponentSpec],
        values: Mapping[str, JsonValue],
        resolve: Resolve,
        last_run: LastRun,
        seconds: float = 5.0,
        tries: bool = True,
    ) -> dict[str, Inferred]:
        """What is known of each node whose component is known. values: of `${parameters}`.

        seconds: how long it may ask; what was not asked by then is unknown, until the next time.
        tries: whether brought code is tried, which takes seconds and tells nothing for sure.
        """
        asked = _Asked(values, resolve, time.monotonic() + seconds, tries)
        sources = _sources(pipeline)
        found: dict[str, Inferred] = {}
        for node in _in_order(pipeline):
            spec = specs.get(node.component)
            if spec is not None:
                inferred = Inferred(inputs=_inputs(spec, sources.get(node.id, {}), found))
                self._infer_node(node, spec, inferred, asked)
                _fall_back(node, spec, inferred, last_run)
                self._try_node(node, spec, inferred, asked)
                found[node.id] = inferred
        return found

    def _infer_node(
        self, node: Node, spec: ComponentSpec, inferred: Inferred, asked: _Asked
    ) -> None:
        names, known = _names(inferred), _known_schemas(spec, inferred)
        if known is None and not any(map(any, names.values())):
            return  # nothing to check against, nothing to ask: most nodes of a large pipeline
        parameters = substitute(dict(node.parameters), dict(asked.values))
        if any(bound_problems(node, spec, parameters, asked.values)):
            return  # it is told of elsewhere; with wrong parameters nothing follows
        parameters = complete_parameters(spec, parameters)
        inferred.problems += column_problems(node, spec, parameters, names)
        if inferred.problems or known is None:
            return
        try:
            parameters, stamp = asked.resolve(spec, parameters)
        except StudioError:
            return  # the file is not here, which is told when it is run where it is
        answer = self._answer(spec, parameters, known, stamp, asked.until)
        source = _source(spec, inferred)
        if answer.problem is not None and source in _SURE:
            inferred.problems.append(_at(node, answer.problem))
        inferred.outputs = {
            port: schema and schema.known_from(source) for port, schema in answer.outputs.items()
        }

    def _try_node(self, node: Node, spec: ComponentSpec, inferred: Inferred, asked: _Asked) -> None:
        """Brought code that has never run, on tables without rows."""
        schemas = _on_all_edges(spec, inferred)
        is_unknown = None in inferred.outputs.values() and not inferred.problems
        if not asked.tries or schemas is None or not is_unknown or not _can_be_tried(spec):
            return
        parameters = substitute(dict(node.parameters), dict(asked.values))
        if any(bound_problems(node, spec, parameters, asked.values)):
            return
        parameters = complete_parameters(spec, parameters)
        try:
            _, files = asked.resolve(spec, parameters)
        except StudioError:
            return
        if not files:  # they are shown to a step alone
            answer = self._answer(spec, parameters, schemas, files, asked.until)
            inferred.outputs |= answer.outputs

    def _answer(
        self,
        spec: ComponentSpec,
        parameters: dict[str, Any],
        inputs: Mapping[str, Sequence[TableSchema]],
        stamp: Any,
        until: float,
    ) -> _Answer:
        digests = {port: [schema.digest for schema in many] for port, many in inputs.items()}
        key = digest_json([spec.digest, spec.name, spec.environment, parameters, digests, stamp])
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        if time.monotonic() > until:
            return _Answer()
        try:
            answer = _Answer(self._told(spec, parameters, inputs))
        except InspectionError as error:
            answer = _Answer(problem=error.problems()[0])
        except StudioError:
            return _Answer()  # the child ended: another time it may not
        with self._lock:
            self._known[key] = answer
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return answer

    def _told(
        self,
        spec: ComponentSpec,
        parameters: dict[str, Any],
        inputs: Mapping[str, Sequence[TableSchema]],
    ) -> dict[str, TableSchema | None]:
        source: Source = "declared" if spec.tells_schema else "inferred"
        ask = self._ask
        if spec.origin == "package":
            source = "tried"
            if self._try_out is None:
                return {}
            ask = self._try_out
        columns = {port: [schema.columns for schema in many] for port, many in inputs.items()}
        told: Mapping[str, Columns | None] = ask(spec, parameters, columns)
        return {
            p: None if found is None else TableSchema(found, source) for p, found in told.items()
        }


def _sources(pipeline: Pipeline) -> dict[str, dict[str, list[tuple[str, str]]]]:
    sources: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for edge in pipeline.edges:
        ports = sources.setdefault(edge.target.node, {})
        ports.setdefault(edge.target.port, []).append((edge.source.node, edge.source.port))
    return sources


def _in_order(pipeline: Pipeline) -> Iterator[Node]:
    """Each node after those that it depends on; nodes of a circle come not at all."""
    nodes = {node.id: node for node in pipeline.nodes}
    followers: dict[str, list[str]] = {name: [] for name in nodes}
    missing = dict.fromkeys(nodes, 0)
    for edge in pipeline.edges:
        if edge.source.node in nodes and edge.target.node in nodes:
            followers[edge.source.node].append(edge.target.node)
            missing[edge.target.node] += 1
    ready = [name for name in nodes if missing[name] == 0]
    while ready:
        name = ready.pop()
        yield nodes[name]
        for follower in followers[name]:
            missing[follower] -= 1
            if missing[follower] == 0:
                ready.append(follower)


def _inputs(
    spec: ComponentSpec,
    sources: Mapping[str, Sequence[tuple[str, str]]],
    found: Mapping[str, Inferred],
) -> dict[str, list[TableSchema | None]]:
    return {
        port.name: [
            found[node].outputs.get(output) if node in found else None
            for node, output in sources.get(port.name, ())
        ]
        for port in spec.inputs
        if port.kind == "table"
    }


def _source(spec: ComponentSpec, inferred: Inferred) -> Source:
    """What is worked out from columns that are not sure is no surer than they are."""
    inputs = [schema for many in inferred.inputs.values() for schema in many]
    for schema in inputs:
        if schema is not None and schema.source not in _SURE:
            return schema.source
    return "declared" if spec.tells_schema else "inferred"


def _names(inferred: Inferred) -> dict[str, list[list[str] | None]]:
    """The columns that a problem may be told of: the sure ones."""
    return {
        port: [
            schema.names if schema is not None and schema.source in _SURE else None
            for schema in many
        ]
        for port, many in inferred.inputs.items()
    }


def _known_schemas(spec: ComponentSpec, inferred: Inferred) -> dict[str, list[TableSchema]] | None:
    """What a component is asked with; None: it cannot be asked, or not all of it is known."""
    return _on_all_edges(spec, inferred) if _can_tell(spec) else None


def _on_all_edges(spec: ComponentSpec, inferred: Inferred) -> dict[str, list[TableSchema]] | None:
    """The schemas by port; None when some are not known, or a needed table is missing."""
    known: dict[str, list[TableSchema]] = {}
    for port in spec.inputs:
        if port.kind != "table":
            continue
        schemas = inferred.inputs[port.name]
        present = [schema for schema in schemas if schema is not None]
        if len(present) < len(schemas) or (port.required and not present):
            return None
        known[port.name] = present
    return known


def _can_tell(spec: ComponentSpec) -> bool:
    """Whether its columns can be asked for: only of our own code, which runs unconfined."""
    if not any(port.kind == "table" for port in spec.outputs):
        return False
    if spec.origin != "builtin":
        return False
    receives = {port.receives for port in spec.inputs}
    return spec.tells_schema or (receives == {"ibis.Table"} and not spec.confined)


def _can_be_tried(spec: ComponentSpec) -> bool:
    """Code that a person brought and that needs nothing but tables, an interpreter and no Spark."""
    needs_others = any(port.kind != "table" and port.required for port in spec.inputs)
    return spec.origin == "package" and spec.engines[0] != "spark" and not needs_others


def _fall_back(node: Node, spec: ComponentSpec, inferred: Inferred, last_run: LastRun) -> None:
    """Output tables that are still unknown get the columns that they had in the last run."""
    ports = [port.name for port in spec.outputs if port.kind == "table"]
    inferred.outputs = {port: inferred.outputs.get(port) for port in ports}
    if inferred.problems or None not in inferred.outputs.values():
        return
    last = last_run(node)
    for port in ports:
        if inferred.outputs[port] is None and port in last:
            inferred.outputs[port] = TableSchema(last[port], "last_run")


def _at(node: Node, problem: Problem) -> Problem:
    """What a component refuses, at its node; a missing column is named as everywhere."""
    if problem.code == "column.missing" and problem.field is not None:
        problem = replace(problem, code="parameter.column_missing")
    return replace(problem, node=node.id, node_name=node.label)
