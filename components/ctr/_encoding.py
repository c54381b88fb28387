"""Turn the rows of a table into indices and values by a feature map, a column at a time."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studio.component import ComponentError

from ._fields import canonical_text

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def encode_table(table: pa.Table, feature_map: Mapping[str, Any]) -> tuple[Array, Array]:
    """Index int32 (n, F) and value float32 (n, F) of every row.

    Raises ComponentError naming every field that is not a column of the table.
    """
    fields = feature_map["fields"]
    _check_columns(table, [field["name"] for field in fields])
    missing = set(feature_map.get("missing_values", []))
    shape = (table.num_rows, len(fields))
    index, value = np.empty(shape, np.int32), np.ones(shape, np.float32)
    for number, field in enumerate(fields):
        column = table[field["name"]]
        if field["type"] == "numeric":
            index[:, number], value[:, number] = _encode_numbers(column, field, missing)
        else:
            index[:, number] = _encode_categories(column, field, missing)
    return index, value


def _encode_numbers(
    column: pa.ChunkedArray, field: Mapping[str, Any], missing: set[str]
) -> tuple[Array, Array]:
    try:
        numbers = pc.cast(column, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        raise ComponentError(
            f"Column {field['name']!r} holds values that are not numbers, as in training.",
            hint="Cast it, or leave the bad values empty.",
            code="schema.drift",
        ) from None
    absent = np.isnan(numbers)
    for text in missing:
        absent |= _equals(numbers, text)
    if field["transform"] == "standardise":
        numbers = (numbers - field["mean"]) / (field["std"] or 1.0)
    index = np.where(absent, field["missing_index"], field["index"])
    return index, np.where(absent, 1.0, numbers)


def _equals(numbers: Array, text: str) -> Array:
    try:
        return numbers == float(text)  # type: ignore[no-any-return]
    except ValueError:
        return np.zeros(len(numbers), bool)


def _encode_categories(
    column: pa.ChunkedArray, field: Mapping[str, Any], missing: set[str]
) -> Array:
    """Only the distinct values pass through Python; the rows are looked up by their number."""
    known = {text: field["first_index"] + i for i, text in enumerate(field["values"])}
    encoded = column.combine_chunks().dictionary_encode()
    texts = [canonical_text(value) for value in encoded.dictionary.to_pylist()]
    of_code = [
        field["missing_index"]
        if text is None or text in missing
        else known.get(text, field["unknown_index"])
        for text in texts
    ]
    table = np.array([*of_code, field["missing_index"]], np.int32)
    codes = encoded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return table[codes]  # type: ignore[no-any-return]


def _check_columns(table: pa.Table, names: list[str]) -> None:
    absent = [name for name in names if name not in table.column_names]
    if absent:
        near = [get_close_matches(name, table.column_names, n=1) for name in absent]
        hints = [
            f"{n!r} for {name!r}" for name, found in zip(absent, near, strict=True) for n in found
        ]
        raise ComponentError(
            f"The table lacks {len(absent)} of the model's fields: {', '.join(absent)}.",
            hint=f"Perhaps it has {', '.join(hints)}." if hints else "Give it those columns.",
            code="schema.drift",
        )
