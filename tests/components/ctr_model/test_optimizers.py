"""The five optimizers against plain NumPy, on a logistic regression trained for some steps.

Lazy: a row of the table whose feature does not occur in a batch keeps its weight and all that the
optimizer remembers of it; Adam's bias correction counts every step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from components.ctr._batches import Data, Distinct, cut, epoch_order
from components.ctr._blocks import merge
from components.ctr._network import Output, build_network, initialise
from components.ctr._trainer import Rule, Trainer
from components.ctr.embedding import embedding
from components.ctr.linear import linear

from .builders import Planted, planted

Array = np.ndarray[Any, np.dtype[Any]]
State = dict[str, Array]
Update = Callable[[State, Array, float, int], None]

pytestmark = pytest.mark.slow

RATE, ROW_RATE, L1, L2, BATCH = 0.05, 0.1, 0.02, 0.01, 8


def sgd(state: State, gradient: Array, rate: float, step: int) -> None:
    state["w"] = state["w"] - rate * gradient


def momentum(state: State, gradient: Array, rate: float, step: int) -> None:
    state["v"] = 0.8 * state.get("v", 0.0) + gradient
    state["w"] = state["w"] - rate * state["v"]


def adagrad(state: State, gradient: Array, rate: float, step: int) -> None:
    state["n"] = state.get("n", 0.1) + gradient**2
    state["w"] = state["w"] - rate * gradient / np.sqrt(state["n"])


def adam(state: State, gradient: Array, rate: float, step: int) -> None:
    state["m"] = 0.9 * state.get("m", 0.0) + 0.1 * gradient
    state["v"] = 0.999 * state.get("v", 0.0) + 0.001 * gradient**2
    first, second = state["m"] / (1 - 0.9**step), state["v"] / (1 - 0.999**step)
    state["w"] = state["w"] - rate * first / (np.sqrt(second) + 1e-8)


def ftrl(state: State, gradient: Array, rate: float, step: int, l1: float = L1) -> None:
    """McMahan et al. 2013, algorithm 1, begun so that the first weights are its answer."""
    before = state.get("n", 0.1)
    z = state.get("z", -state["w"] * np.sqrt(before) / rate)
    state["n"] = before + gradient**2
    sigma = (np.sqrt(state["n"]) - np.sqrt(before)) / rate
    state["z"] = z + gradient - sigma * state["w"]
    shrunk = np.sign(state["z"]) * max(abs(float(state["z"])) - l1, 0.0)
    state["w"] = -shrunk * rate / np.sqrt(state["n"])


def ftrl_without_l1(state: State, gradient: Array, rate: float, step: int) -> None:
    ftrl(state, gradient, rate, step, l1=0.0)


UPDATES: dict[str, tuple[Update, Update]] = {
    "sgd": (sgd, sgd),
    "momentum": (momentum, momentum),
    "adagrad": (adagrad, adagrad),
    "adam": (adam, adam),
    "ftrl": (ftrl, ftrl_without_l1),  # L1 on first-order weights, not on the bias
}


def logistic_regression(data: Planted, optimizer: str) -> tuple[Array, float, Array]:
    """Weights and bias after two epochs in plain NumPy, one row of the table at a time."""
    index, value, label = (
        np.asarray(data.examples.arrays[name], np.float64)
        for name in ("feat_index", "feat_value", "label")
    )
    row_update, dense_update = UPDATES[optimizer]
    size = data.feature_map.document["feature_size"]
    rows: list[State] = [{"w": np.array(0.0)} for _ in range(size)]
    bias: State = {"w": np.array(0.0)}
    occurred, step = np.zeros(size, int), 0
    for epoch in (1, 2):
        order = epoch_order(0, 0, epoch, len(label))
        for first in range(0, len(order), BATCH):
            batch, step = order[first : first + BATCH], step + 1
            cells, x = index[batch].astype(int), value[batch]
            weights = np.array([float(row["w"]) for row in rows])
            logit = (weights[cells] * x).sum(1) + float(bias["w"])
            error = (1 / (1 + np.exp(-logit)) - label[batch]) / len(batch)
            gradient = np.zeros(size)
            np.add.at(gradient, cells, error[:, None] * x)
            for feature in np.unique(cells):
                penalised = gradient[feature] + L2 * weights[feature]
                row_update(rows[feature], penalised, ROW_RATE, step)
                occurred[feature] += 1
            dense_update(bias, error.sum(), RATE, step)
    return np.array([float(row["w"]) for row in rows]), float(bias["w"]), occurred


def trained(data: Planted, optimizer: str) -> tuple[Array, float]:
    """The same with the trainer, from the same weights in the same order."""
    arrays = data.examples.arrays
    rows = Data(
        arrays["feat_index"],
        arrays["feat_value"],
        arrays["label"],
        np.ones_like(arrays["label"]),
    )
    network = build_network(*merge([linear(embedding(data.feature_map), l2=L2)]), Output())
    l1 = L1 if optimizer == "ftrl" else 0.0
    rule = Rule(optimizer=optimizer, momentum=0.8, l1=l1, batch_size=BATCH)
    trainer = Trainer(network, initialise(network, 0), rule)
    for epoch in (1, 2):
        order = epoch_order(0, 0, epoch, len(rows))
        for chunk in cut(rows, order, BATCH, Distinct(trainer.features)):
            trainer.run(chunk, (RATE, ROW_RATE), work=0)
    found = trainer.arrays()
    (table,) = network.tables
    return found[table.weights(table.linears[0])], float(found["output_bias"])


@pytest.mark.parametrize("optimizer", UPDATES)
def test_an_optimizer_equals_plain_numpy(optimizer: str) -> None:
    data = planted(44, [30, 5], numbers=1)  # the last batch has 4 rows
    weights, bias, occurred = logistic_regression(data, optimizer)
    found, found_bias = trained(data, optimizer)
    assert found == pytest.approx(weights, abs=2e-6)
    assert found_bias == pytest.approx(bias, abs=2e-6)
    steps = 12
    assert (occurred == 0).any()
    assert ((occurred > 0) & (occurred < steps)).any()
    assert (found[occurred == 0] == 0).all()


def test_l1_sets_weights_to_exactly_zero() -> None:
    data = planted(44, [30, 5])
    found, _ = trained(data, "ftrl")
    _, _, occurred = logistic_regression(data, "ftrl")
    assert (found[occurred > 0] == 0).any()
    assert (found != 0).any()
