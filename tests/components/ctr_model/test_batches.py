"""Every row once an epoch, in an order of its own, and the distinct features of each batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from components.ctr._batches import Data, Distinct, cut, epoch_order, prefetch

Array = np.ndarray[Any, np.dtype[Any]]


def rows(count: int, fields: int = 3, features: int = 11) -> Data:
    random = np.random.default_rng(count)
    return Data(
        index=random.integers(0, features, (count, fields)).astype(np.int32),
        value=random.random((count, fields)).astype(np.float32),
        label=np.arange(count, dtype=np.float32),
        importance=np.ones(count, np.float32),
    )


@given(arrays(np.int32, st.integers(1, 60), elements=st.integers(0, 19)))
def test_every_cell_finds_its_feature_among_the_distinct_ones(index: Array) -> None:
    unique, inverse = Distinct(20)(index)
    assert np.array_equal(unique[inverse], index)
    assert np.array_equal(np.sort(unique), np.unique(index))


@given(st.integers(1, 70), st.integers(1, 30))
def test_an_epoch_takes_every_row_once_in_the_order_given(count: int, batch_size: int) -> None:
    data, order = rows(count), epoch_order(3, 0, 1, count)
    chunks = list(cut(data, order, batch_size, Distinct(11)))
    assert np.array_equal(np.concatenate([chunk.label.ravel() for chunk in chunks]), order)
    sizes = [chunk.label.shape[1] for chunk in chunks for _ in chunk.label]
    assert sizes[:-1] == [batch_size] * (len(sizes) - 1)
    assert sizes[-1] == (count % batch_size or batch_size)


@pytest.mark.parametrize(("count", "batch_size"), [(10, 4), (8, 4), (3, 4)])
def test_a_batch_keeps_index_and_value_of_its_rows(count: int, batch_size: int) -> None:
    data, order = rows(count), epoch_order(0, 0, 1, count)
    seen = []
    for chunk in cut(data, order, batch_size, Distinct(11)):
        for number, inverse in enumerate(chunk.inverse):
            unique = chunk.unique[chunk.offsets[number] : chunk.offsets[number + 1]]
            seen.append(unique[inverse].reshape(-1, 3))
    assert np.array_equal(np.concatenate(seen), data.index[order])


def test_every_epoch_has_its_own_order_and_repeats_it() -> None:
    orders = [epoch_order(0, 0, epoch, 50) for epoch in (1, 2, 1)]
    assert np.array_equal(orders[0], orders[2])
    assert not np.array_equal(orders[0], orders[1])


def test_chunks_cut_ahead_are_the_same_chunks() -> None:
    data, order = rows(40), epoch_order(0, 0, 1, 40)
    plain = list(cut(data, order, 8, Distinct(11)))
    ahead = list(prefetch(cut(data, order, 8, Distinct(11))))
    assert all(
        np.array_equal(a, b)
        for x, y in zip(plain, ahead, strict=True)
        for a, b in zip(x, y, strict=True)
    )


def test_an_error_while_cutting_ahead_is_not_lost() -> None:
    with pytest.raises(IndexError):
        list(prefetch(cut(rows(4), np.array([9, 1, 2, 3]), 2, Distinct(11))))
