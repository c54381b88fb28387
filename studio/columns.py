"""Parameters that name columns: found by their JSON Schema, checked against the input tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.component import COLUMN_FORMAT
from studio.errors import Problem, say
from studio.parameters import nearest, node_problem
from studio.pipeline import JsonValue, Node
from studio.spec import ComponentSpec

Names = Sequence[str]


@dataclass(frozen=True)
class ColumnValue:
    """A column that a parameter names. port: whose tables must have it; None: any table's."""

    field: str
    name: str
    port: str | None


def column_values(
    spec: ComponentSpec, parameters: Mapping[str, JsonValue]
) -> Iterator[ColumnValue]:
    """Every column that the parameters name, with the field that names it."""
    root = spec.parameters
    for name, schema in root.get("properties", {}).items():
        for field, column in _find(schema, parameters.get(name), name, root):
            yield ColumnValue(field, column, schema.get("port"))


def _find(
    schema: Mapping[str, Any], value: JsonValue, field: str, root: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """(field, column) in a value, along its JSON Schema."""
    if "$ref" in schema:
        schema = root.get("$defs", {}).get(schema["$ref"].rpartition("/")[2], {})
    for choice in schema.get("anyOf", ()):
        yield from _find(choice, value, field, root)
    if isinstance(value, str) and schema.get("format") == COLUMN_FORMAT:
        yield field, value
    elif isinstance(value, list) and "items" in schema:
        for number, item in enumerate(value):
            yield from _find(schema["items"], item, f"{field}.{number}", root)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _find(schema.get("propertyNames", {}), key, f"{field}.{key}", root)
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if isinstance(inner, dict):
                yield from _find(inner, item, f"{field}.{key}", root)


def column_problems(
    node: Node,
    spec: ComponentSpec,
    parameters: Mapping[str, JsonValue],
    tables: Mapping[str, Sequence[Names | None]],
) -> Iterator[Problem]:
    """A problem for each column that is named and not there.

    tables: input port -> the columns of the table on each edge; None where they are not known,
    and then nothing is said about what may be in it.
    """
    for value in column_values(spec, parameters):
        ports = [value.port] if value.port is not None else list(tables)
        lacking = [port for port in ports if _lacks(tables.get(port, ()), value.name)]
        if lacking and len(lacking) == len(ports):
            yield _missing(node, value, lacking[0], tables[lacking[0]])


def _lacks(tables: Sequence[Names | None], column: str) -> bool:
    """Whether some table that is known has not the column."""
    return any(names is not None and column not in names for names in tables)


def _missing(node: Node, value: ColumnValue, port: str, tables: Sequence[Names | None]) -> Problem:
    columns = next(names for names in tables if names is not None and value.name not in names)
    shown = [name for name in columns if not name.startswith("__")]
    hint = nearest(value.name, shown) or say(
        "It has: {shown}.", shown=", ".join(shown[:20]) or "no columns"
    )
    message = say(
        "The table on port {port!r} of {label!r} has no column {name!r}.",
        port=port,
        label=node.label,
        name=value.name,
    )
    return node_problem(
        node, "parameter.column_missing", message, hint, field=value.field, port=port
    )
