"""Bring nodes to the newest version of their components: edges and parameters stay by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.pipeline import Edge, Node, Pipeline
from studio.spec import ComponentSpec


@dataclass(frozen=True)
class NodeUpdate:
    """What an update did to a node.

    before, after: digests. renamed: earlier name -> present name, of ports and parameters that
    the node uses. dropped_edges, dropped_parameters: what fits no more.
    """

    node: str
    component: str
    before: str | None
    after: str
    renamed: dict[str, str] = field(default_factory=dict)
    dropped_edges: list[dict[str, Any]] = field(default_factory=list)
    dropped_parameters: dict[str, Any] = field(default_factory=dict)


def update_nodes(
    pipeline: Pipeline,
    specs: Mapping[str, ComponentSpec],
    nodes: Collection[str] | None = None,
) -> tuple[Pipeline, list[NodeUpdate]]:
    """The pipeline with these nodes (None: all) on the present specs, and what was done.

    The pipeline given is not changed; one that is up to date comes back equal.
    """
    updates: list[NodeUpdate] = []
    changed: list[Node] = []
    edges = list(pipeline.edges)
    for node in pipeline.nodes:
        spec = newest_spec(node, specs)
        if spec is None or (nodes is not None and node.id not in nodes) or is_current(node, spec):
            changed.append(node)
            continue
        edges, renamed, dropped = _move_edges(edges, node.id, spec)
        parameters, renamed_parameters = _move_parameters(node, spec)
        lost = node.parameters.keys() - parameters.keys() - renamed_parameters.keys()
        updates.append(
            NodeUpdate(
                node=node.id,
                component=spec.name,
                before=node.digest,
                after=spec.digest,
                renamed=renamed | renamed_parameters,
                dropped_edges=dropped,
                dropped_parameters={name: node.parameters[name] for name in sorted(lost)},
            )
        )
        changed.append(_moved(node, spec, parameters))
    return pipeline.model_copy(update={"nodes": changed, "edges": edges}), updates


def newest_spec(node: Node, specs: Mapping[str, ComponentSpec]) -> ComponentSpec | None:
    """The present spec of a node's component, under its present name."""
    found = specs.get(node.component)
    if found is not None:
        return found
    heirs = (spec for spec in specs.values() if spec.replaces.get(spec.name) == node.component)
    return next(heirs, None)


def is_current(node: Node, spec: ComponentSpec) -> bool:
    """Whether a node already has what this spec says; built-in ones are pinned by version."""
    if node.component != spec.name or node.version not in (None, spec.version):
        return False
    if spec.origin == "builtin":
        return node.digest in (None, spec.digest)
    return node.digest == spec.digest


def _moved(node: Node, spec: ComponentSpec, parameters: dict[str, Any]) -> Node:
    values: dict[str, Any] = {"component": spec.name, "parameters": parameters}
    if spec.origin == "package" or node.digest is not None:
        values["digest"] = spec.digest
    if node.version is not None:
        values["version"] = spec.version
    return node.model_copy(update=values)


def _move_parameters(node: Node, spec: ComponentSpec) -> tuple[dict[str, Any], dict[str, str]]:
    properties = spec.parameters.get("properties", {})
    renamed = _renamed(spec, properties, node.parameters)
    moved = {renamed.get(name, name): value for name, value in node.parameters.items()}
    return {name: value for name, value in moved.items() if name in properties}, renamed


def _move_edges(
    edges: list[Edge], node: str, spec: ComponentSpec
) -> tuple[list[Edge], dict[str, str], list[dict[str, Any]]]:
    ports = {
        "source": {port.name for port in spec.outputs},
        "target": {port.name for port in spec.inputs},
    }
    renamed = {
        side: _renamed(spec, names, {port for edge in edges if (port := _port(edge, side, node))})
        for side, names in ports.items()
    }
    kept, dropped = [], []
    for edge in edges:
        moved = _with_ports(edge, node, renamed)
        used = {side: _port(moved, side, node) for side in ports}
        if all(used[side] is None or used[side] in names for side, names in ports.items()):
            kept.append(moved)
        else:
            dropped.append(edge.model_dump(mode="json"))
    return kept, renamed["source"] | renamed["target"], dropped


def _port(edge: Edge, side: str, node: str) -> str | None:
    """The port of a node on one side of an edge; None: it is another node's."""
    end = edge.source if side == "source" else edge.target
    return end.port if end.node == node else None


def _renamed(
    spec: ComponentSpec, present: Collection[str], used: Collection[str]
) -> dict[str, str]:
    """Earlier name -> present name, for what is used under a name that is gone."""
    return {
        was: name
        for name, was in spec.replaces.items()
        if name in present and was in used and was not in present and name not in used
    }


def _with_ports(edge: Edge, node: str, renamed: Mapping[str, Mapping[str, str]]) -> Edge:
    ends = {
        side: end.model_copy(update={"port": renamed[side][end.port]})
        for side, end in (("source", edge.source), ("target", edge.target))
        if end.node == node and end.port in renamed[side]
    }
    return edge.model_copy(update=ends) if ends else edge
