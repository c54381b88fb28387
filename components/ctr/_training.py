"""Train a network epoch by epoch: shuffle, measure, stop early, keep the best weights."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError, context, say

from ._batches import Chunk, Data, Distinct, cut, epoch_order, prefetch
from ._checkpoint import Checkpoints, Outcome, Place
from ._trainer import Trainer
from ._validation import Validation

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


_TELL_SECONDS = 1.0


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


def fit(
    trainer: Trainer,
    data: Data,
    schedule: Schedule,
    validation: Validation | None,
    metric: str,
    checkpoints: Checkpoints | None = None,
) -> Outcome:
    """Train for all epochs, or until the metric has not improved for `patience` of them."""
    training = _Training(trainer, data, schedule, checkpoints or Checkpoints(None))
    outcome = training.outcome
    while training.place.epoch <= schedule.epochs:
        epoch = training.place.epoch
        if validation and epoch - 1 - outcome.best_epoch >= schedule.patience:
            break
        loss = training.run_epoch()
        _note(outcome, trainer, epoch, loss, validation, metric)
        training.end_epoch()
    if validation is None:
        outcome.arrays, outcome.steps = trainer.arrays(), trainer.steps
    return outcome


class _Training:
    """Goes through the rows, epoch by epoch, and knows how far it is."""

    def __init__(
        self, trainer: Trainer, data: Data, schedule: Schedule, checkpoints: Checkpoints
    ) -> None:
        self._trainer, self._data, self._schedule = trainer, data, schedule
        self._checkpoints, self._told = checkpoints, time.monotonic()
        self._start = trainer.steps
        self._distinct = Distinct(trainer.features)
        self.place, self.outcome = Place(), Outcome()
        kept = checkpoints.load()
        if kept is not None:
            self.place, state, self.outcome = kept
            trainer.restore(state)

    def run_epoch(self) -> float:
        """Train on every chunk that is left of the epoch; the mean loss of all its rows."""
        place, schedule = self.place, self._schedule
        order = epoch_order(schedule.seed, self._start, place.epoch, len(self._data))
        every = cut(self._data, order, schedule.batch_size, self._distinct)
        chunks = islice(every, place.chunks, None)
        for chunk in prefetch(chunks) if context.threads > 1 else chunks:
            self._run_chunk(chunk)
            if self._checkpoints.is_due:
                self._save()
        return place.loss / len(self._data)

    def end_epoch(self) -> None:
        self.place.epoch += 1
        self.place.chunks = self.place.rows = self.place.steps = 0
        self.place.loss = 0.0
        if self._checkpoints.is_due:
            self._save()

    def _run_chunk(self, chunk: Chunk) -> None:
        place, schedule = self.place, self._schedule
        work = len(self._data) * schedule.epochs * chunk.value.shape[2]
        losses = self._trainer.run(chunk, schedule.rates(place.epoch), work)
        _check_finite(losses, place.epoch, place.steps)
        place.chunks += 1
        place.steps += len(losses)
        place.rows += chunk.label.size
        place.loss += float(losses.sum(dtype=np.float64)) * chunk.label.shape[1]
        share = (place.epoch - 1 + place.rows / len(self._data)) / schedule.epochs
        context.progress(share, f"epoch {place.epoch} of {schedule.epochs}")
        if time.monotonic() - self._told > _TELL_SECONDS:  # short epochs have their own points
            context.metrics(self._trainer.steps, {"batch_loss": float(losses.mean())})
            self._told = time.monotonic()

    def _save(self) -> None:
        self._checkpoints.save(self.place, self._trainer.state(), self.outcome)


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
        say("Training went astray in epoch {epoch}: {what}.", epoch=epoch, what=what),
        hint="Lower 'learning_rate', or standardise the numeric fields in the feature map.",
        parameter="learning_rate",
        code="training.diverged",
    )
