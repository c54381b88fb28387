"""The contract of a layer: the weights it needs, and what it computes from the embedded fields.

Every layer offers *features*, (n, width). A head's scalar logit is the sum of its features, or
their product with a kernel of its own where `has_readout`; a projection takes the features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import tensorflow as tf

from studio.component import digest_json

from ._blocks import Block


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

    index: tf.Tensor  # int32 (n, C), the features; C is F, or more with multi-valued fields
    values: tf.Tensor  # (n, C)
    factors: tf.Tensor  # (n, F, K), multi-valued fields pooled; None where no block uses them
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
    """What a type of block computes; F fields of K factors each go in."""

    has_readout: bool
    needs_factors: bool

    def width(self, block: Block, fields: int, dimension: int) -> int: ...
    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]: ...
    def averages(self, block: Block) -> list[Average]: ...
    def features(self, block: Block, embedded: Embedded, run: Pass) -> tf.Tensor: ...


class Plain:
    """A layer that needs nothing of its own."""

    has_readout = False
    needs_factors = True

    def weights(self, block: Block, fields: int, dimension: int) -> list[Weight]:
        return []

    def averages(self, block: Block) -> list[Average]:
        return []


def weight_name(block: Block, role: str, number: int) -> str:
    return f"{block['id']}_{role}_{number}"
