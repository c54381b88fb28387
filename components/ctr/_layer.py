"""The contract of a layer: the weights it needs, and what it computes from the embedded fields.

Every layer offers *features*, (n, width). A head's scalar logit is the sum of its features, or
their product with a kernel of its own where `has_readout`; a projection takes the features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import tensorflow as tf

from studio.component import Block, digest_json


@dataclass(frozen=True)
class Weight:
    """An array that training changes. initial "own": the layer draws it (`CustomLayer.first`)."""

    name: str
    shape: tuple[int, ...]
    initial: Literal["zeros", "ones", "glorot", "own"]
    l2: float = 0.0


@dataclass(frozen=True)
class Average:
    """An array that follows a statistic of the batches, for use when predicting.

    decay None: it is replaced by what the layer tells.
    """

    name: str
    shape: tuple[int, ...]
    initial: Literal["zeros", "ones", "own"]
    decay: float | None


@dataclass(frozen=True)
class Embedded:
    """The fields of some rows, looked up in one embedding table and scaled by their values."""

    index: tf.Tensor  # int32 (n, C), the features; C is F, or more with multi-valued fields
    values: tf.Tensor  # (n, C)
    factors: tf.Tensor  # (n, F, K), multi-valued fields pooled; None where no block uses them
    terms: Mapping[str, tf.Tensor]  # first-order terms (n, F) by the id of their linear block


@dataclass
class Pass:
    """One pass through the network; when training it collects statistics and penalties."""

    weights: Mapping[str, tf.Tensor]
    training: bool = False
    seed: int = 0
    step: tf.Tensor | None = None
    statistics: dict[str, tf.Tensor] = field(default_factory=dict)
    penalties: list[tf.Tensor] = field(default_factory=list)

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

    @property
    def has_readout(self) -> bool: ...
    @property
    def needs_factors(self) -> bool: ...

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
