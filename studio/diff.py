"""What differs between two pipelines, in the words of pipelines and not of lines of JSON.

Nodes are known by their ids, parameters by their names; where things are drawn is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel

from studio.pipeline import Edge, JsonValue, Node, Pipeline

_SETTINGS = ("name", "description")
_FIELDS = (
    "component",
    "version",
    "digest",
    "name",
    "cache",
    "engine",
    "disabled",
    "resources",
    "retries",
    "timeout",
)


class Change(BaseModel):
    """A named value that came, went or became another; `null` where there was none."""

    name: str
    change: Literal["added", "removed", "changed"]
    before: JsonValue = None
    after: JsonValue = None


class NodeName(BaseModel):
    """A node that came or went."""

    node: str
    name: str
    component: str


class NodeChange(BaseModel):
    """What differs in a node that is in both; `fields` are those beside its parameters."""

    node: str
    name: str
    parameters: list[Change]
    fields: list[Change]


class NodeChanges(BaseModel):
    added: list[NodeName]
    removed: list[NodeName]
    changed: list[NodeChange]


class PortName(BaseModel):
    node: str
    port: str


class EdgeChanges(BaseModel):
    """`reordered`: ports that take many edges and get the same ones in another order."""

    added: list[Edge]
    removed: list[Edge]
    reordered: list[PortName]


class PipelineDiff(BaseModel):
    """`settings` are of the pipeline itself, `parameters` those used as `${name}`."""

    equal: bool
    nodes: NodeChanges
    edges: EdgeChanges
    parameters: list[Change]
    settings: list[Change]
    layout: bool


def diff_pipelines(before: Pipeline, after: Pipeline) -> PipelineDiff:
    """What was done to `before` to make `after`; `equal` when a run of both is the same."""
    nodes, edges = _diff_nodes(before, after), _diff_edges(before, after)
    parameters = [*_changes(_data(before.parameters), _data(after.parameters))]
    settings = [*_changes(_settings(before), _settings(after))]
    lists = (nodes.added, nodes.removed, nodes.changed, edges.added, edges.removed)
    return PipelineDiff(
        equal=not any((*lists, edges.reordered, parameters, settings)),
        nodes=nodes,
        edges=edges,
        parameters=parameters,
        settings=settings,
        layout=before.layout != after.layout,
    )


def same_value(one: JsonValue, other: JsonValue) -> bool:
    """Equal as JSON: 1 and 1.0 are one number, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_value(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    return bool(one == other)


def _diff_nodes(before: Pipeline, after: Pipeline) -> NodeChanges:
    old, new = ({node.id: node for node in item.nodes} for item in (before, after))
    kept = ((old[id], node) for id, node in new.items() if id in old)
    changed = (_diff_node(*pair) for pair in kept)
    return NodeChanges(
        added=[_node_name(node) for id, node in new.items() if id not in old],
        removed=[_node_name(node) for id, node in old.items() if id not in new],
        changed=[change for change in changed if change.parameters or change.fields],
    )


def _node_name(node: Node) -> NodeName:
    return NodeName(node=node.id, name=node.label, component=node.component)


def _diff_node(before: Node, after: Node) -> NodeChange:
    old, new = (item.model_dump(mode="json", include=set(_FIELDS)) for item in (before, after))
    return NodeChange(
        node=after.id,
        name=after.label,
        parameters=[*_changes(before.parameters, after.parameters)],
        fields=[*_changes(old, new)],
    )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """By name, in the order of `after`; what is gone comes last."""
    for name in [*after, *(name for name in before if name not in after)]:
        if name not in before:
            yield Change(name=name, change="added", after=after[name])
        elif name not in after:
            yield Change(name=name, change="removed", before=before[name])
        elif not same_value(before[name], after[name]):
            yield Change(name=name, change="changed", before=before[name], after=after[name])


def _diff_edges(before: Pipeline, after: Pipeline) -> EdgeChanges:
    old, new = _edges(before), _edges(after)
    return EdgeChanges(
        added=[edge for key, edge in new.items() if key not in old],
        removed=[edge for key, edge in old.items() if key not in new],
        reordered=[*_reordered(before, after)],
    )


def _edges(pipeline: Pipeline) -> dict[tuple[str, ...], Edge]:
    return {_edge_key(edge): edge for edge in pipeline.edges}


def _edge_key(edge: Edge) -> tuple[str, ...]:
    return (edge.source.node, edge.source.port, edge.target.node, edge.target.port)


def _reordered(before: Pipeline, after: Pipeline) -> Iterator[PortName]:
    old, new = _sources(before), _sources(after)
    for target, sources in new.items():
        if sources != old.get(target) and sorted(sources) == sorted(old.get(target, [])):
            yield PortName(node=target[0], port=target[1])


def _sources(pipeline: Pipeline) -> dict[tuple[str, str], list[tuple[str, str]]]:
    sources: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for edge in pipeline.edges:
        target = (edge.target.node, edge.target.port)
        sources.setdefault(target, []).append((edge.source.node, edge.source.port))
    return sources


def _settings(pipeline: Pipeline) -> dict[str, Any]:
    named = {name: getattr(pipeline, name) for name in _SETTINGS}
    return {**named, **pipeline.settings.model_dump(mode="json")}


def _data(items: Mapping[str, BaseModel]) -> dict[str, Any]:
    return {name: item.model_dump(mode="json") for name, item in items.items()}
