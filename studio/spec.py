"""The description of a component as data: what the catalog, the graph and the form work with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from studio.artifacts import Kind

Engine = Literal["python", "duckdb", "spark"]
Origin = Literal["builtin", "package"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PortSpec(_Frozen):
    """A named input or output. `receives` is what the code is handed: "ibis.Table", ..."""

    name: str
    kind: Kind
    receives: str
    description: str = ""
    required: bool = True
    many: bool = False


class ComponentSpec(_Frozen):
    """A component as data. `parameters` is the JSON Schema of an object, one property each.

    confined: it runs code that a person typed, so it runs in the sandbox only.
    origin: "package" is code that a person brought: it runs in the sandbox only, `file` lies in a
    folder of one package version, and `digest` is that of the whole version.
    requirements: libraries that its package asks for. environment: digest of the lock whose
    libraries it runs with; None: the studio's own, or the asked ones are not there yet.
    network: each `host:port` that it may reach.
    replaces: present name of a port, a parameter or the component -> the name it had before.
    tells_schema: it declares the columns of its output tables, see `component(schema=...)`.
    """

    name: str
    package: str
    version: str
    title: str
    category: str
    summary: str
    documentation: str
    inputs: tuple[PortSpec, ...]
    outputs: tuple[PortSpec, ...]
    parameters: dict[str, Any]
    volatile: bool = False
    confined: bool = False
    tells_schema: bool = False
    digest: str
    file: str
    origin: Origin = "builtin"
    requirements: tuple[str, ...] = ()
    environment: str | None = None
    network: tuple[str, ...] = ()
    replaces: dict[str, str] = {}

    @property
    def is_confined(self) -> bool:
        """Whether its steps run in the sandbox: what they run was typed or brought by a person."""
        return self.confined or self.origin != "builtin"

    @property
    def brings_layers(self) -> bool:
        """Whether it may give a logit whose layer is code of its package, see `studio.blocks`."""
        return self.origin != "builtin" and any(port.kind == "logit" for port in self.outputs)

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Where its tables may be computed; the first is the default."""
        receives = {port.receives for port in (*self.inputs, *self.outputs)}
        if "pyspark.sql.DataFrame" in receives:
            return ("spark",)
        if "ibis.Table" in receives:
            return ("duckdb", "spark")
        return ("python",)

    def input(self, name: str) -> PortSpec | None:
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str) -> PortSpec | None:
        return next((port for port in self.outputs if port.name == name), None)


class ComponentSpecs(dict[str, ComponentSpec]):
    """Specs by name; `pinned` has those of every version by name and digest."""

    def __init__(
        self,
        newest: Mapping[str, ComponentSpec],
        pinned: Mapping[tuple[str, str], ComponentSpec] | None = None,
    ) -> None:
        super().__init__(newest)
        self.pinned = dict(pinned or {})


def find_spec(
    specs: Mapping[str, ComponentSpec], name: str, digest: str | None
) -> ComponentSpec | None:
    """The version with this digest where it is known, else the one that has the name now."""
    if digest is not None and isinstance(specs, ComponentSpecs):
        pinned = specs.pinned.get((name, digest))
        if pinned is not None:
            return pinned
    return specs.get(name)


class BrokenComponent(_Frozen):
    """A component file that cannot be read: listed with its error, so that it is not missed."""

    file: str
    package: str
    message: str
    line: int | None = None
    column: int | None = None
