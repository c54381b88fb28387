"""Gradients of the whole model against central finite differences, in double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from components.ctr._blocks import merge
from components.ctr._network import Network, Output, build_network, fuse, initialise
from components.ctr._trainer import Gradients, Rule, differentiate, pointwise, sum_by_row
from components.ctr.attention import attention
from components.ctr.cin import cin
from components.ctr.cross_network import cross_network
from components.ctr.embedding import embedding
from components.ctr.linear import linear
from components.ctr.wide import wide
from studio.component import Embedding, Logit, Model

from .builders import Planted, deepfm, planted, random_weights

Array = np.ndarray[Any, np.dtype[Any]]

Choose = Callable[[Embedding], list[Logit]]

STEP = 1e-5
pytestmark = pytest.mark.slow


class Point:
    """A network at some weights, on some rows, in double precision."""

    def __init__(self, data: Planted, combine: str, rule: Rule, choose: Choose) -> None:
        blocks, heads = merge(choose(embedding(data.feature_map, dimension=2)))
        output = Output(combine, l2_projection=0.03 * (combine == "projection"))
        self.network: Network = build_network(blocks, heads, output)
        self.rule = rule
        arrays = initialise(self.network, 1)
        drawn = random_weights(Model({}, arrays)).arrays
        (self.table,) = self.network.tables
        index = data.examples.arrays["feat_index"]
        self.weights = {
            weight.name: drawn[weight.name].astype(np.float64) for weight in self.network.weights
        }
        fused = fuse(self.table, drawn).astype(np.float64)[index]
        self.rows = {name: fused[:, :, part] for name, part in self.table.parts.items()}
        random = np.random.default_rng(2)
        importance = random.uniform(0.5, 1.5, len(index))
        batch = data.examples.arrays["feat_value"], data.examples.arrays["label"], importance
        self.batch = [tf.constant(np.asarray(index))]
        self.batch += [tf.constant(np.asarray(part, np.float64)) for part in batch]
        self._differentiate = tf.function(self._traced, autograph=False)

    def gradients(self) -> Gradients:
        return Gradients(*self._differentiate(self.weights, self.rows))

    def _traced(self, weights: Any, rows: Any) -> Any:
        step = tf.constant(1)
        found = differentiate(self.network, self.rule, weights, rows, self.batch, step)
        return found.loss, found.rows, found.weights, found.statistics

    def objective(self) -> float:
        """The loss, and half the weighted squares of the kernels."""
        penalty = sum(
            weight.l2 / 2 * float((self.weights[weight.name] ** 2).sum())
            for weight in self.network.weights
        )
        return float(self.gradients().loss) + penalty

    def slope(self, array: Array, at: tuple[int, ...]) -> float:
        """The change of the objective with one number."""
        before, ends = array[at], []
        for sign in (1, -1):
            array[at] = before + sign * STEP
            ends.append(self.objective())
        array[at] = before
        return (ends[0] - ends[1]) / (2 * STEP)


@pytest.mark.parametrize("combine", ["sum", "projection"])
@pytest.mark.parametrize("loss", ["logloss", "mse", "focal", "squared"])
@pytest.mark.parametrize("deep", [{}, {"batch_norm": True, "dropout": [0.2, 0.2, 0.2]}])
def test_gradients_equal_finite_differences(combine: str, loss: str, deep: dict[str, Any]) -> None:
    rule = Rule(loss=loss, seed=5)
    check_gradients(combine, rule, lambda base: deepfm(base, l2=0.02, activation="tanh", **deep))


CROSSING: dict[str, Choose] = {
    "cross network": lambda base: [cross_network(base, layers=2, l2=0.02, dropout=0.2)],
    "low rank": lambda base: [cross_network(base, layers=2, rank=3, l2=0.02)],
    "cin": lambda base: [cin(base, maps=[3, 2], l2=0.02, dropout=0.2)],
    "wide": lambda base: [
        linear(base),
        wide(base, crosses=[["c0", "c1"], ["x0", "c0"]], buckets=5, l2=0.02),
    ],
    "attention": lambda base: [attention(base, layers=2, heads=2, head_size=2, l2=0.02)],
}


@pytest.mark.parametrize("combine", ["sum", "projection"])
@pytest.mark.parametrize("case", CROSSING)
def test_gradients_of_crossing_layers_equal_finite_differences(case: str, combine: str) -> None:
    check_gradients(combine, Rule(seed=5), CROSSING[case])


def check_gradients(combine: str, rule: Rule, choose: Choose) -> None:
    point = Point(planted(12, [3, 4], numbers=1), combine, rule, choose)
    found, random = point.gradients(), np.random.default_rng(3)
    pairs = [(point.weights[name], found.weights[name].numpy()) for name in point.weights]
    pairs += [(point.rows[name], found.rows[name].numpy()) for name in point.rows]
    for array, gradient in pairs:
        assert gradient.shape == array.shape
        for _ in range(6):
            at = tuple(int(random.integers(size)) for size in array.shape)
            assert gradient[at] == pytest.approx(point.slope(array, at), abs=1e-7)


def test_no_weight_is_left_without_a_gradient() -> None:
    point = Point(
        planted(12, [3, 4]), "projection", Rule(), lambda base: deepfm(base, batch_norm=True)
    )
    found = point.gradients()
    assert sorted(found.weights) == sorted(point.weights)
    assert all(np.abs(gradient).max() > 0 for gradient in found.weights.values())


def test_gradients_of_cells_with_the_same_feature_add_up() -> None:
    random = np.random.default_rng(0)
    inverse, widths = random.integers(0, 7, 200), (1, 8, 40)
    parts = [random.normal(size=(50, 4, width)) for width in widths]
    expected = np.zeros((7, sum(widths)))
    np.add.at(expected, inverse, np.concatenate(parts, axis=2).reshape(200, -1))
    places, unique = (tf.constant(array, tf.int32) for array in (inverse, np.arange(7)))
    found = sum_by_row([tf.constant(part) for part in parts], places, unique)
    assert found.numpy() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_a_focal_loss_has_a_gradient_however_sure_the_model_is(gamma: float) -> None:
    logits = tf.constant([-200.0, -1.0, 0.0, 1.0, 200.0] * 2)
    label = tf.constant([0.0] * 5 + [1.0] * 5)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        losses = pointwise(Rule(loss="focal", focal_gamma=gamma), logits, label)
    wrong = np.where(label.numpy() == 1, -logits.numpy(), logits.numpy()).astype(np.float64)
    expected = np.logaddexp(0, wrong) * np.exp(-gamma * np.logaddexp(0, -wrong))
    assert losses.numpy() == pytest.approx(expected, rel=1e-5, abs=1e-30)
    assert np.isfinite(tape.gradient(losses, logits).numpy()).all()
