"""Read a component from the signature of its function: ports before `*`, parameters after it."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from studio.artifacts import BUNDLES, File, Kind
from studio.component import ATTRIBUTE, Declaration
from studio.spec import ComponentSpec, PortSpec

Function = Callable[..., Any]

# Where the palette shows functions that do not say where they belong.
PLAIN_CATEGORY = "My components"

# What each type of table is called by those who import it, whatever module defines it.
_TABLES = {
    "ibis.Table": ("ibis.Table", "ibis.expr.types.Table", "ibis.expr.types.relations.Table"),
    "pandas.DataFrame": ("pandas.DataFrame", "pandas.core.frame.DataFrame"),
    "polars.DataFrame": ("polars.DataFrame", "polars.dataframe.frame.DataFrame"),
    "pyarrow.Table": ("pyarrow.Table", "pyarrow.lib.Table"),
    "pyspark.sql.DataFrame": (
        "pyspark.sql.DataFrame",
        "pyspark.sql.dataframe.DataFrame",
        "pyspark.sql.connect.dataframe.DataFrame",
    ),
    "AnyTable": ("studio.component.AnyTable",),
}
_TABLE_NAMES = {alias: name for name, aliases in _TABLES.items() for alias in aliases}
_OTHERS: dict[str, Kind] = {**{cls.__name__: cls.kind for cls in BUNDLES}, "File": File.kind}

# The values that the worker hands to the code, by the name in `PortSpec.receives`.
BUNDLE_TYPES = {cls.__name__: cls for cls in BUNDLES}


class SignatureError(Exception):
    """The function cannot be a component; the message says which part and why."""


def is_component(value: object) -> bool:
    return callable(value) and hasattr(value, ATTRIBUTE)


def describe(function: Function, *, package: str, file: str, digest: str) -> ComponentSpec:
    """The spec of a function; one without `@component` is titled by its name."""
    declaration = declaration_of(function)
    hints = typing.get_type_hints(function, include_extras=True)
    documentation = inspect.getdoc(function) or ""
    return ComponentSpec(
        name=function.__name__,
        package=package,
        version=declaration.version,
        title=declaration.title,
        category=declaration.category,
        summary=documentation.split("\n", 1)[0],
        documentation=documentation,
        inputs=tuple(_input_ports(function, hints)),
        outputs=tuple(_output_ports(hints.get("return"))),
        parameters=parameter_model(function).model_json_schema(),
        volatile=declaration.volatile,
        confined=declaration.confined,
        tells_schema=declaration.schema is not None,
        digest=digest,
        file=file,
        network=declaration.network,
        replaces=dict(declaration.replaces),
    )


def declaration_of(function: Function) -> Declaration:
    """What `@component` said, or what stands for it on a plain typed function."""
    title = function.__name__.replace("_", " ").capitalize()
    plain = Declaration(title=title, category=PLAIN_CATEGORY)
    declared: Declaration = getattr(function, ATTRIBUTE, plain)
    return declared


def parameter_model(function: Function) -> type[BaseModel]:
    """A Pydantic model with one field for each parameter after `*`; unknown names are refused."""
    hints = typing.get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {
        parameter.name: (
            hints[parameter.name],
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in _parameters(function, inspect.Parameter.KEYWORD_ONLY, hints)
    }
    config = ConfigDict(extra="forbid", allow_inf_nan=False, protected_namespaces=())
    return create_model(function.__name__, __config__=config, **fields)


def _parameters(
    function: Function, kind: Any, hints: dict[str, Any]
) -> typing.Iterator[inspect.Parameter]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise SignatureError(f"*{parameter.name}: a component names each port and parameter.")
        if parameter.name not in hints:
            raise SignatureError(f"{parameter.name!r} has no type annotation.")
        if parameter.kind == kind:
            yield parameter


def _input_ports(function: Function, hints: dict[str, Any]) -> typing.Iterator[PortSpec]:
    for parameter in _parameters(function, inspect.Parameter.POSITIONAL_OR_KEYWORD, hints):
        hint, description = _strip_annotated(hints[parameter.name])
        hint, optional = _strip_optional(hint)
        many = typing.get_origin(hint) is list
        receives, kind = _port_type(parameter.name, typing.get_args(hint)[0] if many else hint)
        if optional and parameter.default is not None:
            raise SignatureError(f"Optional port {parameter.name!r} needs the default None.")
        yield PortSpec(
            name=parameter.name,
            kind=kind,
            receives=receives,
            description=description,
            required=not optional,
            many=many,
        )


def _output_ports(hint: Any) -> list[PortSpec]:
    if hint is None:
        raise SignatureError("The return type is missing: it names the output ports.")
    hint, _ = _strip_annotated(hint)
    if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
        fields = typing.get_type_hints(hint, include_extras=True)
        return [_output_port(name, fields[name]) for name in hint._fields]
    receives, kind = _port_type("return", hint)
    return [PortSpec(name=kind, kind=kind, receives=receives)]


def _output_port(name: str, hint: Any) -> PortSpec:
    hint, description = _strip_annotated(hint)
    hint, optional = _strip_optional(hint)
    receives, kind = _port_type(name, hint)
    return PortSpec(
        name=name, kind=kind, receives=receives, description=description, required=not optional
    )


def _strip_annotated(hint: Any) -> tuple[Any, str]:
    """The type below `Annotated[...]`, and the description that stands there as a text."""
    if typing.get_origin(hint) is not typing.Annotated:
        return hint, ""
    inner, *notes = typing.get_args(hint)
    return inner, next((note for note in notes if isinstance(note, str)), "")


def _strip_optional(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    rest = [item for item in typing.get_args(hint) if item is not type(None)]
    if len(rest) != 1:
        raise SignatureError("A port takes one type, or one type | None.")
    return rest[0], True


def table_type(hint: Any) -> str | None:
    """The name of a type of table, or of a text that names one, as in `PortSpec.receives`."""
    name = hint if isinstance(hint, str) else _full_name(hint)
    return _TABLE_NAMES.get(name)


def _full_name(hint: Any) -> str:
    return f"{getattr(hint, '__module__', '')}.{getattr(hint, '__qualname__', hint)}"


def _port_type(port: str, hint: Any) -> tuple[str, Kind]:
    """What a port's code is handed, and the kind that it carries."""
    table = table_type(hint)
    if table is not None:
        return table, "table"
    name = _full_name(hint)
    short = getattr(hint, "__name__", "")
    if short in _OTHERS and name.startswith("studio."):
        return short, _OTHERS[short]
    takes = ", ".join([*_TABLES, *_OTHERS])
    raise SignatureError(f"Port {port!r} has type {name}; a port takes one of: {takes}.")
