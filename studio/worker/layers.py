"""Layers that packages bring: described by the step of their node, made again by those below it.

A component that gives a logit may return a layer of Keras. What is kept of it is which component of
which package gave it, its parameters, and how many numbers a row the layer gives.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.artifacts import Bundle, Embedding, Logit
from studio.blocks import CUSTOM, add_block, first_block
from studio.component import PATH_FORMAT, SECRET_FORMAT
from studio.errors import ComponentError, say
from studio.loader import load_function
from studio.signature import parameter_model
from studio.spec import ComponentSpec
from studio.step import StepOrder

Function = Any  # of a component


def check_parameters(function: Function, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a component's function is called with; raises ComponentError."""
    try:
        values = parameter_model(function).model_validate(parameters)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ComponentError(
            say("{field}: {msg}.", field=field, msg=first["msg"]), parameter=field
        ) from None
    return {name: getattr(values, name) for name in type(values).model_fields}


def describe_layers(order: StepOrder, inputs: Mapping[str, Any], returned: Any) -> Any:
    """What a component returned, its layer of Keras as the description of one."""
    ports = order.spec.outputs
    if [port.kind for port in ports] != ["logit"] or isinstance(returned, Bundle):
        return returned
    if returned is None:
        return None
    port = _embedding_port(order.spec)
    base: Embedding = inputs[port]
    _refuse_outer_values(order)
    parameters = {
        "package": order.spec.package,
        "digest": order.spec.digest,
        "component": order.spec.name,
        "parameters": order.parameters,
        "width": _width(returned, base),
    }
    return Logit(add_block(base.document, CUSTOM, parameters), base.arrays)


class LayerMaker:
    """Makes the layers of the components that were lent to this step."""

    def __init__(self, order: StepOrder) -> None:
        self._node = order.spec.name
        self._lent = {(spec.digest, spec.name): spec for spec in order.lent}

    def __call__(self, block: Mapping[str, Any], embedding: Mapping[str, Any]) -> Any:
        """The layer of a block, not built yet. embedding: the block that it stands on."""
        parameters = block["parameters"]
        spec = self._lent.get((parameters["digest"], parameters["component"]))
        if spec is None:
            raise ComponentError(
                say(
                    "The model has a layer of component {component!r} of package {package!r}, "
                    "whose code is not at hand.",
                    component=parameters["component"],
                    package=parameters["package"],
                ),
                hint="Connect the node of that component, so that the studio can lend its code.",
                code="block.not_lent",
            )
        function = load_function(Path(spec.file), spec.name)
        values = check_parameters(function, parameters["parameters"])
        base = Embedding(first_block(embedding["type"], embedding["parameters"]))
        return function(**{_embedding_port(spec): base}, **values)


def _embedding_port(spec: ComponentSpec) -> str:
    kinds = [port.kind for port in spec.inputs]
    if kinds != ["embedding"]:
        raise ComponentError(
            say(
                "{name} gives a layer, and so takes one embedding and nothing else.", name=spec.name
            ),
            hint=say("Write `def {name}(embedding: Embedding, *, …) -> Logit`.", name=spec.name),
            code="block.ports",
        )
    return spec.inputs[0].name


def _refuse_outer_values(order: StepOrder) -> None:
    """The layer is made again in other steps, which have neither its files nor its secrets."""
    for name, schema in order.spec.parameters.get("properties", {}).items():
        formats = {choice.get("format") for choice in [schema, *schema.get("anyOf", [])]}
        if formats & {PATH_FORMAT, SECRET_FORMAT}:
            raise ComponentError(
                say(
                    "Parameter {name!r} names a file or a secret, which a layer cannot have.",
                    name=name,
                ),
                hint="Put what it needs into the package, or into plain parameters.",
                parameter=name,
                code="block.parameter",
            )


def _width(layer: Any, base: Embedding) -> int:
    """How many numbers a row the layer gives; it is built for this, on no data."""
    import keras

    if not isinstance(layer, keras.Layer):
        raise ComponentError(
            say(
                "A component that gives a logit returns a layer of Keras, not a {type}.",
                type=type(layer).__name__,
            ),
            hint="Return a `keras.Layer`, a `keras.Sequential` or a `keras.Model`.",
            code="output.type",
        )
    about = base.document["blocks"][-1]["parameters"]
    size = len(about["fields"]), int(about["dimension"])
    given = layer(keras.KerasTensor((None, *size), dtype="float32"))
    shape = tuple(getattr(given, "shape", ()))
    if not shape or shape[0] is not None or None in shape[1:]:
        raise ComponentError(
            say(
                "The layer makes {made} of (rows, {fields} fields, {factors} factors).",
                made=shape or type(given).__name__,
                fields=size[0],
                factors=size[1],
            ),
            hint="Give one number a row, (rows,), or a fixed count of them, (rows, count).",
            code="block.shape",
        )
    return math.prod(shape[1:])
