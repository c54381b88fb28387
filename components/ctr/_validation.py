"""Measure a model after every epoch on rows that it does not train on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError

from ._grouped import auc_by_group, group_auc
from ._labels import check_two_classes
from ._network import Network
from ._probability import base_rate_logloss, logloss
from ._ranking import auc, gini, levels
from ._scoring import Scorer

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

SMALLER_IS_BETTER = ("logloss", "normalised_entropy")


@dataclass(frozen=True)
class Holdout:
    """Encoded rows to validate on."""

    index: Array
    value: Array
    label: Array
    group: Array | None
    weight: Array | None = None


class Validation:
    """Scores the holdout with the weights of the moment."""

    def __init__(self, network: Network, holdout: Holdout, metric: str, column: str) -> None:
        _check(holdout, metric, column)
        self._holdout, self._metric = holdout, metric
        self._scorer = Scorer(network)

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, float]:
        """The metric by its name, and the log-loss in any case."""
        score = self._scorer(arrays, self._holdout.index, self._holdout.value)
        loss = logloss(self._holdout.label, score, self._holdout.weight)
        return {self._metric: self._measure(score, loss), "logloss": loss}

    def is_better(self, now: float, best: float | None) -> bool:
        if best is None:
            return True
        return now < best if self._metric in SMALLER_IS_BETTER else now > best

    def _measure(self, score: Array, loss: float) -> float:
        label, weight = self._holdout.label, self._holdout.weight
        match self._metric:
            case "auc":
                return _area(label, score, weight)
            case "gini_norm":
                return gini(levels(label, score, weight))
            case "normalised_entropy":
                return loss / base_rate_logloss(label, weight)
            case "group_auc":
                return _grouped(self._holdout, score)
        return loss


def _area(label: Array, score: Array, weight: Array | None) -> float:
    if weight is None:
        return auc(label, score)
    return auc_by_group(label, score, np.zeros(len(label), int), weight).mean()


def _grouped(holdout: Holdout, score: Array) -> float:
    if holdout.group is None:
        found = None
    else:
        found = group_auc(holdout.label, score, holdout.group, holdout.weight)
    if found is None:
        raise ComponentError(
            "No group of the validation examples has rows of both classes, so there is no "
            "group AUC.",
            hint="Set 'eval_metric' to auc or logloss, or choose a coarser group column.",
            parameter="eval_metric",
            code="group.single_class",
        )
    return found


def _check(holdout: Holdout, metric: str, column: str) -> None:
    if metric != "logloss":
        check_two_classes(
            holdout.label,
            column,
            "validation examples",
            hint=f"'{metric}' needs both: take more validation rows, split by stratum, or set "
            "'eval_metric' to logloss.",
            parameter="eval_metric",
        )
    if metric == "group_auc" and holdout.group is None:
        raise ComponentError(
            "'group_auc' needs a group for every row, and the validation examples have none.",
            hint="Name a group column where the examples are encoded, or choose another metric.",
            parameter="eval_metric",
            code="group.missing",
        )
