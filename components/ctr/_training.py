"""Train a network epoch by epoch: shuffle, measure, stop early, keep the best weights."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError, context

from ._batches import Chunk, Data, Distinct, cut, epoch_order, prefetch
from ._trainer import Trainer
from ._validation import Validation

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Schedule:
    """How long to train, and how fast."""

    epochs: int
    batch_size: int
    learning_rate: float
    embedding_learning_rate: float
    learning_rate_decay: float
    patience: int
    seed: int

    def rates(self, epoch: int) -> tuple[float, float]:
        share = self.learning_rate_decay ** (epoch - 1)
        return self.learning_rate * share, self.embedding_learning_rate * share


@dataclass
class Outcome:
    """What training led to: the weights to keep, and how they came about."""

    arrays: Mapping[str, Array] = field(default_factory=dict)
    best_epoch: int = 0
    best: float | None = None
    steps: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


def fit(
    trainer: Trainer, data: Data, schedule: Schedule, validation: Validation | None, metric: str
) -> Outcome:
    """Train for all epochs, or until the metric has not improved for `patience` of them."""
    outcome = Outcome()
    distinct = Distinct(trainer.features)
    start = trainer.steps
    for epoch in range(1, schedule.epochs + 1):
        order = epoch_order(schedule.seed, start, epoch, len(data))
        chunks = cut(data, order, schedule.batch_size, distinct)
        loss = _run_epoch(trainer, chunks, schedule, epoch, len(data))
        _note(outcome, trainer, epoch, loss, validation, metric)
        if validation and epoch - outcome.best_epoch >= schedule.patience:
            break
    if validation is None:
        outcome.arrays, outcome.steps = trainer.arrays(), trainer.steps
    return outcome


def _run_epoch(
    trainer: Trainer, chunks: Iterator[Chunk], schedule: Schedule, epoch: int, rows: int
) -> float:
    """Train on every chunk; the mean loss of the rows."""
    total, done, step = 0.0, 0, 0
    for chunk in prefetch(chunks) if context.threads > 1 else chunks:
        work = rows * schedule.epochs * chunk.value.shape[2]
        losses = trainer.run(chunk, schedule.rates(epoch), work)
        _check_finite(losses, epoch, step)
        step += len(losses)
        done += chunk.label.size
        total += float(losses.sum(dtype=np.float64)) * chunk.label.shape[1]
        share = (epoch - 1 + done / rows) / schedule.epochs
        context.progress(share, f"epoch {epoch} of {schedule.epochs}")
    return total / rows


def _note(
    outcome: Outcome,
    trainer: Trainer,
    epoch: int,
    loss: float,
    validation: Validation | None,
    metric: str,
) -> None:
    """Add the epoch to the history; keep its weights if they are the best so far."""
    curves: dict[str, float] = {}
    if validation is None:
        outcome.best_epoch = epoch
    else:
        arrays = trainer.arrays()
        measured = validation(arrays)
        curves = {f"validation_{name}": value for name, value in measured.items()}
        _check_scores(measured, epoch)
        if validation.is_better(measured[metric], outcome.best):
            outcome.best, outcome.best_epoch = measured[metric], epoch
            outcome.arrays, outcome.steps = arrays, trainer.steps
    outcome.history.append({"epoch": epoch, "loss": loss, **curves})
    context.metrics(epoch, {"loss": loss, **curves})


def _check_scores(measured: Mapping[str, float], epoch: int) -> None:
    if not all(map(math.isfinite, measured.values())):
        raise _diverged(epoch, "the validation scores are not numbers any more")


def _check_finite(losses: Array, epoch: int, before: int) -> None:
    wrong = np.flatnonzero(~np.isfinite(losses))
    if len(wrong):
        step = before + int(wrong[0]) + 1
        raise _diverged(epoch, f"the loss is {losses[wrong[0]]} at step {step} of the epoch")


def _diverged(epoch: int, what: str) -> ComponentError:
    return ComponentError(
        f"Training went astray in epoch {epoch}: {what}.",
        hint="Lower 'learning_rate', or standardise the numeric fields in the feature map.",
        parameter="learning_rate",
        code="training.diverged",
    )
