"""The description of a component as data: what the catalog, the graph and the form work with."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from studio.artifacts import Kind

Engine = Literal["python", "duckdb", "spark"]


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
    """A component as data. `parameters` is the JSON Schema of an object, one property each."""

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
    digest: str
    file: str

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


class BrokenComponent(_Frozen):
    """A component file that cannot be read: listed with its error, so that it is not missed."""

    file: str
    package: str
    message: str
    line: int | None = None
    column: int | None = None
