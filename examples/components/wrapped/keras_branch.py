"""Layers of Keras, as they are, as a branch of the drawn model."""

import keras

from studio.component import Embedding, Logit, component


@component(title="Layers of Keras", category="CTR model")
def keras_branch(embedding: Embedding, *, units: int = 16, rate: float = 0.0) -> Logit:
    """Add a dense layer of so many units on the embedding, with dropout by a rate.

    Shapes: (n, F, K) -> (n, 1).
    Errors: those of Keras.
    """
    flat, dense = keras.layers.Flatten(), keras.layers.Dense(units, "relu")
    return keras.Sequential([flat, dense, keras.layers.Dropout(rate), keras.layers.Dense(1)])
