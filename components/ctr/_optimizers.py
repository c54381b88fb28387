"""The five optimizers, as pure functions on arrays of any shape.

For embedding tables they get only the rows that occur in a batch: a row that does not occur keeps
its weights and its slots, moments included ("lazy"), while Adam's bias correction counts every
step of the training.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

Slots = Sequence["tf.Tensor"]
Updated = tuple["tf.Tensor", list["tf.Tensor"]]

_FIRST_ACCUMULATOR = 0.1  # so that the first steps are not the largest ones
_TINY = 1e-7


class Optimizer(Protocol):
    """A rule for one step; `slots` is what it remembers of every weight."""

    def initial(self, weights: Array) -> list[Array]: ...

    def update(
        self, weights: tf.Tensor, gradient: tf.Tensor, slots: Slots, rate: Any, step: tf.Tensor
    ) -> Updated: ...


@dataclass(frozen=True)
class Sgd:
    """Plain gradient descent."""

    def initial(self, weights: Array) -> list[Array]:
        return []

    def update(
        self, weights: tf.Tensor, gradient: tf.Tensor, slots: Slots, rate: Any, step: tf.Tensor
    ) -> Updated:
        return weights - rate * gradient, []


@dataclass(frozen=True)
class Momentum:
    """Gradient descent with a decaying sum of the gradients."""

    momentum: float

    def initial(self, weights: Array) -> list[Array]:
        return [np.zeros_like(weights)]

    def update(
        self, weights: tf.Tensor, gradient: tf.Tensor, slots: Slots, rate: Any, step: tf.Tensor
    ) -> Updated:
        velocity = self.momentum * slots[0] + gradient
        return weights - rate * velocity, [velocity]


@dataclass(frozen=True)
class Adagrad:
    """Smaller steps where the gradients have been large (Duchi et al. 2011)."""

    def initial(self, weights: Array) -> list[Array]:
        return [np.full_like(weights, _FIRST_ACCUMULATOR)]

    def update(
        self, weights: tf.Tensor, gradient: tf.Tensor, slots: Slots, rate: Any, step: tf.Tensor
    ) -> Updated:
        squares = slots[0] + tf.square(gradient)
        return weights - rate * gradient / (tf.sqrt(squares) + _TINY), [squares]


@dataclass(frozen=True)
class Adam:
    """Moving averages of the gradient and of its square (Kingma and Ba 2015)."""

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def initial(self, weights: Array) -> list[Array]:
        return [np.zeros_like(weights), np.zeros_like(weights)]

    def update(
        self, weights: tf.Tensor, gradient: tf.Tensor, slots: Slots, rate: Any, step: tf.Tensor
    ) -> Updated:
        first = self.beta_1 * slots[0] + (1 - self.beta_1) * gradient
        second = self.beta_2 * slots[1] + (1 - self.beta_2) * tf.square(gradient)
        first_weight = _weight_of_steps(self.beta_1, step, weights.dtype)
        second_weight = _weight_of_steps(self.beta_2, step, weights.dtype)
        size = tf.sqrt(second) * tf.math.rsqrt(second_weight) + self.epsilon
        return weights - rate / first_weight * first / size, [first, second]


@dataclass(frozen=True)
class Ftrl:
    """Follow the regularised leader (McMahan et al. 2013); `l1` makes weights exactly zero.

    The sum of gradients is kept times the rate, so that a rate that decays does not pull the
    weights back to zero, and starts at the value of which the first weights are the answer.
    """

    l1: float | tuple[float, ...] = 0.0  # one for all, or one a column

    def initial(self, weights: Array) -> list[Array]:
        squares = np.full_like(weights, _FIRST_ACCUMULATOR)
        return [squares, -weights * np.sqrt(squares)]

    def update(
        self, weights: tf.Tensor, gradient: tf.Tensor, slots: Slots, rate: Any, step: tf.Tensor
    ) -> Updated:
        squares = slots[0] + tf.square(gradient)
        root = tf.sqrt(squares)
        leader = slots[1] + rate * gradient - (root - tf.sqrt(slots[0])) * weights
        threshold = rate * tf.constant(self.l1, weights.dtype)
        shrunk = tf.maximum(tf.abs(leader) - threshold, 0) * tf.sign(leader)
        return -shrunk / root, [squares, leader]


def _weight_of_steps(beta: float, step: tf.Tensor, dtype: Any) -> tf.Tensor:
    """1 - beta ** step; written like that it would lose half the digits in single precision."""
    return -tf.math.expm1(tf.cast(step, dtype) * math.log(beta))


def make_optimizer(
    name: str, momentum: float = 0.9, l1: float | tuple[float, ...] = 0.0
) -> Optimizer:
    optimizers: dict[str, Optimizer] = {
        "sgd": Sgd(),
        "momentum": Momentum(momentum),
        "adagrad": Adagrad(),
        "adam": Adam(),
        "ftrl": Ftrl(l1),
    }
    return optimizers[name]
