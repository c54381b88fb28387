"""The logit of generated clicks: effects of one, of two and of three fields, each with its share.

The parts are told apart by analysis of variance. Fields are independent, and every function of a
field has mean 0 under the frequencies of its ids. So a product over two fields is uncorrelated
with every function of one, and a product over three with every function of two: an uncentred
product of three would mostly be a sum of pairs, which a factorization machine learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_SMALLEST = 3  # ids of the smallest field
_RANK = 2  # of the effects of pairs
_FADING = 6  # fields after which the strength of effects of pairs has fallen to 1/e
_TRIPLES = 2
_SMALL = 0.25  # share of the fields, the smallest, of which triples are made


@dataclass(frozen=True)
class Field:
    """Ids 0..size-1 of one field, the frequent ones first, and how frequent each is."""

    frequencies: Array

    @property
    def size(self) -> int:
        return len(self.frequencies)

    def draw(self, random: np.random.Generator, rows: int) -> Array:
        limits = np.cumsum(self.frequencies)
        ids: Array = np.searchsorted(limits[:-1], random.random(rows), side="right")
        return ids.astype(np.int32)

    def centred(self, function: Array) -> Array:
        """A function of the ids with mean 0 and variance 1 under their frequencies."""
        function = function - self.frequencies @ function
        deviation = np.sqrt(self.frequencies @ function**2)
        result: Array = function / deviation
        return result

    def balanced_signs(self, random: np.random.Generator) -> Array:
        """+1 or -1 for every id, so that both are about as frequent; centred."""
        signs, balance = np.empty(self.size), random.choice([-1e-9, 1e-9])
        for id, frequency in enumerate(self.frequencies):
            signs[id] = -1.0 if balance > 0 else 1.0
            balance += signs[id] * frequency
        return self.centred(signs)


def make_fields(count: int, vocabulary: int, zipf: float) -> list[Field]:
    """Fields from few ids to many, `vocabulary` in all; the n-th id is n^-zipf as frequent."""
    return [Field(_frequencies(size, zipf)) for size in _sizes(count, vocabulary)]


def _frequencies(size: int, zipf: float) -> Array:
    weights = 1.0 / np.arange(1, size + 1) ** zipf
    result: Array = weights / weights.sum()
    return result


def _sizes(count: int, vocabulary: int) -> list[int]:
    """Sizes that grow by one factor from field to field; the last takes what rounding left."""
    low, high = 1.0, float(vocabulary)
    for _ in range(100):
        factor = (low + high) / 2
        total = sum(min(_SMALLEST * factor**n, vocabulary) for n in range(count))
        low, high = (low, factor) if total > vocabulary else (factor, high)
    sizes = [int(_SMALLEST * low**n) for n in range(count)]
    sizes[-1] += vocabulary - sum(sizes)
    return sizes


def first_order(
    fields: Sequence[Field], ids: Sequence[Array], random: np.random.Generator
) -> Array:
    """A sum of functions of one field."""
    total = np.zeros(len(ids[0]))
    for field, column in zip(fields, ids, strict=True):
        total += field.centred(random.standard_normal(field.size))[column]
    return total


def pairwise(fields: Sequence[Field], ids: Sequence[Array], random: np.random.Generator) -> Array:
    """The sum over all pairs of fields of inner products of factors; some fields are stronger."""
    rows = len(ids[0])
    total, squares = np.zeros((_RANK, rows)), np.zeros((_RANK, rows))
    strength = random.permutation(np.exp(-np.arange(len(fields)) / _FADING))
    for field, column, strong in zip(fields, ids, strength, strict=True):
        for k in range(_RANK):
            factor = strong * field.centred(random.standard_normal(field.size))[column]
            total[k] += factor
            squares[k] += factor**2
    result: Array = ((total**2 - squares) / 2).sum(0)
    return result


def higher_order(
    fields: Sequence[Field], ids: Sequence[Array], random: np.random.Generator
) -> Array:
    """A sum of products over three fields of few ids; two products share one field at most."""
    small = max(3, round(len(fields) * _SMALL))
    order = random.permutation(small)
    total = np.zeros(len(ids[0]))
    for first in range(0, min(2 * _TRIPLES, small - 2), 2):
        product = np.ones(len(total))
        for f in order[first : first + 3]:
            product *= fields[f].balanced_signs(random)[ids[f]]
        total += product
    return total
