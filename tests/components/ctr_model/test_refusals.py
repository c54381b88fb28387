"""What training refuses, and the way out that it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from components.ctr.embedding import embedding
from components.ctr.fm import fm
from components.ctr.linear import linear
from components.ctr.train import train
from studio.component import ComponentError, Examples, FeatureMap, Model

from .builders import (
    deepfm,
    feature_map,
    make_examples,
    part_of,
    planted,
    quick_model,
    with_arrays,
)

pytestmark = pytest.mark.slow

DATA = planted(60, [4, 3])
LABEL = np.asarray(DATA.examples.arrays["label"])
OTHER = planted(60, [4, 4])
COUNTED = FeatureMap({**DATA.feature_map.document, "rows": 7})


def relabelled(label: Any) -> Examples:
    return with_arrays(DATA.examples, label=np.asarray(label, np.float32))


def changed(position: int, value: float) -> Examples:
    label = LABEL.copy()
    label[position] = value
    return relabelled(label)


def weighted(position: int, value: float) -> Examples:
    weight = np.ones(60, np.float32)
    weight[position] = value
    return with_arrays(DATA.examples, weight=weight)


def encoded_with(mapping: FeatureMap) -> Examples:
    arrays = DATA.examples.arrays
    return make_examples(mapping, arrays["feat_index"], arrays["feat_value"], LABEL)


REFUSED: dict[str, tuple[Examples, str, str]] = {
    "no rows": (part_of(DATA.examples, 0, 0), "examples.empty", "training examples have no rows"),
    "no label": (
        make_examples(DATA.feature_map, np.zeros((3, 2)), np.ones((3, 2)), None),
        "label.absent",
        "have no label",
    ),
    "one class": (
        relabelled(np.zeros(60)),
        "label.single_class",
        "'clicked' of the training examples has one class only: all 60 rows are 0",
    ),
    "the other class": (relabelled(np.ones(60)), "label.single_class", "all 60 rows are 1"),
    "missing label": (changed(6, np.nan), "label.missing", r"is missing in row 7; .* \(1 of 60"),
    "label of 2": (changed(2, 2.0), "label.not_binary", "is 2 in row 3"),
    "missing weight": (weighted(4, np.nan), "weight.invalid", "weight of row 5 .* is nan"),
    "negative weight": (weighted(4, -1.0), "weight.invalid", "weight of row 5 .* is -1"),
    "no weight at all": (
        with_arrays(DATA.examples, weight=np.zeros(60)),
        "weight.invalid",
        "no row would count",
    ),
    "other fields": (
        encoded_with(feature_map([4, 3], numbers=1)),
        "feature_map.mismatch",
        "fields c0, c1 against x0, c0, c1",
    ),
    "other vocabulary": (OTHER.examples, "feature_map.mismatch", "11 features against 12"),
    "other statistics": (encoded_with(COUNTED), "feature_map.mismatch", "other values or stat"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_examples_that_cannot_be_trained_on_are_refused(case: str) -> None:
    examples, code, message = REFUSED[case]
    with pytest.raises(ComponentError, match=message) as refusal:
        train(examples, deepfm(embedding(DATA.feature_map)))
    assert refusal.value.code == code
    assert refusal.value.hint


@pytest.mark.parametrize(("case", "row"), [("missing label", 7), ("missing weight", 5)])
def test_a_wrong_value_is_refused_with_its_row(case: str, row: int) -> None:
    with pytest.raises(ComponentError) as refusal:
        train(REFUSED[case][0], deepfm(embedding(DATA.feature_map)))
    assert refusal.value.row == row


@pytest.mark.parametrize("metric", [None, "gini_norm", "normalised_entropy", "group_auc"])
def test_validation_of_one_class_is_refused_where_both_are_needed(metric: Any) -> None:
    with pytest.raises(ComponentError, match="has one class only") as refusal:
        train(
            DATA.examples,
            [linear(embedding(DATA.feature_map))],
            relabelled(np.zeros(60)),
            eval_metric=metric,
        )
    assert (refusal.value.code, refusal.value.parameter) == ("label.single_class", "eval_metric")
    assert "logloss" in (refusal.value.hint or "")


def test_validation_of_one_class_is_taken_for_the_logloss() -> None:
    logits = [linear(embedding(DATA.feature_map))]
    holdout = relabelled(np.zeros(60))
    model = train(DATA.examples, logits, holdout, eval_metric="logloss", epochs=1)
    assert "validation_logloss" in model.document["training"]["history"][0]


def test_validation_with_another_feature_map_is_refused() -> None:
    with pytest.raises(ComponentError, match="The validation examples are encoded with another"):
        train(DATA.examples, [linear(embedding(DATA.feature_map))], OTHER.examples)


@pytest.mark.parametrize(
    ("groups", "code"), [(None, "group.missing"), (np.arange(60), "group.single_class")]
)
def test_group_auc_needs_groups_with_rows_of_both_classes(groups: Any, code: str) -> None:
    holdout = DATA.examples if groups is None else with_arrays(DATA.examples, group=groups)
    logits = [linear(embedding(DATA.feature_map))]
    with pytest.raises(ComponentError) as refusal:
        train(DATA.examples, logits, holdout, eval_metric="group_auc")
    assert refusal.value.code == code


def test_training_nothing_is_refused() -> None:
    with pytest.raises(ComponentError, match="No logit is connected"):
        train(DATA.examples, [])


def test_a_loss_that_is_not_a_number_stops_with_epoch_and_step() -> None:
    value = np.array(DATA.examples.arrays["feat_value"])
    value[:, 0] = 1e30
    base = embedding(DATA.feature_map, initial_stdev=1.0)
    with pytest.raises(ComponentError, match=r"epoch 1: the loss is (nan|inf) at step 1") as stop:
        train(with_arrays(DATA.examples, feat_value=value), [fm(base)], batch_size=20)
    assert (stop.value.code, stop.value.parameter) == ("training.diverged", "learning_rate")


def test_a_rate_that_is_far_too_high_stops_later_with_its_step() -> None:
    base = embedding(DATA.feature_map, initial_stdev=0.5)
    with pytest.raises(ComponentError, match=r"in epoch \d+: the loss is (nan|inf) at step \d+"):
        train(DATA.examples, [fm(base)], optimizer="sgd", learning_rate=1e9, batch_size=20)


OTHERS: dict[str, Callable[[], Model]] = {
    "its blocks are dnn, embedding, fm, linear, not embedding, fm": lambda: quick_model(
        DATA, deepfm, epochs=1
    ),
    "its 'combine' is projection": lambda: quick_model(
        DATA, lambda base: [fm(base)], epochs=1, combine="projection"
    ),
    "their settings differ": lambda: quick_model(
        DATA, lambda base: [fm(base, dropout=0.1)], epochs=1
    ),
    "its fields are c0, c1, c2, not c0, c1": lambda: quick_model(
        planted(60, [4, 3, 2]), lambda base: [fm(base)], epochs=1
    ),
}


@pytest.mark.parametrize("message", OTHERS)
def test_training_goes_on_only_from_a_model_of_the_same_blocks(message: str) -> None:
    base = embedding(DATA.feature_map, dimension=3, initial_stdev=0.3)
    with pytest.raises(ComponentError, match=message) as refusal:
        train(DATA.examples, [fm(base)], model=OTHERS[message]())
    assert refusal.value.code == "model.mismatch"


def test_a_block_of_a_newer_version_is_refused() -> None:
    base = embedding(DATA.feature_map)
    logit = fm(base)
    logit.document["blocks"][-1]["type"] = "from_the_future"
    with pytest.raises(ComponentError, match="block of type 'from_the_future'"):
        train(DATA.examples, [logit])
