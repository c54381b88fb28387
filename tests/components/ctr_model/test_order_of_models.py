"""On clicks with known probabilities each model finds what it can, and DeepFM the most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks import deepctr, order
from benchmarks.accuracy import differences
from components.ctr._ranking import auc

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def compared() -> Any:
    """Labels, true probabilities and scores of a seed on which no setting was chosen."""
    prepared = order.make(1)
    truth = prepared.test["__probability__"].to_numpy()
    return prepared.label, truth, order.test_scores(prepared, 1)


def test_fm_is_better_than_a_linear_model_and_deepfm_than_fm(compared: Any) -> None:
    label, _, scores = compared
    for pair in (("LR", "FM"), ("FM", "DeepFM")):
        difference, margin = differences(label, scores)[pair]
        assert difference > margin, pair


def test_a_dnn_is_not_above_deepfm(compared: Any) -> None:
    label, _, scores = compared
    difference, margin = differences(label, scores)["DNN", "DeepFM"]
    assert difference > -margin


def test_no_model_is_above_the_true_probabilities(compared: Any) -> None:
    label, truth, scores = compared
    assert all(auc(label, one) < auc(label, truth) for one in scores.values())


def test_deepctr_reaches_the_same_area_within_the_spread_of_seeds() -> None:
    found = deepctr.compare(deepctr.ROWS)
    difference = np.mean(found["ours"]) - np.mean(found["DeepCTR"])
    spread = max(np.std(areas, ddof=1) for areas in found.values())
    assert abs(difference) < 2 * spread
