"""The numbers and curves of one scored table, and the comparison of two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ._probability import base_rate_logloss, brier, decisions, logloss
from ._ranking import (
    Levels,
    auc_difference,
    auc_interval,
    average_precision,
    gini,
    group_auc,
    kolmogorov_smirnov,
    levels,
)

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_POINTS = 100  # of a curve: more cannot be seen
_BINS = 10


def measure(label: Array, score: Array, group: Array | None, threshold: float) -> dict[str, float]:
    """Every metric of a scored table, by name."""
    at, area = levels(label, score), auc_interval(label, score)
    loss, entropy = logloss(label, score), base_rate_logloss(label)
    base_rate = float(label.mean())
    metrics = {
        "rows": len(label),
        "positives": int(label.sum()),
        "base_rate": base_rate,
        "auc": area.auc,
        "auc_standard_error": area.standard_error,
        "auc_low": area.low,
        "auc_high": area.high,
        "gini": gini(at),
        "ks": kolmogorov_smirnov(at),
        "pr_auc": average_precision(at),
        "logloss": loss,
        "base_rate_logloss": entropy,
        "normalised_entropy": loss / entropy,
        "brier": brier(label, score),
        "calibration": float(score.mean()) / base_rate,
        **decisions(label, score, threshold),
    }
    grouped = None if group is None else group_auc(label, score, group)
    return metrics if grouped is None else {**metrics, "group_auc": grouped}


def curves(label: Array, score: Array) -> dict[str, Any]:
    """Series to draw, each of at most a hundred points."""
    at = levels(label, score)
    rows, found = _from_zero(at.rows), _from_zero(at.positives)
    true_rate, false_rate = found / found[-1], (rows - found) / (rows[-1] - found[-1])
    precision = np.divide(found, rows, out=np.ones_like(found), where=rows > 0)
    gains = _spread(rows)
    return {
        "roc": _series(_spread(false_rate + true_rate), false_rate, true_rate),
        "precision_recall": _series(_spread(found)[1:], true_rate, precision),
        "gain": _series(gains, rows / rows[-1], true_rate),
        "lift": _series(gains[1:], rows / rows[-1], precision * rows[-1] / found[-1]),
        "calibration": _calibration(at),
    }


def compare(label: Array, first: Array, second: Array) -> dict[str, float]:
    """How much better `second` ranks the same rows, and how likely chance alone does that."""
    difference, error = auc_difference(label, first, second)
    margin = 1.959963984540054 * error
    sure = float(difference == 0)  # where the standard error is 0, chance has no say
    chance = math.erfc(abs(difference) / error / math.sqrt(2)) if error else sure
    return {
        "auc_difference": difference,
        "standard_error": error,
        "low": difference - margin,
        "high": difference + margin,
        "p_value": chance,
    }


def _from_zero(counts: Array) -> Array:
    total: Array = np.concatenate([[0.0], np.cumsum(counts)])
    return total


def _spread(along: Array) -> Array:
    """Positions of points that lie about evenly along a growing curve, both ends included."""
    marks = np.linspace(along[0], along[-1], _POINTS)
    last = len(along) - 1
    return np.unique(np.append(np.searchsorted(along, marks).clip(0, last), last))


def _series(positions: Array, x: Array, y: Array) -> list[list[float]]:
    return [[float(x[at]), float(y[at])] for at in positions]


def _calibration(at: Levels) -> list[dict[str, float]]:
    """Mean score against share of positives in ten bins of equal width."""
    bins = np.minimum((at.score * _BINS).astype(int), _BINS - 1)
    rows = np.bincount(bins, at.rows, _BINS)
    scores = np.bincount(bins, at.rows * at.score, _BINS)
    positives = np.bincount(bins, at.positives, _BINS)
    return [
        {
            "rows": float(rows[number]),
            "mean_score": float(scores[number] / rows[number]),
            "positive_share": float(positives[number] / rows[number]),
        }
        for number in np.flatnonzero(rows)
    ]
