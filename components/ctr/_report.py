"""All that is told of one scored table: its metrics, their intervals, its curves and slices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._curves import curves, decisions_by_threshold
from ._grouped import Grouped, auc_by_group, ndcg_by_group
from ._intervals import Intervals, grouped_intervals, intervals
from ._probability import base_rate_logloss, brier, decisions, logloss
from ._ranking import (
    Area,
    Levels,
    auc_interval,
    average_precision,
    gini,
    kolmogorov_smirnov,
    levels,
)
from ._slices import Slicing, slices

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

FEW_POSITIVES = 50  # below, differences between models are mostly chance


class Scored(NamedTuple):
    """The rows of a scored table, as columns of one length."""

    name: str
    label: Array
    score: Array
    group: Array | None = None
    slicing: Slicing | None = None

    @property
    def rarer(self) -> int:
        """Rows of the rarer class."""
        positives = int(self.label.sum())
        return min(positives, len(self.label) - positives)


class Asked(NamedTuple):
    """What a report shall tell."""

    threshold: float = 0.5
    ndcg_at: int = 10
    rounds: int = 200
    seed: int = 0


def describe(scored: Scored, asked: Asked) -> dict[str, Any]:
    """The entry of a scored table in the report; docs/report.md says what stands in it."""
    at, area = levels(scored.label, scored.score), auc_interval(scored.label, scored.score)
    grouped = _grouped(scored, asked.ndcg_at)
    means = {name: one.mean() for name, one in grouped.items()}
    entry: dict[str, Any] = {
        "name": scored.name,
        "metrics": {**measure(scored, at, area, asked.threshold), **means},
        "intervals": _intervals(at, area, grouped, asked),
        "curves": curves(at),
        "thresholds": decisions_by_threshold(at),
    }
    if scored.slicing is not None:
        entry["slices"] = slices(scored.label, scored.score, scored.slicing)
    return entry


def measure(scored: Scored, at: Levels, area: Area, threshold: float) -> dict[str, float]:
    """Every metric of the rows, by name."""
    label, score = scored.label, scored.score
    loss, entropy = logloss(label, score), base_rate_logloss(label)
    base_rate = float(label.mean())
    return {
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


def _grouped(scored: Scored, k: int) -> dict[str, Grouped]:
    """Metrics within groups, those that exist."""
    if scored.group is None:
        return {}
    found = {
        "group_auc": auc_by_group(scored.label, scored.score, scored.group),
        f"ndcg_at_{k}": ndcg_by_group(scored.label, scored.score, scored.group, k),
    }
    return {name: grouped for name, grouped in found.items() if len(grouped.value)}


def _intervals(at: Levels, area: Area, grouped: dict[str, Grouped], asked: Asked) -> Intervals:
    """DeLong's for the AUC and what is made of it, a bootstrap for the others."""
    return {
        "auc": [area.low, area.high],
        "gini": [2 * area.low - 1, 2 * area.high - 1],
        **intervals(at, asked.rounds, asked.seed),
        **grouped_intervals(grouped, asked.rounds, asked.seed),
    }
