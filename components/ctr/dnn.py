"""Describe the deep part of a model: fully connected layers on the embedded fields."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio.component import ComponentError, Embedding, Logit, component, say

from ._blocks import stack

Units = Annotated[int, Field(ge=1, le=65536)]
Rate = Annotated[float, Field(ge=0, lt=1)]


@component(title="DNN", category="CTR model", version="1.0")
def dnn(
    embedding: Embedding,
    *,
    hidden_units: Annotated[
        list[Units], Field(min_length=1, description="Units of each hidden layer, in order.")
    ] = [32, 32],
    activation: Annotated[
        Literal["relu", "leaky_relu", "elu", "gelu", "tanh", "sigmoid"],
        Field(description="What follows every hidden layer."),
    ] = "relu",
    dropout: Annotated[
        list[Rate],
        Field(description="Rate before the first layer, then after each layer; empty for none."),
    ] = [],
    batch_norm: Annotated[
        bool, Field(description="Normalise every layer before its activation.")
    ] = False,
    batch_norm_decay: Annotated[
        float | None,
        Field(gt=0, lt=1, description="Memory of the moving averages; empty means 0.995."),
    ] = None,
    l2: Annotated[float, Field(ge=0, description="L2 penalty on the kernels.")] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Add fully connected layers on the concatenated vectors of all fields.

    Shapes: (n, F * K) -> (n, units of the last layer) H; one more kernel makes the logit, the
            projection takes all H.
    Units:  dropout in rates (0 keeps all; the keep-probability p of TensorFlow 1 is 1 - p),
            batch_norm_decay in share of the old average kept a step.
    Errors: ComponentError when `dropout` does not name a rate for the input and every layer, or
            when a decay is given without `batch_norm`.
    Source: Guo et al. 2017, "DeepFM"; Ioffe and Szegedy 2015 for batch normalisation.
    """
    _check_dropout(dropout, len(hidden_units))
    if batch_norm_decay is not None and not batch_norm:
        raise ComponentError(
            "'batch_norm_decay' is set, but 'batch_norm' is off, so it would do nothing.",
            hint="Turn 'batch_norm' on, or clear 'batch_norm_decay'.",
            parameter="batch_norm_decay",
        )
    parameters = {
        "hidden_units": hidden_units,
        "activation": activation,
        "dropout": [float(rate) for rate in dropout or [0.0] * (len(hidden_units) + 1)],
        "batch_norm": batch_norm,
        "batch_norm_decay": (batch_norm_decay or 0.995) if batch_norm else None,
        "l2": l2,
        "name": name,
    }
    return stack(embedding, "dnn", parameters)


def _check_dropout(dropout: list[float], layers: int) -> None:
    if dropout and len(dropout) != layers + 1:
        raise ComponentError(
            say(
                "'dropout' has {count} rates, but {layers} hidden layers take "
                "{rates}: one before the first layer and one after each.",
                count=len(dropout),
                layers=layers,
                rates=layers + 1,
            ),
            hint=say(
                "Give {rates} rates, or leave the list empty for no dropout.", rates=layers + 1
            ),
            parameter="dropout",
        )
