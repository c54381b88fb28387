"""Fit a logistic regression to its optimum: the floor that a model has to clear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import Field

from studio.component import ComponentError, Examples, FeatureMap, Model, component, context

from ._batches import Data
from ._blocks import merge
from ._examples import read_training
from ._model import document_of
from ._network import BIAS, Network, Output, build_network
from .embedding import embedding
from .linear import linear

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@component(title="Logistic regression", category="CTR model", version="1.0")
def logistic_regression(
    examples: Examples,
    *,
    l2: Annotated[
        float, Field(gt=0, description="Penalty, times half the squares of all weights.")
    ] = 1.0,
    max_iterations: Annotated[
        int, Field(ge=1, description="Steps of the solver; it warns where they do not suffice.")
    ] = 500,
) -> Model:
    """Fit one weight for every feature, and a bias, by L-BFGS.

    The problem is convex, so there is no seed, no learning rate and no early stopping to choose:
    what comes out is the best that a model without interactions can do at this penalty.

    Shapes: index and value (n, F) -> weights (V,), bias (). The penalty spares the bias.
    Units:  l2 against the sum of the log-losses of all rows, as 1/C of scikit-learn.
    Errors: ComponentError for rows without label and labels of one class.
    Source: Liu and Nocedal 1989 for the solver.
    """
    data = read_training(examples)
    weights, bias, history = _solve(
        data, int(examples.document["feature_size"]), l2, max_iterations
    )
    network = _network(examples)
    (table,) = network.tables
    arrays = {
        table.weights(table.linears[0]): weights.astype(np.float32),
        BIAS: np.array(bias, np.float32),
    }
    training = {
        "settings": {"l2": l2, "max_iterations": max_iterations},
        "history": history,
        "best_epoch": len(history),
        "steps": len(history),
        "rows": len(data),
        "base_rate": float(data.label.mean(dtype=np.float64)),
    }
    return Model(document_of(network, examples.document["feature_map"], training), arrays)


def _network(examples: Examples) -> Network:
    """The blocks of the same model, drawn: a linear block on an embedding."""
    base = embedding(FeatureMap(examples.document["feature_map"]), dimension=1)
    return build_network(*merge([linear(base)]), Output())


def _solve(
    data: Data, features: int, l2: float, max_iterations: int
) -> tuple[Array, float, list[dict[str, float]]]:
    from scipy.optimize import minimize  # heavy, and needed in this step only

    cells = _cells(data, features)
    history: list[dict[str, float]] = []

    def objective(point: Array) -> tuple[float, Array]:
        margin = cells @ point[:-1] + point[-1]
        loss = data.importance * (np.logaddexp(0, margin) - data.label * margin)
        error = data.importance * (1 / (1 + np.exp(-margin)) - data.label)
        gradient = np.append(cells.T @ error + l2 * point[:-1], error.sum())
        return float(loss.sum() + l2 / 2 * (point[:-1] ** 2).sum()), gradient

    def note(intermediate_result: Any) -> None:
        loss = float(intermediate_result.fun) / len(data)
        history.append({"epoch": len(history) + 1, "loss": loss})
        context.metrics(len(history), {"loss": loss})
        context.progress(len(history) / max_iterations)

    rate = float(np.average(data.label, weights=data.importance))
    begin = np.append(np.zeros(features), np.log(rate / (1 - rate)))
    found = minimize(
        objective, begin, jac=True, method="L-BFGS-B", callback=note,
        options={"maxiter": max_iterations, "ftol": 1e-12, "gtol": 1e-6 * len(data)},
    )  # fmt: skip
    _check(found, max_iterations)
    return found.x[:-1], float(found.x[-1]), history


def _cells(data: Data, features: int) -> Any:
    """The rows as a sparse matrix (n, V)."""
    from scipy.sparse import csr_array

    rows, fields = data.index.shape
    starts = np.arange(0, rows * fields + 1, fields)
    value = data.value.reshape(-1).astype(np.float64)
    return csr_array((value, data.index.reshape(-1), starts), shape=(rows, features))


def _check(found: Any, max_iterations: int) -> None:
    if not np.isfinite(found.fun):
        raise ComponentError(
            "The loss of the logistic regression is not a number.",
            hint="Standardise the numeric fields in the feature map.",
            code="training.diverged",
        )
    if found.nit >= max_iterations:
        context.log.warning(
            "The optimum was not reached in %s iterations: raise max_iterations.", max_iterations
        )
