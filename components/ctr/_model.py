"""Make a model from what was trained, and read one to continue from or to score with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError, Examples, Model, say

from ._batches import Data
from ._checkpoint import Outcome
from ._growth import forms, grow, hashes_features
from ._network import BIAS, Network, Output, build_network, initialise

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def first_arrays(network: Network, data: Data, seed: int) -> dict[str, Array]:
    """Random weights, and an output that starts at the base rate instead of at one half."""
    rate = float(np.mean(data.label * data.importance, dtype=np.float64))
    arrays = initialise(network, seed)
    if BIAS in arrays and 0 < rate < 1:  # it is 0 or 1 where one class has no weight at all
        arrays[BIAS] = np.array(math.log(rate / (1 - rate)), np.float32)
    return arrays


def continued_arrays(
    model: Model, network: Network, examples: Examples, seed: int
) -> dict[str, Array]:
    """The weights of a model of the same blocks; on a feature map that has grown, with new rows."""
    check_network(model)
    document, feature_map = model.document, examples.document["feature_map"]
    if document["feature_map"] is None:
        raise _cannot_continue("it has no feature map")
    if document["combine"] != network.combine:
        raise _cannot_continue(f"its 'combine' is {document['combine']}, not {network.combine}")
    if list(document["blocks"]) == list(network.blocks):
        return {name: np.array(array) for name, array in model.arrays.items()}
    if sorted(forms(document["blocks"]).values()) != sorted(forms(network.blocks).values()):
        raise _cannot_continue(_other_blocks(document["blocks"], network))
    if hashes_features(network):
        raise _cannot_continue("its wide crosses go by the indices of another feature map")
    grown: dict[str, Array] = grow(model, network, feature_map, seed)
    return grown


def steps_of(model: Model | None) -> int:
    return 0 if model is None else int(model.document["training"]["steps"])


def network_of(model: Model) -> Network:
    document = model.document
    output = Output(document["combine"], bias=document.get("bias", True))
    return build_network(document["blocks"], document["heads"], output)


def network_with_fields(model: Model, fields: int) -> Network:
    """The network of a model without a feature map, for rows of so many cells."""
    document = model.document
    blocks = [_with_fields(block, fields) for block in document["blocks"]]
    return build_network(blocks, document["heads"], Output(bias=document["bias"]))


def check_network(model: Model) -> None:
    """Trees have no blocks."""
    if model.document.get("kind") == "gbdt":
        raise ComponentError(
            "This model is of boosted trees, not of blocks.",
            hint="Connect a model of 'train', 'logistic_regression' or 'fm_train'.",
            code="model.other_kind",
        )


def check_scorable(model: Model) -> None:
    """Raw rows can be scored by a model that carries its feature map and predicts a click."""
    document = model.document
    if document["feature_map"] is None or document.get("task") == "regression":
        raise ComponentError(
            "This model is a factorization machine of 'fm_train' "
            + (
                "for a regression." if document.get("task") == "regression" else "on plain columns."
            ),
            hint="Score it with 'fm_predict'.",
            code="model.other_kind",
        )


def make_model(
    network: Network, outcome: Outcome, examples: Examples, data: Data, settings: dict[str, Any]
) -> Model:
    """Nothing in it depends on the clock, so that equal trainings give equal models."""
    training = training_of(outcome, data, settings)
    return Model(document_of(network, examples.document["feature_map"], training), outcome.arrays)


def training_of(outcome: Outcome, data: Data, settings: dict[str, Any]) -> dict[str, Any]:
    """What a model says of how it was trained."""
    return {
        "settings": settings,
        "history": outcome.history,
        "best_epoch": outcome.best_epoch,
        "steps": outcome.steps,
        "rows": len(data),
        "base_rate": float(data.label.mean(dtype=np.float64)),
    }


def document_of(network: Network, feature_map: Any, training: dict[str, Any]) -> dict[str, Any]:
    """What a model of a network says of itself."""
    return {
        "format": 1,
        "blocks": list(network.blocks),
        "heads": list(network.heads),
        "combine": network.combine,
        "feature_map": feature_map,
        "training": training,
    }


def _with_fields(block: dict[str, Any], fields: int) -> dict[str, Any]:
    if block["type"] != "embedding":
        return block
    return {**block, "parameters": {**block["parameters"], "fields": [""] * fields}}


def _other_blocks(blocks: list[Mapping[str, Any]], network: Network) -> str:
    fields = [_fields(blocks), _fields(network.blocks)]
    if fields[0] != fields[1]:
        return f"its fields are {', '.join(fields[0])}, not {', '.join(fields[1])}"
    before = sorted(block["type"] for block in blocks)
    after = sorted(block["type"] for block in network.blocks)
    if before != after:
        return f"its blocks are {', '.join(before)}, not {', '.join(after)}"
    return "its blocks are of the same types, but their settings differ"


def _fields(blocks: Iterable[Mapping[str, Any]]) -> list[str]:
    return next(block["parameters"]["fields"] for block in blocks if block["type"] == "embedding")


def _cannot_continue(reason: str) -> ComponentError:
    return ComponentError(
        say("The training cannot continue from this model: {reason}.", reason=reason),
        hint="Connect the same blocks and fields as the model was trained with, or "
        "disconnect 'model' to start anew.",
        code="model.mismatch",
    )
