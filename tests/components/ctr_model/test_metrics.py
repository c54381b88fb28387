"""The metrics against scikit-learn, and against identities, ties included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from components.ctr._comparison import compare, holm
from components.ctr._curves import curves, decisions_by_threshold
from components.ctr._grouped import auc_by_group, group_auc, ndcg_by_group
from components.ctr._intervals import grouped_intervals, intervals
from components.ctr._probability import (
    base_rate_logloss,
    brier,
    decisions,
    logloss,
    of_levels,
)
from components.ctr._ranking import (
    auc,
    auc_difference,
    auc_interval,
    average_precision,
    gini,
    kolmogorov_smirnov,
    levels,
)

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


@given(scored(groups=3), st.integers(0, 2**20))
def test_a_row_of_weight_two_counts_like_two_rows(
    data: tuple[Array, Array, Array], seed: int
) -> None:
    label, score, group = data
    weight = np.random.default_rng(seed).integers(1, 4, len(label))
    repeated = [np.repeat(part, weight) for part in (label, score, group)]
    found = levels(label, score, weight.astype(float))
    assert gini(found) == pytest.approx(gini(levels(*repeated[:2])), abs=1e-9)
    assert logloss(label, score, weight) == pytest.approx(logloss(*repeated[:2]), abs=1e-9)
    entropy = base_rate_logloss(label, weight)
    assert entropy == pytest.approx(base_rate_logloss(repeated[0]), abs=1e-9)
    expected = group_auc(*repeated)
    assert group_auc(label, score, group, weight) == (
        None if expected is None else pytest.approx(expected, abs=1e-12)
    )
    whole = auc_by_group(label, score, np.zeros(len(label)), weight).mean()
    assert whole == pytest.approx(auc(*repeated[:2]), abs=1e-12)


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
    found = curves(levels(label, score))
    assert all(len(series) <= 400 for series in found.values())
    assert found["roc"][0] == found["gain"][0] == [0.0, 0.0]
    assert found["roc"][-1] == pytest.approx([1.0, 1.0])
    assert found["lift"][-1] == pytest.approx([1.0, 1.0])
    assert found["precision_recall"][-1] == pytest.approx([1.0, label.mean()])
    for name in ("roc", "gain", "ks"):
        steps = np.diff(np.array(found[name]), axis=0)
        assert (steps >= 0).all()
    assert sum(one["rows"] for one in found["calibration"]) == rows
    histogram = np.array(found["histogram"])
    assert histogram[:, 2].sum() == label.sum()
    assert histogram[:, 3].sum() == rows - label.sum()
    assert (histogram[0, 0], histogram[-1, 1]) == pytest.approx((score.min(), score.max()))


def test_the_largest_gap_of_the_ks_curve_is_the_ks() -> None:
    label, score = drawn(150)
    at = levels(label, score)
    gaps = [abs(true - false) for _, true, false in curves(at)["ks"]]
    assert max(gaps) == pytest.approx(kolmogorov_smirnov(at), abs=1e-12)


@pytest.mark.parametrize("rows", [2, 40, 3000])
def test_the_table_of_thresholds_has_the_confusion_matrix_of_each(rows: int) -> None:
    label, score = drawn(rows)
    label[:2] = 0, 1
    table = decisions_by_threshold(levels(label, score))
    assert len({len(column) for column in table.values()}) == 1
    assert len(table["threshold"]) <= 200
    assert table["recall"][-1] == 1
    for place in range(0, len(table["threshold"]), 7):
        expected = decisions(label, score, table["threshold"][place])
        found = {name: table[name][place] for name in expected}
        assert found == pytest.approx(expected, abs=1e-12)


@given(scored())
def test_rows_counted_by_score_have_the_same_metrics(data: tuple[Array, Array, Array]) -> None:
    label, score, _ = data
    found = of_levels(*levels(label, score))
    assert found["logloss"] == pytest.approx(logloss(label, score), abs=1e-9)
    expected = logloss(label, score) / base_rate_logloss(label)
    assert found["normalised_entropy"] == pytest.approx(expected, abs=1e-9)
    assert found["brier"] == pytest.approx(brier(label, score), abs=1e-9)
    assert found["calibration"] == pytest.approx(score.sum() / label.sum(), abs=1e-9)


@given(scored(groups=4), st.integers(1, 12))
def test_ndcg_is_scikit_learns_mean_over_the_groups(
    data: tuple[Array, Array, Array], k: int
) -> None:
    label, score, group = data
    expected = [
        sk.ndcg_score([label[group == one]], [score[group == one]], k=k)
        for one in np.unique(group)
        if (group == one).sum() > 1 and label[group == one].any()
    ]
    alone = [one for one in np.unique(group) if (group == one).sum() == 1]
    expected += [1.0 for one in alone if label[group == one].any()]
    found = ndcg_by_group(label, score, group, k)
    assert found.mean() == pytest.approx(np.mean(expected), abs=1e-9)


def test_bootstrap_intervals_are_as_wide_as_those_of_drawing_rows() -> None:
    label, score = drawn(600, seed=1)
    random, drawn_metrics = np.random.default_rng(2), []
    for _ in range(400):
        rows = random.integers(0, 600, 600)
        drawn_metrics.append(of_levels(*levels(label[rows], score[rows])))
    found = intervals(levels(label, score), 400, seed=3)
    for name in ("logloss", "normalised_entropy", "brier", "calibration"):
        low, high = np.percentile([one[name] for one in drawn_metrics], [2.5, 97.5])
        assert found[name][1] - found[name][0] == pytest.approx(high - low, rel=0.2)
        assert found[name][0] == pytest.approx(low, abs=0.2 * (high - low))
    assert found["pr_auc"][0] < average_precision(levels(label, score)) < found["pr_auc"][1]
    assert intervals(levels(label, score), 20, seed=3) == intervals(levels(label, score), 20, 3)


def test_scores_taken_together_leave_the_intervals_as_they_are() -> None:
    label, score = drawn(30_000)
    fine, rough = (intervals(levels(label, one), 50, 0) for one in (score, np.round(score, 3)))
    for name in ("pr_auc", "ks", "logloss"):
        assert fine[name] == pytest.approx(rough[name], abs=0.003)


def test_intervals_within_groups_draw_whole_groups() -> None:
    label, score = drawn(4000)
    group = np.arange(4000) // 20
    grouped = auc_by_group(label, score, group)
    (interval,) = grouped_intervals({"group_auc": grouped}, 400, 0).values()
    error = grouped.value.std() / len(grouped.value) ** 0.5
    assert interval[1] - interval[0] == pytest.approx(2 * 1.96 * error, rel=0.2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_adjusted_p_values_are_at_most_bonferronis_and_keep_their_order(
    chances: list[float],
) -> None:
    adjusted = holm(chances)
    assert min(adjusted) == pytest.approx(min(min(chances) * len(chances), 1))
    for chance, found in zip(chances, adjusted, strict=True):
        assert chance <= found <= min(chance * len(chances), 1) + 1e-12
    order = np.argsort(chances, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()
