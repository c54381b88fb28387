"""The saved document of a pipeline: schema_version 1, its limits and its `${parameters}`."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from studio.errors import LimitError, PipelineError, Problem, say
from studio.schema_versions import upgrade

SCHEMA_VERSION: Literal[1] = 1
MAX_NODES = 10_000
MAX_EDGES = 100_000

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
Title = Annotated[str, StringConstraints(max_length=200)]
JsonValue = Any


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PipelineParameter(_Document):
    """A value that is set once for the pipeline and used in nodes as `${name}`."""

    type: Literal["string", "integer", "number", "boolean"]
    default: JsonValue = None
    description: str = ""


class PipelineSettings(_Document):
    engine: Literal["auto", "duckdb", "spark"] = "auto"


class Resources(_Document):
    """What a step may use: `cpu` in cores, `memory` in bytes (null: no limit), `gpu` in devices."""

    cpu: int = Field(default=1, ge=1, le=256)
    memory: int | None = Field(default=None, ge=64 << 20)
    gpu: int = Field(default=0, ge=0, le=64)


class Node(_Document):
    """A component placed in the pipeline."""

    id: Identifier
    component: Annotated[str, StringConstraints(max_length=200)]
    version: Annotated[str, StringConstraints(max_length=50)] | None = None
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    name: Title = ""
    parameters: dict[str, JsonValue] = {}
    cache: Literal["auto", "never", "freeze"] = "auto"
    engine: Literal["auto", "duckdb", "spark"] | None = None
    disabled: bool = False
    resources: Resources = Resources()
    retries: int = Field(default=0, ge=0, le=10)
    timeout: float | None = Field(
        default=None, gt=0, description="Seconds; null: the studio's limit."
    )

    @property
    def label(self) -> str:
        """What a person calls this node."""
        return self.name or self.id


class End(_Document):
    """One end of an edge: a port of a node."""

    node: Identifier
    port: Identifier


class Edge(_Document):
    source: End
    target: End


class Position(_Document):
    x: float
    y: float


class Frame(_Document):
    """A titled rectangle drawn behind nodes."""

    title: str = ""
    x: float
    y: float
    width: float
    height: float


class Note(_Document):
    text: str
    x: float
    y: float


class Layout(_Document):
    """Where things are drawn; never part of a step key."""

    nodes: dict[str, Position] = {}
    frames: list[Frame] = []
    notes: list[Note] = []


class Pipeline(_Document):
    schema_version: Literal[1] = SCHEMA_VERSION
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: str = ""
    parameters: dict[Identifier, PipelineParameter] = {}
    settings: PipelineSettings = PipelineSettings()
    nodes: list[Node] = []
    edges: list[Edge] = []
    layout: Layout = Layout()

    def dump(self) -> dict[str, Any]:
        """The document as JSON data; loading it again gives an equal pipeline, and vice versa."""
        return self.model_dump(mode="json", exclude_unset=True)


def load_pipeline(document: object) -> Pipeline:
    """Check the form of a pipeline document; what it means is checked by `studio.graph`.

    A document of an older schema_version is taken to the present one, a newer one is refused.
    """
    if isinstance(document, dict):
        document = upgrade(document, SCHEMA_VERSION)
    _check_limits(document)
    _check_values(document)
    try:
        return Pipeline.model_validate(document)
    except ValidationError as error:
        raise PipelineError(_form_problem(document, item) for item in error.errors()) from None


def read_pipeline(path: Path) -> Pipeline:
    """Load a pipeline from a JSON file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PipelineError(
            [Problem("pipeline.file", say("There is no file {path}.", path=path))]
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = say("{path} is not JSON: {error}.", path=path, error=error)
        raise PipelineError([Problem("pipeline.json", message)]) from None
    return load_pipeline(document)


def pipeline_schema() -> dict[str, Any]:
    """The JSON Schema of a pipeline document, for editors and other programs."""
    schema = Pipeline.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def referenced_name(text: str) -> str | None:
    """The name in a text that is one reference and nothing else."""
    match = _REFERENCE.fullmatch(text)
    return match[1] if match else None


def substitute(value: JsonValue, parameters: dict[str, JsonValue]) -> JsonValue:
    """Replace `${name}`: a string that is one reference takes the value with its type.

    A name that is not a pipeline parameter stays as written, for example PAI's `${t1}` in SQL.
    """
    if isinstance(value, str):
        return _substitute_text(value, parameters)
    if isinstance(value, list):
        return [substitute(item, parameters) for item in value]
    if isinstance(value, dict):
        return {key: substitute(item, parameters) for key, item in value.items()}
    return value


def _substitute_text(text: str, parameters: dict[str, JsonValue]) -> JsonValue:
    whole = _REFERENCE.fullmatch(text)
    if whole and whole[1] in parameters:
        return parameters[whole[1]]

    def replace(match: re.Match[str]) -> str:
        return str(parameters[match[1]]) if match[1] in parameters else match[0]

    return _REFERENCE.sub(replace, text)


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def bind_parameters(pipeline: Pipeline, given: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The value of every pipeline parameter in a run: the given one, else its default."""
    problems = [_unknown_parameter(pipeline, name) for name in given.keys() - pipeline.parameters]
    values = {name: given.get(name, item.default) for name, item in pipeline.parameters.items()}
    for name, item in pipeline.parameters.items():
        if values[name] is not None and not _has_type(values[name], item.type):
            message = say(
                "Parameter {name!r} takes a {type}, got {values!r}.",
                name=name,
                type=item.type,
                values=values[name],
            )
            problems.append(Problem("parameter.type", message, field=name))
    if problems:
        raise PipelineError(problems)
    return values


def _has_type(value: JsonValue, type_name: str) -> bool:
    if isinstance(value, bool):
        return type_name == "boolean"
    return isinstance(value, _PYTHON_TYPES[type_name])


def _unknown_parameter(pipeline: Pipeline, name: str) -> Problem:
    known = ", ".join(sorted(pipeline.parameters)) or "none"
    message = say("The pipeline has no parameter {name!r}.", name=name)
    return Problem(
        "parameter.unknown", message, hint=say("It has: {known}.", known=known), field=name
    )


def _check_limits(document: object) -> None:
    if not isinstance(document, dict):
        raise PipelineError([Problem("pipeline.form", "A pipeline is a JSON object.")])
    for field, limit in (("nodes", MAX_NODES), ("edges", MAX_EDGES)):
        items = document.get(field)
        if isinstance(items, list) and len(items) > limit:
            message = say(
                "A pipeline may have {limit:,} {field}; this one has {count:,}.",
                limit=limit,
                field=field,
                count=len(items),
            )
            raise LimitError(message, hint="Divide it into several pipelines.")


def _check_values(document: object) -> None:
    """Refuse what a database or JSON cannot keep, wherever it stands: NUL, lone surrogates, NaN."""
    if _is_kept_as_written(document):
        return
    stack = [document]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            stack += item
        elif isinstance(item, str) and not is_storable(item):
            message = "Text holds a NUL or a lone surrogate, which cannot be stored."
            raise PipelineError([Problem("string.invalid", message, hint="Remove it.")])
        elif isinstance(item, float) and not math.isfinite(item):
            message = say("{item} is not a number that JSON can hold.", item=item)
            raise PipelineError([Problem("parameter.not_finite", message, hint="Use null.")])


def _is_kept_as_written(document: object) -> bool:
    """True: nothing is to be refused. Written at once, which is many times faster than to look."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError):
        return False
    return "\\u0000" not in text


def is_storable(text: str) -> bool:
    """False for NUL and lone surrogates, which databases refuse."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _form_problem(document: object, item: Any) -> Problem:
    """A Pydantic error with the node that it lies in."""
    location = list(item["loc"])
    node = _node_at(document, location)
    rest = location[2:] if node else location
    field = ".".join(str(part) for part in rest) or None
    where = f" of node {node!r}" if node else ""
    message = say("{field}{where}: {msg}.", field=field or "document", where=where, msg=item["msg"])
    return Problem("pipeline.form", message, node=node, field=field)


def _node_at(document: Any, location: list[Any]) -> str | None:
    if len(location) < 2 or location[0] != "nodes" or not isinstance(location[1], int):
        return None
    node = document["nodes"][location[1]]
    name = node.get("id") if isinstance(node, dict) else None
    return name if isinstance(name, str) else f"nodes[{location[1]}]"
