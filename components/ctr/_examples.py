"""Read encoded examples for training, and refuse those that cannot be trained on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import Block, ComponentError, Examples, say

from ._batches import Data
from ._blocks import feature_map_digest
from ._labels import check_binary, check_two_classes
from ._validation import Holdout

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class ClassWeights:
    """What a positive row counts beside a negative one; None: so much that classes are level."""

    positive: float | None = 1.0

    def __call__(self, label: Array, weight: Array) -> Array:
        positive = self.positive
        if positive is None:
            positive = float(weight[label == 0].sum() / weight[label == 1].sum())
        weighted: Array = np.where(label == 1, weight * positive, weight)
        return weighted


def read_training(
    examples: Examples, where: str = "training examples", classes: ClassWeights = ClassWeights()
) -> Data:
    """Rows with labels of both classes."""
    label = _labels(examples, where)
    check_two_classes(
        label,
        label_column(examples),
        where,
        hint="A model cannot learn from one class: check the label column and the filters and "
        "splits before this step.",
    )
    return Data(
        index=np.asarray(examples.arrays["feat_index"]),
        value=np.asarray(examples.arrays["feat_value"]),
        label=label,
        importance=_importance(examples, label, where, classes),
    )


def read_holdout(examples: Examples) -> Holdout:
    group = examples.arrays.get("group")
    return Holdout(
        index=np.asarray(examples.arrays["feat_index"]),
        value=np.asarray(examples.arrays["feat_value"]),
        label=_labels(examples, "validation examples"),
        group=None if group is None else np.asarray(group),
        weight=_weights(examples, "validation examples"),
    )


def label_column(examples: Examples) -> str:
    return str(examples.document["label"])


def check_feature_map(examples: Examples, blocks: Iterable[Block], where: str) -> None:
    """The examples must be encoded with the feature map that the embeddings stand on."""
    digest = feature_map_digest(examples.document["feature_map"])
    for block in blocks:
        if block["type"] == "embedding" and block["parameters"]["feature_map"] != digest:
            raise ComponentError(
                say(
                    "The {where} are encoded with another feature map than the one "
                    "under the embedding: {parameters}.",
                    where=where,
                    parameters=_difference(block["parameters"], examples.document),
                ),
                hint="Connect one feature map to both 'embedding' and 'encode'.",
                code="feature_map.mismatch",
            )


def _labels(examples: Examples, where: str) -> Array:
    if examples.document["rows"] == 0:
        raise ComponentError(
            say("The {where} have no rows.", where=where),
            hint="Check the filters and splits before this step.",
            code="examples.empty",
        )
    if "label" not in examples.arrays:
        raise ComponentError(
            say("The {where} have no label.", where=where),
            hint="Name the label column in the feature map, and encode a table that has it.",
            code="label.absent",
        )
    label = np.asarray(examples.arrays["label"], np.float32)
    check_binary(label, label_column(examples), where)
    return label


def _importance(examples: Examples, label: Array, where: str, classes: ClassWeights) -> Array:
    """Weights of the rows, scaled to a mean of 1 so that the learning rate keeps its meaning."""
    given = _weights(examples, where)
    if given is None:
        if classes.positive == 1.0:
            return np.ones(len(label), np.float32)
        given = np.ones(len(label))
    for one in (0, 1):
        if classes.positive is None and not given[label == one].any():
            raise ComponentError(
                say(
                    "All rows of label {one} in the {where} have weight 0, so the "
                    "classes cannot be levelled.",
                    one=one,
                    where=where,
                ),
                hint="Check the weight column, or turn 'balance_classes' off.",
                parameter="balance_classes",
                code="weight.invalid",
            )
    weight = classes(label, given)
    scaled: Array = (weight / weight.mean()).astype(np.float32)
    return scaled


def _weights(examples: Examples, where: str) -> Array | None:
    if "weight" not in examples.arrays:
        return None
    weight = np.asarray(examples.arrays["weight"], np.float64)
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight >= 0)))
    if len(wrong):
        row = int(wrong[0])
        raise ComponentError(
            say(
                "The weight of row {row} of the {where} is {weight:g}; weights must be 0 or more.",
                row=row + 1,
                where=where,
                weight=weight[row],
            ),
            hint="Fill or filter the weight column before encoding.",
            code="weight.invalid",
            row=row + 1,
        )
    if not weight.any():
        raise ComponentError(
            say("All weights of the {where} are 0, so no row would count.", where=where),
            hint="Check the weight column.",
            code="weight.invalid",
        )
    return weight


def _difference(embedding: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    expected, found = embedding["fields"], document["fields"]
    if expected != found:
        return f"fields {', '.join(expected)} against {', '.join(found)}"
    if embedding["feature_size"] != document["feature_size"]:
        return f"{embedding['feature_size']:,} features against {document['feature_size']:,}"
    return "same fields and number of features, other values or statistics"
