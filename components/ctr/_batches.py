"""Cut shuffled rows into batches, each with the features that occur in it, ready for the loop.

A batch says which features occur (`unique`) and which of them stands in every cell (`inverse`):
finding both takes four passes over the cells in NumPy, a fifth of the time of `tf.unique`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_CELLS = 4_000_000  # cells (rows x fields) of a chunk: about 64 MB while it waits


@dataclass(frozen=True)
class Data:
    """Encoded rows; `importance` has mean 1."""

    index: Array  # int32 (n, F)
    value: Array  # float32 (n, F)
    label: Array  # float32 (n,)
    importance: Array  # float32 (n,)

    def __len__(self) -> int:
        return len(self.label)


class Chunk(NamedTuple):
    """Some batches of b rows: what one call of the loop trains on."""

    value: Array  # (batches, b, F)
    label: Array  # (batches, b)
    importance: Array  # (batches, b)
    inverse: Array  # (batches, b * F), positions in the batch's part of `unique`
    unique: Array  # features, batch after batch
    offsets: Array  # (batches + 1,), where the part of each batch begins


class Distinct:
    """Finds the distinct features of a batch, in time linear in its cells."""

    def __init__(self, features: int) -> None:
        self._place = np.zeros(features, np.int32)

    def __call__(self, index: Array) -> tuple[Array, Array]:
        """Features that occur in the flat `index`, and for every cell the place of its own."""
        cells = np.arange(len(index), dtype=np.int32)
        self._place[index] = cells
        unique = index[self._place[index] == cells]  # one cell of every feature has the last word
        self._place[unique] = cells[: len(unique)]
        return unique, self._place[index]


def epoch_order(seed: int, start: int, epoch: int, rows: int) -> Array:
    """The order of the rows in an epoch of a training that begins at step `start`."""
    return np.random.default_rng([seed, start, epoch]).permutation(rows)


def cut(data: Data, order: Array, batch_size: int, distinct: Distinct) -> Iterator[Chunk]:
    """All rows in the order given; the last, smaller batch is a chunk of its own."""
    whole = len(order) // batch_size * batch_size
    batches = max(1, _CELLS // (batch_size * data.index.shape[1]))
    for first in range(0, whole, batches * batch_size):
        rows = order[first : min(first + batches * batch_size, whole)]
        yield _chunk(data, rows, batch_size, distinct)
    if whole < len(order):
        yield _chunk(data, order[whole:], len(order) - whole, distinct)


def prefetch(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next one being cut while one is trained on."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, chunks, None)
        while (chunk := waiting.result()) is not None:
            waiting = pool.submit(next, chunks, None)
            yield chunk


def _chunk(data: Data, rows: Array, batch_size: int, distinct: Distinct) -> Chunk:
    batches = len(rows) // batch_size
    index = data.index[rows].reshape(batches, -1)
    parts = [distinct(cells) for cells in index]
    sizes = [len(unique) for unique, _ in parts]
    return Chunk(
        value=data.value[rows].reshape(batches, batch_size, -1),
        label=data.label[rows].reshape(batches, batch_size),
        importance=data.importance[rows].reshape(batches, batch_size),
        inverse=np.stack([inverse for _, inverse in parts]),
        unique=np.concatenate([unique for unique, _ in parts]),
        offsets=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
    )
