"""A layer of one's own, trained and used in one node."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from studio.component import ComponentError, component, context


@component(title="Gated scorer (Keras)", category="CTR model")
def keras_scorer(
    table: Annotated[pd.DataFrame, "Rows to learn from."],
    rows: Annotated[pd.DataFrame, "Rows to score."],
    *,
    label: Annotated[str, Field(description="Column of 0 and 1.")] = "label",
    units: Annotated[int, Field(ge=1, le=1024, description="Width of the gated layer.")] = 16,
    epochs: Annotated[int, Field(ge=1, le=1000, description="Passes over the rows.")] = 5,
    seed: Annotated[int, Field(ge=0, description="Of the weights and the order of rows.")] = 0,
) -> pd.DataFrame:
    """Add `prediction_score` to rows, by a gated layer on the columns of numbers of table.

    Shapes: table (n, d), rows (m, d) -> rows (m, d + 1).
    Units:  the score is a probability.
    Errors: ComponentError when the label is not there or has one value only.
    Source: Dauphin et al. 2017, "Language Modeling with Gated Convolutional Networks" (GLU).
    """
    import keras

    if label not in table or table[label].nunique() != 2:
        raise ComponentError(f"Column {label!r} has to hold two values.", parameter="label")
    names = [name for name in table.select_dtypes(["number", "bool"]) if name != label]
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.layers.Normalization(), _gated(units), keras.layers.Dense(1, "sigmoid")]
    )
    x, y = _numbers(table, names), table[label].to_numpy(np.float32)
    model.layers[0].adapt(x)
    model.compile("adam", "binary_crossentropy")
    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: context.metrics(epoch, {"loss": logs["loss"]})
    )
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[report])
    scores = model.predict(_numbers(rows, names), verbose=0)[:, 0] if len(rows) else []
    return rows.assign(prediction_score=np.asarray(scores, float))


def _numbers(table: pd.DataFrame, names: list[str]) -> np.ndarray:
    return table[names].fillna(0).to_numpy(np.float32)


def _gated(units: int):
    import keras

    class Gated(keras.layers.Layer):
        """(n, d) -> (n, units): values times a gate of their own."""

        def __init__(self) -> None:
            super().__init__()
            self.value = keras.layers.Dense(units)
            self.gate = keras.layers.Dense(units, "sigmoid")

        def call(self, x):
            return self.value(x) * self.gate(x)

    return Gated()
