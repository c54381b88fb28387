"""The layers of every type of block, and the first- and second-order and the deep ones of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from studio.component import CUSTOM, Block

from ._crosses import WideCrosses
from ._crossing import CompressedInteraction, CrossNetwork, SelfAttention
from ._custom import CustomLayer
from ._layer import Average, Embedded, Layer, Pass, Plain, Weight
from ._layer import weight_name as _name

_VARIANCE_FLOOR = 1e-3  # Keras' default; smaller ones blow up units that hardly ever fire


class Linear(Plain):
    """The first-order terms, one a field; its weights lie in the rows of the embedding table."""

    needs_factors = False

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return fields

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        rate = block["parameters"]["dropout"]
        return run.dropout(embedded.terms[block["id"]], rate, block["id"])


class FactorizationMachine(Plain):
    """The interactions of every two fields, one sum a factor."""

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return dimension

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        total = tf.reduce_sum(embedded.factors, axis=1)
        squares = tf.reduce_sum(tf.square(embedded.factors), axis=1)
        rate = block["parameters"]["dropout"]
        return run.dropout(0.5 * (tf.square(total) - squares), rate, block["id"])


class DeepNetwork:
    """Fully connected layers: kernel, batch normalisation, activation, dropout."""

    has_readout = True
    needs_factors = True

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return int(block["parameters"]["hidden_units"][-1])

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        parameters, inputs = block["parameters"], fields * dimension
        weights = []
        for number, units in enumerate(parameters["hidden_units"]):
            kernel = _name(block, "kernel", number)
            weights.append(Weight(kernel, (inputs, units), "glorot", parameters["l2"]))
            weights.append(Weight(_name(block, "bias", number), (units,), "zeros"))
            if parameters["batch_norm"]:
                weights.append(Weight(_name(block, "scale", number), (units,), "ones"))
            inputs = units
        return weights

    def averages(self, block: Block) -> list[Average]:
        parameters = block["parameters"]
        if not parameters["batch_norm"]:
            return []
        decay = parameters["batch_norm_decay"]
        return [
            average
            for number, units in enumerate(parameters["hidden_units"])
            for average in (
                Average(_name(block, "mean", number), (units,), "zeros", decay),
                Average(_name(block, "variance", number), (units,), "ones", decay),
            )
        ]

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        parameters = block["parameters"]
        _, fields, dimension = embedded.factors.shape
        hidden = tf.reshape(embedded.factors, (-1, fields * dimension))
        hidden = run.dropout(hidden, parameters["dropout"][0], _name(block, "input", 0))
        for number, rate in enumerate(parameters["dropout"][1:]):
            hidden = hidden @ run.weights[_name(block, "kernel", number)]
            if parameters["batch_norm"]:
                hidden = self._normalise(block, number, hidden, run)
            hidden = hidden + run.weights[_name(block, "bias", number)]
            hidden = _activate(parameters["activation"], hidden)
            hidden = run.dropout(hidden, rate, _name(block, "output", number))
        return hidden

    def _normalise(self, block: Block, number: int, hidden: tf.Tensor, run: Pass) -> tf.Tensor:
        names = _name(block, "mean", number), _name(block, "variance", number)
        if run.training:
            mean, variance = tf.nn.moments(hidden, axes=[0])
            run.statistics.update(zip(names, (mean, variance), strict=True))
        else:
            mean, variance = (run.weights[name] for name in names)
        scale = run.weights[_name(block, "scale", number)]
        return (hidden - mean) * tf.math.rsqrt(variance + _VARIANCE_FLOOR) * scale


LAYERS: Mapping[str, Layer] = {
    "linear": Linear(),
    "fm": FactorizationMachine(),
    "dnn": DeepNetwork(),
    "cross_network": CrossNetwork(),
    "cin": CompressedInteraction(),
    "attention": SelfAttention(),
    "wide": WideCrosses(),
}


def layer_of(block: Block, base: Block) -> Layer:
    """The layer of a block. base: the block of the embedding that it stands on."""
    return CustomLayer(block, base) if block["type"] == CUSTOM else LAYERS[block["type"]]


def _activate(name: str, values: tf.Tensor) -> tf.Tensor:
    if name in ("tanh", "sigmoid"):
        return getattr(tf.math, name)(values)
    functions: Any = tf.nn
    return getattr(functions, name)(values)
