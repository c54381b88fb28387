"""Metrics within groups, such as users or sessions: each a value a group, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


class Grouped(NamedTuple):
    """A metric of every group that it exists for, and what the group counts in the mean."""

    value: Array
    weight: Array

    def mean(self, draws: Array | int = 1) -> float:
        weight = self.weight * draws
        return float((self.value * weight).sum() / weight.sum())


def auc_by_group(label: Array, score: Array, group: Array, weight: Array | None = None) -> Grouped:
    """The AUC within each group of both classes, weighted by rows or by their weights.

    Sorted by score, every positive wins against the negatives before it, and half against those
    of its own score.
    """
    codes = _codes(group)
    order = np.lexsort((score, codes))
    codes, score, label = codes[order], score[order], label[order]
    weight = np.ones(len(label)) if weight is None else weight[order]
    runs = _runs(codes, score)
    positive, negative = (np.bincount(runs, weight * one) for one in (label, 1 - label))
    before = np.cumsum(negative) - negative
    group_of_run = codes[np.unique(runs, return_index=True)[1]]
    first = np.unique(group_of_run, return_index=True)[1]
    wins = positive * (before - before[first][group_of_run] + negative / 2)
    pairs = np.bincount(group_of_run, positive) * np.bincount(group_of_run, negative)
    usable = pairs > 0
    areas = np.bincount(group_of_run, wins)[usable] / pairs[usable]
    return Grouped(areas, np.bincount(codes, weight)[usable])


def group_auc(
    label: Array, score: Array, group: Array, weight: Array | None = None
) -> float | None:
    """Mean of the AUC within each group, weighted by rows; groups of one class left out."""
    grouped = auc_by_group(label, score, group, weight)
    return grouped.mean() if len(grouped.value) else None


def ndcg_by_group(label: Array, score: Array, group: Array, k: int) -> Grouped:
    """NDCG of the first k rows of each group with a positive; each group counts once.

    Rows of equal score share the mean of their places' discounts, so that their order in the
    table does not matter.
    """
    codes = _codes(group)
    order = np.lexsort((-score, codes))
    codes, score, label = codes[order], score[order], label[order]
    rows = np.bincount(codes)
    first = np.concatenate([[0], np.cumsum(rows)[:-1]])
    place = np.arange(len(codes)) - first[codes]
    discount = np.where(place < k, 1 / np.log2(place + 2), 0.0)
    gain = np.bincount(codes, weights=label * _shared(discount, codes, score))
    positives = np.bincount(codes, weights=label).astype(int)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(k) + 2))])
    usable = positives > 0
    best = ideal[np.minimum(positives[usable], k)]
    return Grouped(gain[usable] / best, np.ones(int(usable.sum())))


def _codes(group: Array) -> Array:
    codes: Array = np.unique(group, return_inverse=True)[1].reshape(-1)
    return codes


def _shared(discount: Array, codes: Array, score: Array) -> Array:
    """The mean discount of each run of rows of one group and one score, for each of its rows."""
    run = _runs(codes, score)
    mean: Array = (np.bincount(run, weights=discount) / np.bincount(run))[run]
    return mean


def _runs(codes: Array, score: Array) -> Array:
    """A number for every run of rows of one group and one score, in rows that are sorted so."""
    new = np.concatenate([[True], (np.diff(codes) != 0) | (np.diff(score) != 0)])
    runs: Array = np.cumsum(new) - 1
    return runs
