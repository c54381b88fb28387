"""A layer of Keras that a package brings, as one layer among the others.

Its weights are arrays of the network like all weights: one optimizer, one checkpoint and one model
hold them. What the layer itself renews while training, such as moving averages and the state of its
random numbers, goes from batch to batch as an average does. A layer that gives one number a row
gives the logit; one that gives more gives features, which are read out by a kernel.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from studio.component import Block, context

from ._layer import Average, Embedded, Pass, Weight, weight_name

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


class CustomLayer:
    """The layer of one block. base: the block of the embedding that it stands on."""

    needs_factors = True

    def __init__(self, block: Block, base: Block) -> None:
        self._block, self._base = block, base

    @property
    def has_readout(self) -> bool:
        return int(self._block["parameters"]["width"]) > 1

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return int(block["parameters"]["width"])

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        return [
            Weight(weight_name(block, "weight", number), tuple(variable.shape), "own")
            for number, variable in enumerate(self._layer.trainable_variables)
        ]

    def averages(self, block: Block) -> list[Average]:
        return [
            Average(weight_name(block, "state", number), tuple(variable.shape), "own", None)
            for number, variable in enumerate(self._layer.non_trainable_variables)
        ]

    def first(self, seed: int) -> dict[str, Array]:
        """The first weights, as the initializers of the layer draw them after this seed."""
        layer = self._make(seed)
        return {
            weight_name(self._block, role, number): variable.numpy()
            for role, variables in _variables(layer).items()
            for number, variable in enumerate(variables)
        }

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        import keras

        layer = self._layer
        values = {
            weight_name(block, role, number): variable
            for role, variables in _variables(layer).items()
            for number, variable in enumerate(variables)
        }
        mapping = [(v, tf.convert_to_tensor(run.weights[name])) for name, v in values.items()]
        with keras.StatelessScope(state_mapping=mapping, collect_losses=run.training) as scope:
            made = layer(embedded.factors, training=run.training)
            if run.training:
                run.penalties.extend(layer.losses)
                states = {name: v for name, v in values.items() if not v.trainable}
                run.statistics |= {n: scope.get_current_value(v) for n, v in states.items()}
        made = tf.reshape(made, (-1, self.width(block, 0, 0)))
        return tf.cast(made, embedded.factors.dtype)

    @cached_property
    def _layer(self) -> Any:
        return self._make(0)

    def _make(self, seed: int) -> Any:
        import keras

        keras.utils.set_random_seed(seed)
        layer = context.layer(self._block, self._base)
        about = self._base["parameters"]
        size = len(about["fields"]), int(about["dimension"])
        layer(keras.KerasTensor((None, *size), dtype="float32"))  # this builds it
        return layer


def _variables(layer: Any) -> dict[str, list[Any]]:
    return {"weight": layer.trainable_variables, "state": layer.non_trainable_variables}
