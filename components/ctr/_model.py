"""Make a model from what was trained, and read one to continue from or to score with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError, Examples, Model

from ._batches import Data
from ._blocks import feature_map_digest
from ._network import BIAS, Network, build_network, initialise
from ._training import Outcome

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def first_arrays(network: Network, data: Data, seed: int) -> dict[str, Array]:
    """Random weights, and an output that starts at the base rate instead of at one half."""
    rate = float(np.mean(data.label * data.importance, dtype=np.float64))
    arrays = initialise(network, seed)
    if 0 < rate < 1:  # it is 0 or 1 where one class has no weight at all
        arrays[BIAS] = np.array(math.log(rate / (1 - rate)), np.float32)
    return arrays


def continued_arrays(model: Model, network: Network, examples: Examples) -> dict[str, Array]:
    """The weights of a model, when it is of the same blocks and the same feature map."""
    document = model.document
    same_map = feature_map_digest(document["feature_map"]) == feature_map_digest(
        examples.document["feature_map"]
    )
    if not same_map:
        raise _cannot_continue("it was trained with another feature map")
    if list(document["blocks"]) != list(network.blocks):
        raise _cannot_continue(_other_blocks(document["blocks"], network))
    if document["combine"] != network.combine:
        raise _cannot_continue(f"its 'combine' is {document['combine']}, not {network.combine}")
    return {name: np.asarray(array) for name, array in model.arrays.items()}


def steps_of(model: Model | None) -> int:
    return 0 if model is None else int(model.document["training"]["steps"])


def network_of(model: Model) -> Network:
    document = model.document
    return build_network(document["blocks"], document["heads"], document["combine"])


def make_model(
    network: Network, outcome: Outcome, examples: Examples, data: Data, settings: dict[str, Any]
) -> Model:
    """Nothing in it depends on the clock, so that equal trainings give equal models."""
    training = {
        "settings": settings,
        "history": outcome.history,
        "best_epoch": outcome.best_epoch,
        "steps": outcome.steps,
        "rows": len(data),
        "base_rate": float(data.label.mean(dtype=np.float64)),
    }
    document = {
        "format": 1,
        "blocks": list(network.blocks),
        "heads": list(network.heads),
        "combine": network.combine,
        "feature_map": examples.document["feature_map"],
        "training": training,
    }
    return Model(document, outcome.arrays)


def _other_blocks(blocks: list[Mapping[str, Any]], network: Network) -> str:
    before = sorted(block["type"] for block in blocks)
    after = sorted(block["type"] for block in network.blocks)
    if before != after:
        return f"its blocks are {', '.join(before)}, not {', '.join(after)}"
    return "its blocks are of the same types, but their settings differ"


def _cannot_continue(reason: str) -> ComponentError:
    return ComponentError(
        f"The training cannot continue from this model: {reason}.",
        hint="Connect the same blocks and feature map as the model was trained with, or "
        "disconnect 'model' to start anew.",
        code="model.mismatch",
    )
