"""A layer of Keras, as it is."""

import pandas as pd

from studio.component import component


@component(title="Random features (Keras)", category="Features")
def keras_projection(
    table: pd.DataFrame, *, columns: list[str] = ["amount"], units: int = 8, seed: int = 0
) -> pd.DataFrame:
    """Project columns to as many units, by a dense layer of random weights that seed decides.

    Shapes: table (n, d) -> table (n, d + units).
    Errors: those of Keras.
    """
    import keras

    keras.utils.set_random_seed(seed)
    projected = keras.layers.Dense(units, "relu")(table[columns].fillna(0).to_numpy("float32"))
    names = [f"unit_{number}" for number in range(units)]
    return table.join(pd.DataFrame(projected.numpy(), table.index, names))
