"""A branch of one's own for the drawn model: a gated layer on the embedded fields."""

from __future__ import annotations

from typing import Annotated

import keras
from pydantic import Field

from studio.component import Embedding, Logit, component


class Gated(keras.Layer):
    """(n, F, K) -> (n, units): values times a gate of their own."""

    def __init__(self, units: int, dropout: float) -> None:
        super().__init__()
        self.flat = keras.layers.Flatten()
        self.value = keras.layers.Dense(units)
        self.gate = keras.layers.Dense(units, "sigmoid")
        self.dropout = keras.layers.Dropout(dropout)

    def call(self, factors):
        flat = self.flat(factors)
        return self.dropout(self.value(flat) * self.gate(flat))


@component(title="Gated block (Keras)", category="CTR model")
def gated_block(
    embedding: Annotated[Embedding, "The vectors that it shares with the other blocks."],
    *,
    units: Annotated[int, Field(ge=1, le=1024, description="Width of the gated layer.")] = 16,
    dropout: Annotated[float, Field(ge=0, lt=1, description="Rate; 0 keeps all.")] = 0.0,
    name: Annotated[str, Field(description="Keeps two equal blocks apart.")] = "",
) -> Logit:
    """Add a gated layer on the concatenated vectors of all fields.

    Shapes: (n, F, K) -> (n, units); one more kernel makes the logit, the projection takes them all.
    Units:  dropout is a rate.
    Errors: none.
    Source: Dauphin et al. 2017, "Language Modeling with Gated Convolutional Networks" (GLU).
    """
    return Gated(units, dropout)
