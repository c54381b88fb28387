"""The metrics against scikit-learn, and against identities, ties included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from components.ctr._probability import base_rate_logloss, brier, decisions, logloss
from components.ctr._ranking import (
    auc,
    auc_difference,
    auc_interval,
    average_precision,
    gini,
    group_auc,
    kolmogorov_smirnov,
    levels,
)
from components.ctr._report import compare, curves

Array = np.ndarray[Any, np.dtype[Any]]


@st.composite
def scored(draw: st.DrawFn, groups: int = 1) -> tuple[Array, Array, Array]:
    """Labels of both classes, scores with many ties, and groups."""
    rows = draw(st.integers(2, 60))
    label = np.array(draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows)), float)
    label[:2] = 0, 1
    levels_used = draw(st.sampled_from([1, 2, 5, 1000]))
    ticks = draw(st.lists(st.integers(0, levels_used), min_size=rows, max_size=rows))
    group = draw(st.lists(st.integers(0, groups - 1), min_size=rows, max_size=rows))
    return label, np.array(ticks, float) / levels_used, np.array(group)


def drawn(rows: int, seed: int = 0, ties: bool = False) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    score = random.beta(2, 4, rows)
    label = (random.random(rows) < score).astype(float)
    return label, np.round(score, 1) if ties else score


@given(scored())
def test_ranking_metrics_equal_scikit_learn(data: tuple[Array, Array, Array]) -> None:
    label, score, _ = data
    at = levels(label, score)
    assert auc(label, score) == pytest.approx(sk.roc_auc_score(label, score), abs=1e-12)
    expected = sk.average_precision_score(label, score)
    assert average_precision(at) == pytest.approx(expected, abs=1e-12)
    false_rate, true_rate, _ = sk.roc_curve(label, score, drop_intermediate=False)
    distance = np.abs(true_rate - false_rate).max()
    assert kolmogorov_smirnov(at) == pytest.approx(distance, abs=1e-12)


@given(scored())
def test_gini_is_twice_the_auc_less_one_with_ties_too(data: tuple[Array, Array, Array]) -> None:
    label, score, _ = data
    assert gini(levels(label, score)) == pytest.approx(2 * auc(label, score) - 1, abs=1e-9)


@given(scored(groups=4))
def test_group_auc_is_the_mean_of_the_groups_by_rows(data: tuple[Array, Array, Array]) -> None:
    label, score, group = data
    parts = [(label[group == one], score[group == one]) for one in np.unique(group)]
    usable = [(len(a), sk.roc_auc_score(a, b)) for a, b in parts if 0 < a.sum() < len(a)]
    found = group_auc(label, score, group)
    if not usable:
        assert found is None
    else:
        expected = np.average([area for _, area in usable], weights=[rows for rows, _ in usable])
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_probability_metrics_equal_scikit_learn(ties: bool) -> None:
    label, score = drawn(500, ties=ties)
    score = np.clip(score, 0.01, 0.99)
    assert logloss(label, score) == pytest.approx(sk.log_loss(label, score), abs=1e-12)
    assert brier(label, score) == pytest.approx(sk.brier_score_loss(label, score), abs=1e-12)
    constant = sk.log_loss(label, np.full(500, label.mean()))
    assert base_rate_logloss(label) == pytest.approx(constant, abs=1e-12)


def test_a_sure_and_wrong_score_costs_much_but_not_infinity() -> None:
    assert 30 < logloss(np.array([1.0, 0.0]), np.array([0.0, 1.0])) < 40
    assert logloss(np.array([1.0, 0.0]), np.array([1.0, 0.0])) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 1.0])
def test_decisions_equal_scikit_learn(threshold: float) -> None:
    label, score = drawn(300, ties=True)
    called = score >= threshold
    found = decisions(label, score, threshold)
    expected = {
        "accuracy": sk.accuracy_score(label, called),
        "precision": sk.precision_score(label, called, zero_division=0.0),
        "recall": sk.recall_score(label, called),
        "f1": sk.f1_score(label, called, zero_division=0.0),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)
    names = "true_negatives", "false_positives", "false_negatives", "true_positives"
    matrix = sk.confusion_matrix(label, called, labels=[False, True]).ravel()
    assert [found[name] for name in names] == matrix.tolist()


@pytest.mark.parametrize("ties", [False, True])
def test_the_standard_error_is_that_of_the_bootstrap(ties: bool) -> None:
    label, score = drawn(400, seed=1, ties=ties)
    random = np.random.default_rng(2)
    areas = []
    for _ in range(400):
        rows = random.integers(0, 400, 400)
        areas.append(auc(label[rows], score[rows]))
    found = auc_interval(label, score)
    assert found.auc == pytest.approx(auc(label, score), abs=1e-12)
    assert found.standard_error == pytest.approx(np.std(areas), rel=0.15)
    assert found.low == pytest.approx(found.auc - 1.96 * found.standard_error, abs=1e-4)
    assert found.high - found.auc == pytest.approx(found.auc - found.low, abs=1e-9)


def test_the_error_of_a_difference_counts_that_the_rows_are_the_same() -> None:
    label, score = drawn(400, seed=3)
    other = np.clip(score + np.random.default_rng(4).normal(0, 0.05, 400), 0, 1)
    random, differences = np.random.default_rng(5), []
    for _ in range(400):
        rows = random.integers(0, 400, 400)
        differences.append(auc(label[rows], other[rows]) - auc(label[rows], score[rows]))
    difference, error = auc_difference(label, score, other)
    assert difference == pytest.approx(auc(label, other) - auc(label, score), abs=1e-12)
    assert error == pytest.approx(np.std(differences), rel=0.15)
    assert error < auc_interval(label, score).standard_error


def test_a_comparison_says_how_likely_chance_alone_is() -> None:
    label, score = drawn(400, seed=3)
    noise = np.random.default_rng(4).random(400)
    assert compare(label, noise, score)["p_value"] < 1e-3
    same = compare(label, score, score)
    assert (same["auc_difference"], same["p_value"]) == (0.0, 1.0)
    turned = compare(label, score, noise)
    assert turned["auc_difference"] == -compare(label, noise, score)["auc_difference"]


@pytest.mark.parametrize("rows", [2, 5, 3000])
@pytest.mark.parametrize("ties", [False, True])
def test_curves_are_short_and_run_from_end_to_end(rows: int, ties: bool) -> None:
    label, score = drawn(rows, ties=ties)
    label[:2] = 0, 1
    found = curves(label, score)
    assert all(len(series) <= 200 for series in found.values())
    assert found["roc"][0] == found["gain"][0] == [0.0, 0.0]
    assert found["roc"][-1] == pytest.approx([1.0, 1.0])
    assert found["lift"][-1] == pytest.approx([1.0, 1.0])
    assert found["precision_recall"][-1] == pytest.approx([1.0, label.mean()])
    for name in ("roc", "gain"):
        x, y = np.array(found[name]).T
        assert (np.diff(x) >= 0).all()
        assert (np.diff(y) >= 0).all()
    assert sum(one["rows"] for one in found["calibration"]) == rows
