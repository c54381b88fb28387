"""Metrics within groups, such as users or sessions: each a value a group, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._ranking import midranks

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


class Grouped(NamedTuple):
    """A metric of every group that it exists for, and what the group counts in the mean."""

    value: Array
    weight: Array

    def mean(self, draws: Array | int = 1) -> float:
        weight = self.weight * draws
        return float((self.value * weight).sum() / weight.sum())


def auc_by_group(label: Array, score: Array, group: Array) -> Grouped:
    """The AUC within each group of both classes, weighted by rows."""
    codes = _codes(group)
    rows = np.bincount(codes).astype(np.float64)
    positives = np.bincount(codes, weights=label)
    pairs = positives * (rows - positives)
    usable = pairs > 0
    ranks = np.bincount(codes, weights=label * _ranks_within(codes, score, rows))
    areas = (ranks - positives * (positives + 1) / 2)[usable] / pairs[usable]
    return Grouped(areas, rows[usable])


def group_auc(label: Array, score: Array, group: Array) -> float | None:
    """Mean of the AUC within each group, weighted by rows; groups of one class left out."""
    grouped = auc_by_group(label, score, group)
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
    new = np.concatenate([[True], (np.diff(codes) != 0) | (np.diff(score) != 0)])
    run = np.cumsum(new) - 1
    mean: Array = (np.bincount(run, weights=discount) / np.bincount(run))[run]
    return mean


def _ranks_within(codes: Array, score: Array, rows: Array) -> Array:
    """Midranks of the scores, counted from 1 in every group anew."""
    _, places = np.unique(score, return_inverse=True)
    ranks = midranks(codes.astype(np.int64) * (len(score) + 1) + places.reshape(-1))
    before = np.concatenate([[0], np.cumsum(rows)[:-1]])
    within: Array = ranks - before[codes]
    return within
