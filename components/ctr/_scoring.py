"""Score encoded rows: no dropout, moving averages, the same numbers every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from ._layer import Pass
from ._network import Network, Table, forward

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


class Scorer:
    """A network ready to score with whatever weights it is given."""

    def __init__(self, network: Network, batch_size: int = 8192) -> None:
        self._network = network
        self._batch_size = batch_size
        self._compute = tf.function(self._forward, reduce_retracing=True, autograph=False)

    def __call__(self, arrays: Mapping[str, Array], index: Array, value: Array) -> Array:
        """Probability of the positive class, float64 (n,)."""
        return sigmoid(self.logits(arrays, index, value))

    def logits(self, arrays: Mapping[str, Array], index: Array, value: Array) -> Array:
        """What comes out before squashing, float64 (n,)."""
        weights = {name: tf.constant(np.asarray(array)) for name, array in arrays.items()}
        logits = [
            self._compute(weights, *self._batch(first, index, value)).numpy()
            for first in range(0, len(index), self._batch_size)
        ]
        return np.concatenate([np.empty(0), *logits])

    def _batch(self, first: int, *arrays: Array) -> list[tf.Tensor]:
        last = first + self._batch_size
        return [tf.constant(np.asarray(array[first:last])) for array in arrays]

    def _forward(
        self, weights: Mapping[str, tf.Tensor], index: tf.Tensor, value: tf.Tensor
    ) -> tf.Tensor:
        rows: dict[str, tf.Tensor] = {}
        for table in self._network.tables:
            rows |= look_up(table, weights, index)
        return forward(self._network, rows, index, value, Pass(weights))


def sigmoid(logits: Array) -> Array:
    """Probabilities in double precision, without overflow."""
    small = np.exp(-np.abs(logits.astype(np.float64)))
    probability: Array = np.where(logits >= 0, 1, small) / (1 + small)
    return probability


def look_up(
    table: Table, weights: Mapping[str, tf.Tensor], index: tf.Tensor
) -> dict[str, tf.Tensor]:
    return {
        name: tf.reshape(
            tf.gather(weights[name], index), (-1, table.cells, columns.stop - columns.start)
        )
        for name, columns in table.parts.items()
    }
