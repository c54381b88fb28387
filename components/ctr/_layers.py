"""What each type of block computes from the embedded fields, and the weights it needs.

Every block offers *features*, (n, width). A head's scalar logit is the sum of its features, or
their product with a kernel of its own where `has_readout`; a projection takes the features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import tensorflow as tf

from studio.component import digest_json

from ._blocks import Block

_VARIANCE_FLOOR = 1e-3  # Keras' default; smaller ones blow up units that hardly ever fire


@dataclass(frozen=True)
class Weight:
    """An array that training changes."""

    name: str
    shape: tuple[int, ...]
    initial: Literal["zeros", "ones", "glorot"]
    l2: float = 0.0


@dataclass(frozen=True)
class Average:
    """An array that follows a statistic of the batches, for use when predicting."""

    name: str
    shape: tuple[int, ...]
    initial: Literal["zeros", "ones"]
    decay: float


@dataclass(frozen=True)
class Embedded:
    """The fields of some rows, looked up in one embedding table and scaled by their values."""

    factors: tf.Tensor  # (n, F, K); None where no block uses them
    terms: Mapping[str, tf.Tensor]  # first-order terms (n, F) by the id of their linear block


@dataclass
class Pass:
    """One pass through the network; collects the batch statistics when training."""

    weights: Mapping[str, tf.Tensor]
    training: bool = False
    seed: int = 0
    step: tf.Tensor | None = None
    statistics: dict[str, tf.Tensor] = field(default_factory=dict)

    def dropout(self, values: tf.Tensor, rate: float, place: str) -> tf.Tensor:
        """Leave out a share of the values, others in every step and place, all by the seed."""
        if not self.training or rate == 0:
            return values
        salt = int(digest_json([self.seed, place])[:7], 16)
        noise = tf.random.stateless_uniform(
            tf.shape(values), tf.stack([salt, self.step]), dtype=values.dtype, alg="philox"
        )
        return tf.where(noise >= rate, values / (1 - rate), tf.zeros_like(values))


class Layer(Protocol):
    """A type of block."""

    has_readout: bool
    needs_factors: bool

    def width(self, block: Block, fields: int, dimension: int) -> int: ...
    def weights(self, block: Block, inputs: int) -> list[Weight]: ...
    def averages(self, block: Block) -> list[Average]: ...
    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor: ...


class Linear:
    """The first-order terms, one a field; its weights lie in the rows of the embedding table."""

    has_readout = False
    needs_factors = False

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return fields

    def weights(self, block: Block, inputs: int) -> list[Weight]:
        return []

    def averages(self, block: Block) -> list[Average]:
        return []

    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor:
        rate = block["parameters"]["dropout"]
        return run.dropout(embedded.terms[block["id"]], rate, block["id"])


class FactorizationMachine:
    """The interactions of every two fields, one sum a factor."""

    has_readout = False
    needs_factors = True

    def width(self, block: Block, fields: int, dimension: int) -> int:
        return dimension

    def weights(self, block: Block, inputs: int) -> list[Weight]:
        return []

    def averages(self, block: Block) -> list[Average]:
        return []

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

    def weights(self, block: Block, inputs: int) -> list[Weight]:
        parameters = block["parameters"]
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
}


def _name(block: Block, role: str, number: int) -> str:
    return f"{block['id']}_{role}_{number}"


def _activate(name: str, values: tf.Tensor) -> tf.Tensor:
    if name in ("tanh", "sigmoid"):
        return getattr(tf.math, name)(values)
    functions: Any = tf.nn
    return getattr(functions, name)(values)
