"""How sure a metric is: 95 % intervals by a bootstrap over the rows, or over the groups.

A row is drawn as often as a Poisson variable of mean 1 says; so the rows of one score and class
are drawn together, and a round costs as much as there are distinct scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._grouped import Grouped
from ._probability import of_levels
from ._ranking import Levels, average_precision, kolmogorov_smirnov

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_LEVELS = 10_000  # scores closer to one another than that are taken together
_BOUNDS = (2.5, 97.5)

Intervals = dict[str, list[float]]


def intervals(at: Levels, rounds: int, seed: int) -> Intervals:
    """Low and high of every metric that rows decide one by one, by its name."""
    coarse, random = _coarsen(at), np.random.default_rng(seed)
    drawn: list[Mapping[str, float]] = []
    while len(drawn) < rounds:
        positives, negatives = random.poisson(coarse.positives), random.poisson(coarse.negatives)
        rows = positives + negatives
        if 0 < positives.sum() < rows.sum():
            there = rows > 0
            drawn.append(_measure(Levels(coarse.score[there], rows[there], positives[there])))
    names = drawn[0] if drawn else ()
    return {name: _bounds([one[name] for one in drawn]) for name in names}


def grouped_intervals(metrics: Mapping[str, Grouped], rounds: int, seed: int) -> Intervals:
    """The same of metrics that are a mean over groups: whole groups are drawn."""
    random = np.random.default_rng(seed)
    found: Intervals = {}
    for name, grouped in metrics.items():
        draws = random.poisson(1.0, (rounds, len(grouped.value)))
        means = [grouped.mean(draw) for draw in draws if (draw * grouped.weight).any()]
        if means:
            found[name] = _bounds(means)
    return found


def _measure(at: Levels) -> dict[str, float]:
    return {
        "pr_auc": average_precision(at),
        "ks": kolmogorov_smirnov(at),
        **of_levels(at.score, at.rows, at.positives),
    }


def _bounds(values: list[float]) -> list[float]:
    return [float(bound) for bound in np.percentile(values, _BOUNDS)]


def _coarsen(at: Levels) -> Levels:
    """The same rows with neighbouring scores taken together, at their mean."""
    if len(at.score) <= _LEVELS:
        return at
    places = (np.arange(len(at.score)) * _LEVELS // len(at.score)).astype(int)
    rows, positives, scores = (
        np.bincount(places, values) for values in (at.rows, at.positives, at.score * at.rows)
    )
    return Levels(scores / rows, rows, positives)
