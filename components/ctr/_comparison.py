"""Which of several models is better on the same rows, and whether that can be told at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ._probability import pointwise_logloss
from ._ranking import auc_difference
from ._report import FEW_POSITIVES, Scored

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_SURE = 0.05  # chance alone does as much in one of twenty comparisons
_NORMAL_975 = 1.959963984540054


def compare_all(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """Every pair of tables with the same labels in the same order, with a verdict.

    The p-values of several pairs are adjusted together (Holm), so that one false alarm among all
    of them stays as unlikely as for a single pair.
    """
    pairs = [
        (first, second)
        for first, second in combinations(scored, 2)
        if np.array_equal(first.label, second.label)
    ]
    found = [compare(first.label, first.score, second.score) for first, second in pairs]
    adjusted = holm([one["p_value"] for one in found])
    return [
        {
            "models": [first.name, second.name],
            **numbers,
            "adjusted_p_value": chance,
            **_verdict(first, second, numbers["auc_difference"], chance),
        }
        for (first, second), numbers, chance in zip(pairs, found, adjusted, strict=True)
    ]


def rank(scored: Sequence[Scored], areas: Sequence[float], compared: list[Any]) -> dict[str, Any]:
    """The models from the best AUC down, and those not distinguishable from the first.

    `reason` says why there is no ranking where there is none.
    """
    reason = _refusal(scored, compared)
    if reason is not None:
        return {"order": None, "best": None, "reason": reason}
    order = [scored[place].name for place in np.argsort(-np.asarray(areas), kind="stable")]
    level = {
        name
        for one in compared
        if one["verdict"] == "not_distinguishable" and order[0] in one["models"]
        for name in one["models"]
    }
    best = [name for name in order if name == order[0] or name in level]
    return {"order": order, "best": best, "reason": None}


def compare(label: Array, first: Array, second: Array) -> dict[str, float]:
    """How much better `second` ranks the same rows, and how likely chance alone does that."""
    difference, error = auc_difference(label, first, second)
    losses = pointwise_logloss(label, second) - pointwise_logloss(label, first)
    return {
        "auc_difference": difference,
        "standard_error": error,
        "low": difference - _NORMAL_975 * error,
        "high": difference + _NORMAL_975 * error,
        "p_value": _chance(difference, error),
        "logloss_difference": float(losses.mean()),
        "logloss_standard_error": float(losses.std(ddof=1) / len(losses) ** 0.5),
    }


def holm(chances: Sequence[float]) -> list[float]:
    """P-values adjusted for being several (Holm 1979), in the order given."""
    adjusted, largest = [1.0] * len(chances), 0.0
    for rank_, place in enumerate(np.argsort(chances, kind="stable")):
        largest = max(largest, min((len(chances) - rank_) * chances[place], 1.0))
        adjusted[place] = largest
    return adjusted


def _verdict(first: Scored, second: Scored, difference: float, chance: float) -> dict[str, Any]:
    if first.rarer < FEW_POSITIVES:
        return {"verdict": "too_few_positives", "better": None}
    if chance >= _SURE:
        return {"verdict": "not_distinguishable", "better": None}
    return {"verdict": "better", "better": (second if difference > 0 else first).name}


def _refusal(scored: Sequence[Scored], compared: list[Any]) -> str | None:
    if len(scored) < 2:
        return "one_model"
    if len(compared) < len(scored) * (len(scored) - 1) // 2:
        return "different_rows"
    return "too_few_positives" if scored[0].rarer < FEW_POSITIVES else None


def _chance(difference: float, error: float) -> float:
    """Two-sided p-value; where the standard error is 0, chance has no say."""
    return math.erfc(abs(difference) / error / math.sqrt(2)) if error else float(difference == 0)
