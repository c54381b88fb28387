"""The columns of a component's output tables, found without any row: in a child, it runs its code.

A component that declares them is asked; one on `ibis.Table` is called with unbound tables, which
hold no data: the expression that it returns knows its own columns.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from studio.component import TableWithRoles
from studio.errors import ComponentError
from studio.inspector import stubs
from studio.inspector.arrow_types import TypeNameError, arrow_type
from studio.loader import load_component
from studio.schema import Schema
from studio.signature import declaration_of
from studio.spec import ComponentSpec

# What no schema needs, and what takes seconds to import.
_HEAVY = ("jax", "keras", "lightgbm", "pyspark", "sklearn", "tensorflow", "torch", "xgboost")

Columns = list[dict[str, Any]]
Inputs = dict[str, list[Columns]]


def schemas(
    spec: dict[str, Any], parameters: dict[str, Any], inputs: Inputs
) -> dict[str, Columns | None]:
    """Output port -> its columns, or None where they cannot be known.

    inputs: input port -> the columns of the table on each of its edges; ports of other kinds are
    not in it. Raises what the component refuses of these columns as ComponentError.
    """
    _stub_heavy_libraries()
    described = ComponentSpec.model_validate(spec)
    function = load_component(Path(described.file))
    tell = declaration_of(function).schema
    given = {port: [_schema(columns) for columns in many] for port, many in inputs.items()}
    try:
        if tell is not None:
            told = tell(**_arguments(described, given), **parameters)
        else:
            told = _evaluate(described, function, parameters, given)
    except ComponentError:
        raise
    except Exception:
        return dict.fromkeys(_table_ports(described))  # it needs rows, or an engine, to know
    return {port: _columns(told, port) for port in _table_ports(described)}


@cache
def _stub_heavy_libraries() -> None:
    stubs.install(_HEAVY)


def _table_ports(spec: ComponentSpec) -> list[str]:
    return [port.name for port in spec.outputs if port.kind == "table"]


def _schema(columns: Columns) -> Schema:
    roles: dict[str, list[str]] = {}
    for column in columns:
        if column.get("role"):
            roles.setdefault(column["role"], []).append(column["name"])
    return Schema({column["name"]: column["type"] for column in columns}, roles)


def _arguments(spec: ComponentSpec, inputs: dict[str, list[Any]]) -> dict[str, Any]:
    """Each input port as the component gets it: one table, a list of them, or None."""
    arguments: dict[str, Any] = {}
    for port in spec.inputs:
        tables = inputs.get(port.name, [])
        arguments[port.name] = tables if port.many else next(iter(tables), None)
    return arguments


def _evaluate(
    spec: ComponentSpec, function: Any, parameters: dict[str, Any], inputs: dict[str, list[Schema]]
) -> dict[str, Schema | None]:
    tables = {
        port: [_unbound(schema, f"{port}{number}") for number, schema in enumerate(many)]
        for port, many in inputs.items()
    }
    returned = function(**_arguments(spec, tables), **parameters)
    names = [port.name for port in spec.outputs]
    outputs = returned._asdict() if hasattr(returned, "_asdict") else {names[0]: returned}
    inherited = Schema({})
    for schema in (schema for many in inputs.values() for schema in many):
        inherited = inherited.with_roles(schema.roles)
    return {port: _output_schema(outputs[port], inherited) for port in _table_ports(spec)}


def _unbound(schema: Schema, name: str) -> Any:
    import ibis
    import pyarrow as pa

    types = pa.schema([(column, arrow_type(type_)) for column, type_ in schema.types.items()])
    return ibis.table(ibis.Schema.from_pyarrow(types), name=name)


def _output_schema(value: Any, inherited: Schema) -> Schema:
    given = inherited
    if isinstance(value, TableWithRoles):
        value, given = value.table, inherited.with_roles(value.roles)
    types = value.schema().to_pyarrow()
    return Schema({field.name: field.type for field in types}, given.roles)


def _columns(told: Any, port: str) -> Columns | None:
    """What a component said of a port, as JSON data; a single `Schema` is of its one table."""
    schema = told.get(port) if isinstance(told, dict) else told
    if not isinstance(schema, Schema):
        return None
    return [
        {"name": name, "type": _type_name(type_), "role": schema.role(name)}
        for name, type_ in schema.types.items()
    ]


def _type_name(type_: Any) -> str:
    try:
        return str(arrow_type(type_) if isinstance(type_, str) else type_)
    except TypeNameError:
        return str(type_)
