"""References to pipeline parameters in a node: told where they lead nowhere, or to no value yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.errors import Problem, say
from studio.parameters import nearest, node_problem, parameter_problems
from studio.pipeline import JsonValue, Node, referenced_name
from studio.spec import ComponentSpec


def bound_problems(
    node: Node,
    spec: ComponentSpec,
    parameters: dict[str, JsonValue],
    values: Mapping[str, JsonValue],
) -> Iterator[Problem]:
    """Every problem of a node's parameters. parameters: with the values put in.

    A reference that leads nowhere, or to a parameter without a value where one is needed, is told
    as that and not as a value of a wrong type.
    """
    unknown = {p.field: p for p in _unknown_references(node, node.parameters, (), values)}
    yield from unknown.values()
    for problem in parameter_problems(node, spec, parameters):
        if problem.field not in unknown:
            yield _unset(node, problem, values) or problem


def _unknown_references(
    node: Node, value: JsonValue, path: tuple[str, ...], values: Mapping[str, JsonValue]
) -> Iterator[Problem]:
    """Within a longer text one that leads nowhere stays: SQL has a `${t1}` of its own."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _unknown_references(node, item, (*path, key), values)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _unknown_references(node, item, (*path, str(number)), values)
    elif isinstance(value, str) and (name := referenced_name(value)) and name not in values:
        message = say(
            "Parameter {path!r} of {label!r} refers to {name!r}, which is not there.",
            path=path[0],
            label=node.label,
            name=name,
        )
        hint = nearest(name, values) or "Give the pipeline a parameter of this name."
        yield node_problem(node, "parameter.reference", message, hint, field=".".join(path))


def _unset(node: Node, problem: Problem, values: Mapping[str, JsonValue]) -> Problem | None:
    raw = _at(node.parameters, (problem.field or "").split("."))
    name = referenced_name(raw) if isinstance(raw, str) else None
    if name is None or name not in values or values[name] is not None:
        return None
    message = say(
        "Parameter {field!r} of {label!r} is ${{{name}}}, which has no value.",
        field=problem.field,
        label=node.label,
        name=name,
    )
    hint = say(
        "Give the pipeline's parameter {name!r} a value for this run, or a default.", name=name
    )
    return node_problem(node, "parameter.unset", message, hint, field=problem.field)


def _at(value: Any, path: list[str]) -> Any:
    """What stands at a path such as `names.0`; None: nothing."""
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value
