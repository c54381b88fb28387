"""Sparse rows as texts "k:v,k:v": read and written without a loop over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from studio.component import ComponentError, say

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

pc: Any = pyarrow.compute  # its stubs refuse columns of a type that is not known before

Texts = Any  # a pyarrow.Array of texts; the stubs know too little to be of help


class Cells(NamedTuple):
    """The pairs of all rows, row by row."""

    row: Array  # int64 (m,)
    key: Texts  # (m,)
    value: Array  # float64 (m,)


def read_kv(column: Any, name: str, item: str, pair: str) -> Cells:
    """Pairs between `item` separators, key and value between `pair`; blank items are skipped."""
    texts = column.combine_chunks()
    lists = pc.split_pattern(texts, item)
    row = np.asarray(pc.list_parent_indices(lists)).astype(np.int64)
    items: Texts = pc.utf8_trim_whitespace(pc.list_flatten(lists))
    kept = np.asarray(pc.not_equal(items, ""))
    row, items = row[kept], items.filter(pa.array(kept))
    parts: Texts = pc.split_pattern(items, pair, max_splits=1, reverse=True)
    written = np.asarray(pc.list_value_length(parts)) == 2
    if not written.all():
        raise _no_pair(name, items, row, ~written, f"is no key{pair}value")
    key: Texts = pc.list_element(parts, 0)
    value = _numbers(pc.list_element(parts, 1))
    wrong = np.isnan(value)
    if wrong.any():
        raise _no_pair(name, items, row, wrong, "has a value that is no number")
    return Cells(row, pc.utf8_trim_whitespace(key), value)


def _numbers(texts: Texts) -> Array:
    """The numbers, NaN where a text is none."""
    trimmed = pc.utf8_trim_whitespace(texts)
    try:
        return np.array(pc.cast(trimmed, pa.float64()))
    except pa.ArrowInvalid:
        return np.array([_number(text) for text in trimmed.to_pylist()])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _no_pair(name: str, items: Texts, row: Array, wrong: Array, what: str) -> ComponentError:
    first = int(np.flatnonzero(wrong)[0])
    place = int(row[first]) + 1
    return ComponentError(
        say(
            "Column {name!r} holds {as_py!r} in row {place}, which {what}.",
            name=name,
            as_py=items[first].as_py(),
            place=place,
            what=what,
        ),
        hint="Write pairs as 1:0.5,7:2, or set the separators.",
        parameter="column",
        row=place,
        code="kv.invalid",
    )


def write_kv(cells: list[tuple[str, Array, Array]], rows: int, item: str, pair: str) -> Texts:
    """One text a row, from (key, values, which of them are written) for each key, in order."""
    parts = [
        pc.if_else(
            pa.array(kept),
            pc.binary_join_element_wise(pa.scalar(item + key), number_texts(values), pair),
            pa.scalar("", pa.string()),
        )
        for key, values, kept in cells
    ]
    joined: Texts = pc.binary_join_element_wise(*parts, pa.array([""] * rows, pa.string()), "")
    return pc.utf8_slice_codeunits(joined, len(item))


def number_texts(values: Array) -> Texts:
    """The shortest text that reads back as the number, without a needless `.0`."""
    texts = pc.cast(pa.array(values), pa.string())
    return pc.replace_substring_regex(texts, r"\.0$", "")
