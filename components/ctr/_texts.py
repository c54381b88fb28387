"""Texts that stand for several values: cells of items, and values of crossed columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studio.component import ComponentError, say

from ._fields import JOINT, Counts, columns_of

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

# A pyarrow.StringArray; the stubs know too little to be of help.
Texts = Any


class Items(NamedTuple):
    """All items of some cells, cell by cell, in the order of the cell."""

    cell: Array  # int64 (m,), which cell each item stands in
    text: Texts  # (m,)
    weight: Array  # float64 (m,), 1 where no weights are written

    def sizes(self, cells: int) -> Array:
        """How many items each cell has."""
        return np.bincount(self.cell, minlength=cells)


def split_cells(cells: Texts, field: Mapping[str, Any], missing: Collection[str]) -> Items:
    """Items between separators; empty ones, and those that mean missing, are left out."""
    lists = pc.split_pattern(cells, field["separator"])
    cell = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
    text = pc.list_flatten(lists)
    weight = np.ones(len(text))
    if field["weight_separator"] is not None:
        text, weight = _weighted(text, field)
    kept = ~np.asarray(pc.is_in(text, value_set=pa.array(["", *missing], pa.string())))
    return Items(cell[kept], text.filter(pa.array(kept)), weight[kept])


def _weighted(items: Texts, field: Mapping[str, Any]) -> tuple[Texts, Array]:
    """Before the last weight separator the text, after it the weight; 1 where there is none."""
    mark = field["weight_separator"]
    parts: Texts = pc.split_pattern(items, mark, max_splits=1, reverse=True)
    written = pa.array(np.asarray(pc.list_value_length(parts)) == 2)
    last: Texts = pc.list_element(pc.if_else(written, parts, pa.scalar(["", "1"])), 1)
    try:
        weight = np.asarray(pc.utf8_trim_whitespace(last).cast(pa.float64()))
    except pa.ArrowInvalid as error:
        raise _no_weight(field, str(error)) from error
    if not (weight >= 0).all() or np.isinf(weight).any():
        raise _no_weight(field, "a weight is a finite number, 0 or more")
    return pc.list_element(parts, 0), weight


def _no_weight(field: Mapping[str, Any], why: str) -> ComponentError:
    return ComponentError(
        say(
            "Column {field!r} has an item whose weight cannot be read: {why}.",
            field=columns_of(field)[0],
            why=why,
        ),
        hint=say(
            "Write items as text{weight_separator}weight, or without weights.",
            weight_separator=field["weight_separator"],
        ),
        parameter="weight_separator",
        code="column.weight",
    )


def count_items(
    counts: Counts, field: Mapping[str, Any], missing: Collection[str]
) -> tuple[Counts, int]:
    """From the counts of cells those of their items, and how many items the longest cell has."""
    cells = pa.array(list(counts.values), pa.string())
    rows = np.array(list(counts.values.values()), np.int64)
    items = split_cells(cells, field, missing)
    sizes = items.sizes(len(cells))
    absent = counts.missing + int(rows[sizes == 0].sum())
    encoded = items.text.dictionary_encode()
    totals = np.zeros(len(encoded.dictionary), np.int64)
    np.add.at(totals, np.asarray(encoded.indices), rows[items.cell])
    values = dict(zip(encoded.dictionary.to_pylist(), totals.tolist(), strict=True))
    return Counts(absent, values), int(sizes.max(initial=0))


def join_columns(coded: Sequence[tuple[Texts, Array]]) -> tuple[Texts, Array]:
    """Distinct texts of crossed columns, null where one of them is, and the code of each row.

    coded: for every column its distinct texts, and which of them stands in each row.
    """
    texts, codes = coded[0]
    for other_texts, other_codes in coded[1:]:
        pairs, codes = np.unique(codes * len(other_texts) + other_codes, return_inverse=True)
        first, second = pa.array(pairs // len(other_texts)), pa.array(pairs % len(other_texts))
        texts = pc.binary_join_element_wise(texts.take(first), other_texts.take(second), JOINT)
    return texts, codes
