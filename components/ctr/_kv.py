"""Sparse rows as PAI writes them: `1:1.0,3:0.5`, a key and a value for every feature there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute

from studio.component import ComponentError, say

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

pc: Any = pyarrow.compute  # its stubs refuse columns of a type that is not known before

_LARGEST = 3.4028234663852886e38  # a float32 holds
_LARGEST_CELLS = 2**31 - 1


class Sparse(NamedTuple):
    """The cells of all rows, row after row."""

    key: Array  # int64 (cells,)
    value: Array  # float32 (cells,)
    length: Array  # int64 (n,), cells of each row

    def pad(self, known: Array) -> tuple[Array, Array]:
        """Index int32 and value float32 (n, longest row) by the place of a key in `known`.

        Places count from 1; where a row has no more cells, or a key is not known, stand a 0 and
        a value of 0, which adds nothing to a model.
        """
        width = max(int(self.length.max(initial=0)), 1)
        if len(self.length) * width > _LARGEST_CELLS:
            raise ComponentError(
                say(
                    "The longest row has {width:,} features, which is too many for {count:,} rows.",
                    width=width,
                    count=len(self.length),
                ),
                hint="Leave the rarest features out, or train on fewer rows.",
                code="kv.too_wide",
            )
        place = np.minimum(np.searchsorted(known, self.key), max(len(known) - 1, 0))
        there = known[place] == self.key if len(known) else np.zeros(len(self.key), bool)
        index = np.zeros((len(self.length), width), np.int32)
        value = np.zeros((len(self.length), width), np.float32)
        cells = np.arange(width) < self.length[:, None]
        index[cells] = np.where(there, place + 1, 0)
        value[cells] = np.where(there, self.value, 0)
        return index, value


def read_kv(column: Any, name: str) -> Sparse:
    """The cells of a text column; an empty text or null is a row without features."""
    texts = pc.fill_null(pc.cast(column.combine_chunks(), pa.string()), "")
    filled = pc.if_else(pc.equal(pc.utf8_trim_whitespace(texts), ""), None, texts)
    lists = pc.split_pattern(filled, ",")
    length = pc.fill_null(pc.list_value_length(lists), 0).to_numpy().astype(np.int64)
    cells = pc.list_flatten(lists)
    parts = pc.split_pattern(cells, ":")
    if not pc.all(pc.equal(pc.list_value_length(parts), 2)).as_py() and len(cells):
        raise _invalid(name, texts)
    flat = pc.utf8_trim_whitespace(pc.list_flatten(parts))
    try:
        key = pc.cast(flat.take(pa.array(np.arange(0, len(flat), 2))), pa.int64()).to_numpy()
        value = pc.cast(flat.take(pa.array(np.arange(1, len(flat), 2))), pa.float64()).to_numpy()
    except pa.ArrowInvalid as error:
        raise _invalid(name, texts) from error
    with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
        value = value.astype(np.float32)
    if (key < 0).any() or not np.isfinite(value).all():
        raise _invalid(name, texts)
    return Sparse(key, value, length)


def _invalid(name: str, texts: Any) -> ComponentError:
    """Says which row is the first that cannot be read."""
    row, text = next((row, text) for row, text in enumerate(texts.to_pylist(), 1) if _wrong(text))
    return ComponentError(
        say(
            "Column {name!r} holds {text!r} in row {row}, which is no list of key:value.",
            name=name,
            text=text[:80],
            row=row,
        ),
        hint="Write features as '1:1.0,3:0.5': whole keys from 0 up, finite numbers.",
        row=row,
        code="kv.invalid",
    )


def _wrong(text: str) -> bool:
    return bool(text.strip()) and any(_wrong_cell(cell) for cell in text.split(","))


def _wrong_cell(cell: str) -> bool:
    key, colon, value = cell.partition(":")
    try:
        number = float(value)
        return not colon or not 0 <= int(key) < 2**63 or not abs(number) <= _LARGEST
    except (ValueError, OverflowError):
        return True
