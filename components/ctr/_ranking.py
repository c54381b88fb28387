"""How well scores rank the positive rows above the negative ones; ties count half everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_NORMAL_975 = 1.959963984540054  # quantile of the normal distribution, for 95 % intervals


class Levels(NamedTuple):
    """Rows and positives at each distinct score, from the highest score down."""

    score: Array
    rows: Array
    positives: Array

    @property
    def negatives(self) -> Array:
        difference: Array = self.rows - self.positives
        return difference


class Area(NamedTuple):
    """An AUC and how sure it is."""

    auc: float
    standard_error: float
    low: float
    high: float


def levels(label: Array, score: Array, weight: Array | None = None) -> Levels:
    """With weights, their sums stand for the numbers of rows."""
    distinct, place = np.unique(score, return_inverse=True)
    place = place.reshape(-1)
    rows = np.bincount(place, weight, len(distinct)).astype(np.float64)
    positives = np.bincount(place, label if weight is None else label * weight, len(distinct))
    return Levels(distinct[::-1], rows[::-1], positives[::-1])


def auc(label: Array, score: Array) -> float:
    """Share of the pairs (positive, negative) that the scores put in the right order."""
    ranks = _midranks(score)
    positive = label > 0
    count, others = float(positive.sum()), float((~positive).sum())
    return float((ranks[positive].sum() - count * (count + 1) / 2) / (count * others))


def gini(at: Levels) -> float:
    """Area between the curve of gains and the diagonal, as a share of what is possible.

    The curve goes straight through a group of equal scores, so that it equals 2 * AUC - 1.
    """
    rows, positives = at.rows.sum(), at.positives.sum()
    gains = np.concatenate([[0], np.cumsum(at.positives) / positives])
    area = (at.rows / rows * (gains[1:] + gains[:-1]) / 2).sum() - 0.5
    return float(area / ((1 - positives / rows) / 2))


def kolmogorov_smirnov(at: Levels) -> float:
    """Largest distance between the score distributions of positives and negatives."""
    true_rate = np.cumsum(at.positives) / at.positives.sum()
    false_rate = np.cumsum(at.negatives) / at.negatives.sum()
    return float(np.abs(true_rate - false_rate).max())


def average_precision(at: Levels) -> float:
    """Area under the curve of precision over recall, as a sum of steps."""
    found = np.cumsum(at.positives)
    precision = found / np.cumsum(at.rows)
    return float((precision * at.positives).sum() / found[-1])


def auc_interval(label: Array, score: Array) -> Area:
    """AUC with the standard error of DeLong et al. (1988) and a 95 % interval."""
    wins, losses = _placements(label, score)
    area = float(wins.mean())
    error = float((_variance(wins) / len(wins) + _variance(losses) / len(losses)) ** 0.5)
    margin = _NORMAL_975 * error
    return Area(area, error, max(area - margin, 0.0), min(area + margin, 1.0))


def auc_difference(label: Array, first: Array, second: Array) -> tuple[float, float]:
    """AUC of `second` less that of `first` on the same rows, and its standard error."""
    a_wins, a_losses = _placements(label, first)
    b_wins, b_losses = _placements(label, second)
    variance = _variance(b_wins - a_wins) / len(a_wins)
    variance += _variance(b_losses - a_losses) / len(a_losses)
    return float(b_wins.mean() - a_wins.mean()), float(variance**0.5)


def _placements(label: Array, score: Array) -> tuple[Array, Array]:
    """For every positive the share of negatives below it, for every negative of positives above."""
    positive = label > 0
    ranks = _midranks(score)
    inside, outside = _midranks(score[positive]), _midranks(score[~positive])
    wins = (ranks[positive] - inside) / len(outside)
    losses = 1 - (ranks[~positive] - outside) / len(inside)
    return wins, losses


def _variance(values: Array) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0


def _midranks(score: Array) -> Array:
    """Rank of every score from 1, equal scores sharing the mean of theirs."""
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Array = (last - (counts - 1) / 2)[place.reshape(-1)]
    return ranks
