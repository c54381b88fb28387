"""How good scores are as probabilities, and as decisions at a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_EDGE = 1e-15  # a sure and wrong score costs 34.5, not infinity


def pointwise_logloss(label: Array, score: Array) -> Array:
    """Negative log-likelihood of every row, in nats."""
    clipped = np.clip(score.astype(np.float64), _EDGE, 1 - _EDGE)
    losses: Array = -(label * np.log(clipped) + (1 - label) * np.log1p(-clipped))
    return losses


def logloss(label: Array, score: Array, weight: Array | None = None) -> float:
    """Mean negative log-likelihood, in nats."""
    return float(np.average(pointwise_logloss(label, score), weights=weight))


def base_rate_logloss(label: Array, weight: Array | None = None) -> float:
    """Log-loss of the best constant: the entropy of the base rate."""
    rate = np.average(label.astype(np.float64), weights=weight)
    return logloss(label, np.full(len(label), rate), weight)


def brier(label: Array, score: Array) -> float:
    return float(np.mean(np.square(score - label)))


def of_levels(score: Array, rows: Array, positives: Array) -> dict[str, float]:
    """Log-loss, normalised entropy, Brier score and calibration of rows counted by score."""
    total, rate = rows.sum(), positives.sum() / rows.sum()
    clipped = np.clip(score, _EDGE, 1 - _EDGE)
    losses = positives * np.log(clipped) + (rows - positives) * np.log1p(-clipped)
    loss = -losses.sum() / total
    entropy = -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate))
    squares = positives * np.square(1 - score) + (rows - positives) * np.square(score)
    found = {
        "logloss": loss,
        "normalised_entropy": loss / entropy,
        "brier": squares.sum() / total,
        "calibration": (score * rows).sum() / positives.sum(),
    }
    return {name: float(value) for name, value in found.items()}


def decisions(label: Array, score: Array, threshold: float) -> dict[str, float]:
    """Confusion matrix and its ratios; a row is called positive from the threshold up."""
    called, positive = score >= threshold, label > 0
    true_positives = int((called & positive).sum())
    false_positives = int((called & ~positive).sum())
    false_negatives = int((~called & positive).sum())
    true_negatives = len(label) - true_positives - false_positives - false_negatives
    return {
        "accuracy": (true_positives + true_negatives) / len(label),
        "precision": _ratio(true_positives, true_positives + false_positives),
        "recall": _ratio(true_positives, true_positives + false_negatives),
        "f1": _ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives),
        "true_positives": true_positives,
        "false_positives": false_positives,
        "true_negatives": true_negatives,
        "false_negatives": false_negatives,
    }


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
