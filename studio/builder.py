"""Build a pipeline in Python: nodes as calls, edges as arguments; the same document as the canvas'.

    pipeline = PipelineBuilder("Clicks", specs)
    rows = pipeline.read_table(path="clicks.csv")
    parts = pipeline.split(rows, fraction=0.8)
    pipeline.evaluate(parts.first, label="clicked")

A port stands in for its node where the node has one output. `document` is what is saved and run;
`PipelineBuilder.from_document` takes one that was drawn, and gives it back unchanged.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.errors import StudioError
from studio.parameters import nearest
from studio.spec import ComponentSpec, PortSpec

Json = dict[str, Any]

_ROW, _COLUMN = 130, 250  # of the layout that new nodes get


class BuildError(StudioError):
    """A call that gives no node, told where it is written."""

    code = "builder"
    title = "The pipeline cannot be built so"


class Port:
    """An output of a node, to be given to another one."""

    def __init__(self, node: Node, name: str) -> None:
        self.node = node
        self.name = name

    def __repr__(self) -> str:
        return f"{self.node.id}.{self.name}"


class Node:
    """A component that was placed. `parameters` may be changed; an attribute is an output port."""

    def __init__(self, document: Json, spec: ComponentSpec | None) -> None:
        self._document = document
        self._spec = spec

    @property
    def id(self) -> str:
        return str(self._document["id"])

    @property
    def parameters(self) -> Json:
        parameters: Json = self._document.setdefault("parameters", {})
        return parameters

    def __getattr__(self, name: str) -> Port:
        if name.startswith("_"):
            raise AttributeError(name)
        outputs = [port.name for port in self._spec.outputs] if self._spec else [name]
        if name not in outputs:
            raise BuildError(
                f"{self.id!r} has no output {name!r}.", hint=f"Its outputs: {', '.join(outputs)}."
            )
        return Port(self, name)

    @property
    def only_output(self) -> Port:
        """Its output, where there is one."""
        outputs = self._spec.outputs if self._spec else ()
        if len(outputs) != 1:
            names = ", ".join(f"{self.id}.{port.name}" for port in outputs)
            raise BuildError(f"{self.id!r} has several outputs.", hint=f"Give one: {names}.")
        return Port(self, outputs[0].name)

    def __repr__(self) -> str:
        return f"<{self._document['component']} {self.id}>"


class PipelineBuilder:
    """A pipeline in the making. specs: what can be placed, by name."""

    def __init__(
        self, name: str, specs: Mapping[str, ComponentSpec], description: str = ""
    ) -> None:
        self._specs = specs
        self._document: Json = {
            "schema_version": 1,
            "name": name,
            "description": description,
            "parameters": {},
            "nodes": [],
            "edges": [],
            "layout": {"nodes": {}, "frames": [], "notes": []},
        }

    @classmethod
    def from_document(
        cls, document: Mapping[str, Any], specs: Mapping[str, ComponentSpec]
    ) -> PipelineBuilder:
        """Go on with a pipeline that exists."""
        builder = cls(str(document["name"]), specs)
        builder._document = copy.deepcopy(dict(document))
        return builder

    @property
    def document(self) -> Json:
        return copy.deepcopy(self._document)

    @property
    def name(self) -> str:
        return str(self._document["name"])

    def parameter(self, name: str, default: Any, type: str | None = None) -> str:
        """A parameter of the pipeline; gives the `${name}` that nodes use it by."""
        known = {str: "string", bool: "boolean", int: "integer", float: "number"}
        declared = type or known.get(default.__class__, "string")
        parameters = self._document.setdefault("parameters", {})
        parameters[name] = {"type": declared, "default": default}
        return f"${{{name}}}"

    def __getitem__(self, id: str) -> Node:
        for node in self._document["nodes"]:
            if node["id"] == id:
                return Node(node, self._specs.get(node["component"]))
        raise BuildError(f"There is no node {id!r}.", hint=self._did_you_mean(id, self._ids()))

    def __getattr__(self, component: str) -> Callable[..., Node]:
        if component.startswith("_"):
            raise AttributeError(component)
        if component not in self._specs:
            raise BuildError(
                f"There is no component {component!r}.",
                hint=self._did_you_mean(component, self._specs),
            )

        def place(*inputs: Any, id: str | None = None, name: str = "", **given: Any) -> Node:
            return self._place(self._specs[component], inputs, id, name, given)

        return place

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._specs]

    def _place(
        self, spec: ComponentSpec, inputs: Sequence[Any], id: str | None, name: str, given: Json
    ) -> Node:
        ports = {port.name: port for port in spec.inputs}
        if len(inputs) > len(ports):
            raise BuildError(f"{spec.name!r} has {len(ports)} inputs, {len(inputs)} are given.")
        connected = dict(zip(ports, inputs, strict=False))
        connected |= {key: given.pop(key) for key in list(given) if key in ports}
        self._check_parameters(spec, given)
        node: Json = {"id": self._new_id(id or spec.name), "component": spec.name}
        node |= {"version": spec.version, "name": name or spec.title, "parameters": given}
        self._document["nodes"].append(node)
        for port, value in connected.items():
            self._connect(ports[port], value, node["id"])
        self._lay_out(node["id"])
        return Node(node, spec)

    def _check_parameters(self, spec: ComponentSpec, given: Json) -> None:
        known = spec.parameters.get("properties", {})
        for name in given:
            if name not in known:
                raise BuildError(
                    f"{spec.name!r} has no parameter {name!r}.",
                    hint=self._did_you_mean(name, known),
                )

    def _connect(self, port: PortSpec, value: Any, target: str) -> None:
        sources = value if isinstance(value, list | tuple) else [value]
        if len(sources) > 1 and not port.many:
            raise BuildError(f"Input {port.name!r} of {target!r} takes one edge.")
        for source in sources:
            if isinstance(source, Node):
                source = source.only_output
            if not isinstance(source, Port):
                raise BuildError(
                    f"Input {port.name!r} of {target!r} takes a node or a port of one, "
                    f"got {type(source).__name__}."
                )
            self._document["edges"].append(
                {
                    "source": {"node": source.node.id, "port": source.name},
                    "target": {"node": target, "port": port.name},
                }
            )

    def _lay_out(self, id: str) -> None:
        """Below what it follows, right of what stands there already."""
        places: Json = self._document.setdefault("layout", {}).setdefault("nodes", {})
        above = [
            places[edge["source"]["node"]]
            for edge in self._document["edges"]
            if edge["target"]["node"] == id and edge["source"]["node"] in places
        ]
        y = max((place["y"] + _ROW for place in above), default=0)
        taken = [place["x"] for place in places.values() if place["y"] == y]
        x = above[0]["x"] if above and not taken else max(taken, default=-_COLUMN) + _COLUMN
        places[id] = {"x": x, "y": y}

    def _ids(self) -> list[str]:
        return [node["id"] for node in self._document["nodes"]]

    def _new_id(self, wanted: str) -> str:
        base = re.sub(r"\W|^(?=\d)", "_", wanted, flags=re.ASCII)[:60]
        id, taken, number = base, set(self._ids()), 2
        while id in taken:
            id, number = f"{base}_{number}", number + 1
        return id

    @staticmethod
    def _did_you_mean(name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
        found = nearest(name, known)
        return f"Did you mean {found!r}?" if found else f"Known: {', '.join(sorted(known))}."
