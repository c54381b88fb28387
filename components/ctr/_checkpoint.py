"""Write down a training every now and then, so that a lost step goes on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import canonical_json, context

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_FILE = "checkpoint.npz"
_SECONDS = 30.0  # of work that may be lost


@dataclass
class Outcome:
    """What training led to: the weights to keep, and how they came about."""

    arrays: Mapping[str, Array] = field(default_factory=dict)
    best_epoch: int = 0
    best: float | None = None
    steps: int = 0
    history: list[dict[str, float]] = field(default_factory=list)


@dataclass
class Place:
    """How far a training is: chunks of `epoch` that are done, and the sum of their losses."""

    epoch: int = 1
    chunks: int = 0
    rows: int = 0
    steps: int = 0
    loss: float = 0.0


class Checkpoints:
    """The last checkpoint of a training, in the folder that outlives a lost attempt."""

    def __init__(self, folder: Path | None, seconds: float = _SECONDS) -> None:
        self._path = folder / _FILE if folder else None
        self._seconds, self._last = seconds, time.monotonic()

    @property
    def is_due(self) -> bool:
        return self._path is not None and time.monotonic() - self._last >= self._seconds

    def save(self, place: Place, state: Mapping[str, Array], outcome: Outcome) -> None:
        """Whole or not at all: a step that is killed meanwhile leaves the one before."""
        if self._path is None:
            return
        told = asdict(outcome)
        del told["arrays"]
        words = canonical_json({"place": asdict(place), "outcome": told})
        arrays: dict[str, Any] = {f"state/{name}": array for name, array in state.items()}
        arrays |= {f"best/{name}": array for name, array in outcome.arrays.items()}
        part = self._path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, words=np.frombuffer(words, np.uint8), **arrays)
        part.rename(self._path)
        self._last = time.monotonic()

    def load(self) -> tuple[Place, dict[str, Array], Outcome] | None:
        """Where to go on; None where there is nothing to go on from."""
        if self._path is None or not self._path.exists():
            return None
        with np.load(self._path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        words = json.loads(arrays.pop("words").tobytes())
        place, outcome = Place(**words["place"]), Outcome(**words["outcome"])
        outcome.arrays = _below("best/", arrays)
        context.log.info(
            "Going on from a checkpoint: epoch %s, %s batches.", place.epoch, place.steps
        )
        return place, _below("state/", arrays), outcome


def _below(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
