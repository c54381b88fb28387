"""First-order weights of crossed fields: the wide part of Wide & Deep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from studio.component import Block

from ._layer import Embedded, Pass, Plain, Weight, weight_name

# A polynomial of the features modulo a prime: all products stay below 2^63, so that NumPy and
# TensorFlow compute the same on every machine.
_PRIME = 2_147_483_647
_FACTOR = 1_103_515_245


class WideCrosses(Plain):
    """A weight for every combination of features of some fields; combinations share by hash."""

    needs_factors = False

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return len(block["parameters"]["places"])

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        parameters = block["parameters"]
        size = len(parameters["places"]) * parameters["buckets"]
        return [Weight(weight_name(block, "weights", 0), (size,), "zeros", parameters["l2"])]

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        parameters, weights = block["parameters"], run.weights[weight_name(block, "weights", 0)]
        terms = []
        for number, places in enumerate(parameters["places"]):
            bucket = cross_buckets(embedded.index, places, parameters["buckets"])
            value = tf.reduce_prod(tf.gather(embedded.values, places, axis=1), axis=1)
            terms.append(tf.gather(weights, bucket + number * parameters["buckets"]) * value)
        return run.dropout(tf.stack(terms, axis=1), parameters["dropout"], block["id"])


def cross_buckets(index: Any, places: Sequence[int], buckets: int) -> Any:
    """The bucket (n,) of the features that stand at some places of index (n, F)."""
    mixed = tf.zeros_like(index[:, 0], tf.int64)
    for place in places:
        mixed = (mixed * _FACTOR + tf.cast(index[:, place], tf.int64) + 1) % _PRIME
    return mixed % buckets
