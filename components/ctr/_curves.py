"""The curves of one scored table: short series to draw, exact at every point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._ranking import Levels

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_POINTS = 200  # of a curve: more cannot be seen
_CALIBRATION_BINS = 10
_HISTOGRAM_BINS = 50


def curves(at: Levels) -> dict[str, Any]:
    """Series of at most 200 points each, by name; docs/report.md says what stands in them."""
    rows, found = _from_zero(at.rows), _from_zero(at.positives)
    true_rate, false_rate = found / found[-1], (rows - found) / (rows[-1] - found[-1])
    precision = np.divide(found, rows, out=np.ones_like(found), where=rows > 0)
    share, gains = rows / rows[-1], _spread(rows)
    return {
        "roc": _series(_spread(false_rate + true_rate), false_rate, true_rate),
        "precision_recall": _series(_spread(found)[1:], true_rate, precision),
        "gain": _series(gains, share, true_rate),
        "lift": _series(gains[1:], share, precision * rows[-1] / found[-1]),
        "ks": _series(gains, share, true_rate, false_rate),
        "calibration": _calibration(at),
        "histogram": _histogram(at),
    }


def decisions_by_threshold(at: Levels) -> dict[str, list[float]]:
    """Confusion matrices from the highest threshold down, one column a list.

    A row is called positive from the threshold up; each threshold is a score that occurs.
    """
    places = _spread(_from_zero(at.rows))[1:] - 1
    called, found = np.cumsum(at.rows)[places], np.cumsum(at.positives)[places]
    rows, positives = at.rows.sum(), at.positives.sum()
    columns = {
        "threshold": at.score[places],
        "true_positives": found,
        "false_positives": called - found,
        "true_negatives": rows - positives - (called - found),
        "false_negatives": positives - found,
        "precision": found / called,
        "recall": found / positives,
        "f1": 2 * found / (called + positives),
        "accuracy": (rows - positives - called + 2 * found) / rows,
    }
    return {name: [float(value) for value in column] for name, column in columns.items()}


def _from_zero(counts: Array) -> Array:
    total: Array = np.concatenate([[0.0], np.cumsum(counts)])
    return total


def _spread(along: Array) -> Array:
    """Positions of points that lie about evenly along a growing curve, both ends included."""
    marks = np.linspace(along[0], along[-1], _POINTS)
    last = len(along) - 1
    return np.unique(np.append(np.searchsorted(along, marks).clip(0, last), last))


def _series(positions: Array, *columns: Array) -> list[list[float]]:
    return [[float(column[at]) for column in columns] for at in positions]


def _calibration(at: Levels) -> list[dict[str, float]]:
    """Mean score against share of positives in ten bins of about equally many rows.

    Of equal width, nearly all rows of a table of clicks would lie in the first bin.
    """
    middle = np.cumsum(at.rows) - at.rows / 2
    bins = (middle / at.rows.sum() * _CALIBRATION_BINS).astype(int)
    rows = np.bincount(bins, at.rows, _CALIBRATION_BINS)
    scores = np.bincount(bins, at.rows * at.score, _CALIBRATION_BINS)
    positives = np.bincount(bins, at.positives, _CALIBRATION_BINS)
    return [
        {
            "rows": float(rows[number]),
            "mean_score": float(scores[number] / rows[number]),
            "positive_share": float(positives[number] / rows[number]),
        }
        for number in np.flatnonzero(rows)[::-1]
    ]


def _histogram(at: Levels) -> list[list[float]]:
    """Rows of each class by score, in fifty bins of equal width over the scores that occur."""
    low, high = float(at.score[-1]), float(at.score[0])
    edges = np.linspace(low, high if high > low else low + 1e-9, _HISTOGRAM_BINS + 1)
    bins = np.clip(np.searchsorted(edges, at.score, side="right") - 1, 0, _HISTOGRAM_BINS - 1)
    counts = [np.bincount(bins, one, _HISTOGRAM_BINS) for one in (at.positives, at.negatives)]
    return _series(np.arange(_HISTOGRAM_BINS), edges[:-1], edges[1:], *counts)
