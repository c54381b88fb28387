"""The pipeline in memory, checked: every problem is found at once and names its node and field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import networkx as nx

from studio.artifacts import canonical_json
from studio.errors import PipelineError, Problem, say
from studio.parameters import complete_parameters, nearest, node_problem
from studio.pipeline import Edge, JsonValue, Node, Pipeline, bind_parameters, substitute
from studio.references import bound_problems
from studio.spec import ComponentSpec, Engine, find_spec


@dataclass(frozen=True)
class BoundNode:
    """A node with the spec of its component, its full parameters and its engine.

    lent: the components above it whose layers it may have to make: code of packages.
    """

    node: Node
    spec: ComponentSpec
    parameters: Mapping[str, JsonValue]
    engine: Engine
    lent: tuple[ComponentSpec, ...] = ()

    @property
    def is_confined(self) -> bool:
        """Whether it runs in the sandbox: for what it is, or for the code that it is lent."""
        return self.spec.is_confined or bool(self.lent)


@dataclass(frozen=True)
class Graph:
    """Enabled nodes by id, and the sources of each input port in the pipeline's order."""

    nodes: Mapping[str, BoundNode]
    edges: tuple[Edge, ...]
    order: tuple[str, ...]

    def sources(self, node: str) -> dict[str, list[tuple[str, str]]]:
        """Input port -> [(source node, source port)], in the order of the pipeline's edges."""
        return self._sources.get(node, {})

    @cached_property
    def _sources(self) -> dict[str, dict[str, list[tuple[str, str]]]]:
        sources: dict[str, dict[str, list[tuple[str, str]]]] = {}
        for edge in self.edges:
            ports = sources.setdefault(edge.target.node, {})
            ports.setdefault(edge.target.port, []).append((edge.source.node, edge.source.port))
        return sources

    def digraph(self) -> nx.DiGraph[str]:
        """Who must run before whom."""
        return _digraph(self.nodes, self.edges)


def freeze(graph: Graph, name: str) -> dict[str, Any]:
    """A node as JSON data, with all that running it needs; `thaw` reads it again."""
    item = graph.nodes[name]
    return {
        "node": item.node.model_dump(mode="json"),
        "spec": item.spec.model_dump(mode="json"),
        "parameters": dict(item.parameters),
        "engine": item.engine,
        "sources": graph.sources(name),
        "lent": [spec.model_dump(mode="json") for spec in item.lent],
    }


def thaw(frozen: Mapping[str, Any]) -> BoundNode:
    """The node that `freeze` wrote, as it was then."""
    return BoundNode(
        node=Node.model_validate(frozen["node"]),
        spec=_read_spec(canonical_json(frozen["spec"])),
        parameters=frozen["parameters"],
        engine=frozen["engine"],
        lent=tuple(_read_spec(canonical_json(spec)) for spec in frozen.get("lent", [])),
    )


@lru_cache(maxsize=256)
def _read_spec(document: bytes) -> ComponentSpec:
    """Nodes of a run share few components."""
    return ComponentSpec.model_validate_json(document)


def build_graph(
    pipeline: Pipeline,
    specs: Mapping[str, ComponentSpec],
    values: Mapping[str, JsonValue] | None = None,
    default_engine: Engine = "duckdb",
) -> Graph:
    """Bind nodes to specs and check everything; raises PipelineError with every problem found.

    values: given pipeline parameters. default_engine: what `auto` means for tables.
    """
    bound = bind_parameters(pipeline, dict(values or {}))
    problems = [*_id_problems(pipeline), *_edge_problems(pipeline, specs)]
    nodes: dict[str, BoundNode] = {}
    for node in pipeline.nodes:
        if node.disabled:
            continue
        item = _bind_node(pipeline, node, specs, bound, default_engine)
        if isinstance(item, BoundNode):
            nodes[node.id] = item
        else:
            problems += item
    problems += _input_problems(pipeline, nodes)
    digraph = _digraph((node.id for node in pipeline.nodes), pipeline.edges)
    problems += _cycle_problems(digraph)
    if problems:
        raise PipelineError(problems)
    return _without_disabled(pipeline, nodes, digraph)


def _digraph(nodes: Iterable[str], edges: Iterable[Edge]) -> nx.DiGraph[str]:
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(nodes)
    digraph.add_edges_from((edge.source.node, edge.target.node) for edge in edges)
    return digraph


def _without_disabled(
    pipeline: Pipeline, nodes: dict[str, BoundNode], digraph: nx.DiGraph[str]
) -> Graph:
    """A disabled node takes with it what cannot run without it."""
    gone: set[str] = set()
    for node in pipeline.nodes:
        if node.disabled:
            gone |= {node.id, *nx.descendants(digraph, node.id)}
    order = tuple(name for name in nx.lexicographical_topological_sort(digraph) if name not in gone)
    edges = tuple(edge for edge in pipeline.edges if edge.target.node not in gone)
    return _with_lent(Graph({name: nodes[name] for name in order}, edges, order))


def _with_lent(graph: Graph) -> Graph:
    """What stands on a logit of a package, or on a model made of it, is lent the package's code."""
    nodes, carried = dict(graph.nodes), dict[str, dict[str, ComponentSpec]]()
    for name in graph.order:
        item, lent = nodes[name], dict[str, ComponentSpec]()
        for sources in graph.sources(name).values():
            for source, port in sources:
                output = nodes[source].spec.output(port)
                if output is not None and output.kind in ("logit", "model"):
                    lent |= carried.get(source, {})
        if lent:
            nodes[name] = replace(item, lent=tuple(lent[key] for key in sorted(lent)))
        own = {f"{item.spec.name} {item.spec.digest}": item.spec}
        carried[name] = lent | (own if item.spec.brings_layers else {})
    return replace(graph, nodes=nodes)


def _bind_node(
    pipeline: Pipeline,
    node: Node,
    specs: Mapping[str, ComponentSpec],
    values: dict[str, JsonValue],
    default_engine: Engine,
) -> BoundNode | list[Problem]:
    spec = _spec_of(node, specs)
    if spec is None:
        return [_unknown_component(node, specs)]
    if node.version not in (None, spec.version):
        message = say(
            "{component} is here in version {version}, not {version2}.",
            component=node.component,
            version=spec.version,
            version2=node.version,
        )
        hint = say("Set the node's version to {version}.", version=spec.version)
        return [node_problem(node, "component.version", message, hint, field="version")]
    if node.digest not in (None, spec.digest):
        message = say(
            "{component} has changed: its digest is now {digest}…",
            component=node.component,
            digest=spec.digest[:12],
        )
        way_out = "Update the node to the present digest, or remove the digest."
        return [node_problem(node, "component.digest", message, way_out, field="digest")]
    parameters = substitute(dict(node.parameters), values)
    problems = [*bound_problems(node, spec, parameters, values)]
    engine = choose_engine(spec, node.engine, pipeline.settings.engine, default_engine)
    if engine is None:
        message = say(
            "{component} does not run on {engine}.", component=node.component, engine=node.engine
        )
        hint = say("It runs on: {engines}.", engines=", ".join(spec.engines))
        problems.append(node_problem(node, "node.engine", message, hint, field="engine"))
    if problems or engine is None:
        return problems
    return BoundNode(node, spec, complete_parameters(spec, parameters), engine)


def choose_engine(
    spec: ComponentSpec, node: str | None, pipeline: str, default: Engine
) -> Engine | None:
    """The node's wish is binding (None: it cannot be met); the pipeline's only where it fits."""
    engines = spec.engines
    if node not in (None, "auto"):
        return next((engine for engine in engines if engine == node), None)
    for wish in (pipeline, default):
        if wish in engines:
            return wish
    return engines[0]


def _unknown_component(node: Node, specs: Mapping[str, ComponentSpec]) -> Problem:
    message = say("There is no component {component!r}.", component=node.component)
    hint = nearest(node.component, specs) or "See the components that are here."
    return node_problem(node, "component.unknown", message, hint, field="component")


def _id_problems(pipeline: Pipeline) -> Iterator[Problem]:
    for name, count in Counter(node.id for node in pipeline.nodes).items():
        if count > 1:
            message = say("{count} nodes have the id {name!r}.", count=count, name=name)
            yield Problem("node.duplicate", message, "Give each its own id.", node=name, field="id")


def _edge_problems(pipeline: Pipeline, specs: Mapping[str, ComponentSpec]) -> Iterator[Problem]:
    nodes = {node.id: node for node in pipeline.nodes}
    taken: Counter[tuple[str, str]] = Counter()
    for edge in pipeline.edges:
        problem = check_edge(edge, nodes, specs)
        if problem is not None:
            yield problem
            continue
        target = (edge.target.node, edge.target.port)
        taken[target] += 1
        spec = _spec_of(nodes[edge.target.node], specs)
        port = spec.input(edge.target.port) if spec else None
        if taken[target] == 2 and port is not None and not port.many:
            message = say(
                "Port {target!r} of {target2!r} takes one edge and has several.",
                target=target[1],
                target2=target[0],
            )
            hint = "Keep one of them."
            yield Problem("port.taken", message, hint, node=target[0], port=target[1])


def check_edge(
    edge: Edge, nodes: Mapping[str, Node], specs: Mapping[str, ComponentSpec]
) -> Problem | None:
    """Why this edge cannot be, or None: both ends exist and carry the same kind."""
    for end in (edge.source, edge.target):
        if end.node not in nodes:
            message = say("An edge names node {node!r}, which is not there.", node=end.node)
            return Problem("edge.node", message, nearest(end.node, nodes), node=end.node)
    source = _spec_of(nodes[edge.source.node], specs)
    target = _spec_of(nodes[edge.target.node], specs)
    if source is None or target is None:
        unknown = edge.source if source is None else edge.target
        message = say("The ports of {node!r} are not known.", node=unknown.node)
        return Problem("edge.component", message, node=unknown.node, port=unknown.port)
    output, input_ = source.output(edge.source.port), target.input(edge.target.port)
    if output is None:
        return _unknown_port(edge.source.node, edge.source.port, source.outputs, "output")
    if input_ is None:
        return _unknown_port(edge.target.node, edge.target.port, target.inputs, "input")
    if output.kind != input_.kind:
        message = say(
            "Port {name!r} of {node!r} takes a {kind}, but {name2!r} of {node2!r} gives a {kind2}.",
            name=input_.name,
            node=edge.target.node,
            kind=input_.kind,
            name2=output.name,
            node2=edge.source.node,
            kind2=output.kind,
        )
        return Problem("port.kind", message, node=edge.target.node, port=input_.name)
    return None


def _spec_of(node: Node, specs: Mapping[str, ComponentSpec]) -> ComponentSpec | None:
    return find_spec(specs, node.component, node.digest)


def _unknown_port(node: str, port: str, ports: Iterable[Any], word: str) -> Problem:
    names = [item.name for item in ports]
    message = say("Node {node!r} has no {word} port {port!r}.", node=node, word=word, port=port)
    hint = nearest(port, names) or say("It has: {names}.", names=", ".join(names) or "none")
    return Problem("edge.port", message, hint, node=node, port=port)


def _input_problems(pipeline: Pipeline, nodes: Mapping[str, BoundNode]) -> Iterator[Problem]:
    connected = {(edge.target.node, edge.target.port) for edge in pipeline.edges}
    for name, item in nodes.items():
        for port in item.spec.inputs:
            if port.required and (name, port.name) not in connected:
                message = say(
                    "Port {name!r} of {label!r} is not connected.",
                    name=port.name,
                    label=item.node.label,
                )
                hint = say("Connect a {kind} to it.", kind=port.kind)
                yield Problem(
                    "port.unconnected",
                    message,
                    hint,
                    node=name,
                    node_name=item.node.label,
                    port=port.name,
                )


def _cycle_problems(digraph: nx.DiGraph[str]) -> Iterator[Problem]:
    if nx.is_directed_acyclic_graph(digraph):  # many times faster than to look for a cycle
        return
    cycle = [source for source, _ in nx.find_cycle(digraph)]
    message = say(
        "These nodes wait for one another: {value}.", value=" → ".join([*cycle, cycle[0]])
    )
    yield Problem("graph.cycle", message, "Remove one of the edges.", node=cycle[0])
