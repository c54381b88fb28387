"""Check and complete the parameters of a node by the JSON Schema of its component."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from studio.errors import Problem, say
from studio.pipeline import JsonValue, Node
from studio.spec import ComponentSpec


def complete_parameters(spec: ComponentSpec, given: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Every parameter, defaults filled in, whole numbers as floats where a float is meant.

    So `{}` and the defaults written out, `1` and `1.0`, give the same step key.
    """
    properties: dict[str, Any] = spec.parameters.get("properties", {})
    complete = {}
    for name, schema in properties.items():
        value = given.get(name, schema.get("default"))
        complete[name] = float(value) if _means_float(schema, value) else value
    return complete


def _means_float(schema: dict[str, Any], value: JsonValue) -> bool:
    choices = [schema, *schema.get("anyOf", [])]
    types = {choice.get("type") for choice in choices}
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and types <= {"number", "null", None}
        and "number" in types
    )


def node_problem(
    node: Node, code: str, message: str, hint: str | None = None, **where: str | None
) -> Problem:
    return Problem(code, message, hint, node=node.id, node_name=node.label, **where)  # type: ignore[arg-type]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """A hint with the name that was probably meant."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return say("Did you mean {near!r}?", near=close[0]) if close else None


def parameter_problems(
    node: Node, spec: ComponentSpec, parameters: dict[str, JsonValue]
) -> Iterator[Problem]:
    properties = spec.parameters.get("properties", {})
    for name in parameters.keys() - properties.keys():
        message = say("{component} has no parameter {name!r}.", component=node.component, name=name)
        hint = nearest(name, properties) or say(
            "It has: {properties}.", properties=", ".join(properties) or "none"
        )
        yield node_problem(node, "parameter.unknown", message, hint, field=name)
    known = {name: value for name, value in parameters.items() if name in properties}
    for error in _validator(_Schema(spec.parameters)).iter_errors(known):
        yield _parameter_problem(node, error)


class _Schema:
    """A schema as a key: two are equal when they are the same object, which costs nothing."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema) and other.document is self.document


@lru_cache(maxsize=1024)
def _validator(schema: _Schema) -> Draft202012Validator:
    return Draft202012Validator(schema.document)


def _parameter_problem(node: Node, error: ValidationError) -> Problem:
    if error.validator == "required":
        required, given = cast(Any, error.validator_value), cast(Any, error.instance)
        name = next(item for item in required if item not in given)
        message = say("Parameter {name!r} of {label!r} is not set.", name=name, label=node.label)
        return node_problem(node, "parameter.required", message, "Set it.", field=name)
    path = [str(part) for part in error.absolute_path]
    message = say(
        "Parameter {path!r} of {label!r}: {error}",
        path=".".join(path),
        label=node.label,
        error=_in_words(error),
    )
    return node_problem(node, "parameter.invalid", message, field=".".join(path))


_TYPE_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a JSON object",
    "null": "null",
}


def _in_words(error: ValidationError) -> str:
    value, limit = error.instance, cast(Any, error.validator_value)
    match error.validator:
        case "type":
            return f"takes {_TYPE_WORDS.get(limit, limit)}, got {value!r}."
        case "minimum":
            return f"is at least {limit}, got {value!r}."
        case "maximum":
            return f"is at most {limit}, got {value!r}."
        case "exclusiveMinimum":
            return f"is greater than {limit}, got {value!r}."
        case "exclusiveMaximum":
            return f"is less than {limit}, got {value!r}."
        case "enum":
            return f"is one of {', '.join(map(repr, limit))}, got {value!r}."
        case "anyOf":
            words = (_TYPE_WORDS.get(item.get("type"), "another form") for item in limit)
            return f"takes {' or '.join(words)}, got {value!r}."
    return f"{error.message}."
