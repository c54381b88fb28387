"""A raw table as the indices and values of a feature map; without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studio.component import ComponentError

from ._fields import canonical_text, missing_numbers, nearest_columns

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

# A pyarrow.ChunkedArray or pyarrow.Array; the stubs know too little to be of help.
Column = Any
Texts = Any


def encode_table(table: pa.Table, feature_map: Mapping[str, Any]) -> tuple[Array, Array]:
    """`feat_index` int32 (n, F) and `feat_value` float32 (n, F), fields in the map's order."""
    fields = feature_map["fields"]
    _check_columns(table.column_names, [field["name"] for field in fields])
    index = np.empty((table.num_rows, len(fields)), np.int32)
    value = np.ones((table.num_rows, len(fields)), np.float32)
    missing = list(feature_map.get("missing_values", []))
    for position, field in enumerate(fields):
        column = table[field["name"]]
        if field["type"] == "numeric":
            encoded = _encode_numbers(column, field, missing_numbers(missing))
            index[:, position], value[:, position] = encoded
        else:
            index[:, position] = _encode_categories(column, field, missing)
    return index, value


def _check_columns(columns: list[str], names: list[str]) -> None:
    missing = [name for name in names if name not in set(columns)]
    if missing:
        raise ComponentError(
            f"The table lacks {len(missing)} columns that the feature map was fitted on: "
            f"{', '.join(map(repr, missing))}.",
            hint=nearest_columns(missing, columns),
            code="schema.drift",
        )


def _encode_numbers(
    column: Column, field: Mapping[str, Any], missing_values: list[float]
) -> tuple[Array, Array]:
    numbers = read_numbers(column, field["name"])
    missing = np.isnan(numbers) | np.isin(numbers, missing_values)
    if field["transform"] == "standardise":
        numbers = (numbers - field["mean"]) / (field["std"] or 1.0)
    numbers = np.where(missing, 1.0, numbers)
    _check_range(numbers, field["name"])
    return np.where(missing, field["missing_index"], field["index"]), numbers


def read_numbers(column: Column, name: str) -> Array:
    """A column as float64, NaN where there is no number."""
    try:
        numbers: Column = pc.cast(column, pa.float64(), safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise _not_numbers(column, name) from error
    return np.array(numbers.fill_null(float("nan")))


def _not_numbers(column: Column, name: str) -> ComponentError:
    texts = enumerate(column.to_pylist(), 1) if pa.types.is_string(column.type) else ()
    row, text = next(((row, text) for row, text in texts if not _is_number(text)), (None, None))
    where = f"is of type {column.type}" if row is None else f"holds {text!r} in row {row}"
    return ComponentError(
        f"Column {name!r} is a number in the feature map, but {where}.",
        hint="Read the column as a number, as in the table that the feature map was fitted on.",
        row=row,
        code="column.type",
    )


def _is_number(text: str | None) -> bool:
    try:
        float(text or 0)
    except ValueError:
        return False
    return True


def _check_range(numbers: Array, name: str) -> None:
    beyond = np.flatnonzero(~(np.abs(numbers) <= np.finfo(np.float32).max))
    if len(beyond):
        row = int(beyond[0]) + 1
        raise ComponentError(
            f"Column {name!r} holds a number in row {row} that a model cannot compute with.",
            hint="Cap infinite and very large values, or list them in missing_values.",
            row=row,
            code="column.range",
        )


def _encode_categories(column: Column, field: Mapping[str, Any], missing: list[str]) -> Array:
    """By way of the distinct values: only those are compared with the vocabulary."""
    encoded = _plain(column, field["name"]).dictionary_encode()
    if encoded.num_chunks == 0:
        return np.empty(0, np.int32)
    texts = _canonical_texts(encoded.chunk(0).dictionary)
    index_of_code = _look_up(texts, field, missing)
    codes = [chunk.indices.fill_null(len(index_of_code) - 1).to_numpy() for chunk in encoded.chunks]
    encoded_rows: Array = index_of_code[np.concatenate(codes)]
    return encoded_rows


def _look_up(texts: Texts, field: Mapping[str, Any], missing: list[str]) -> Array:
    """The index of each text; one more at the end, for missing."""
    position: Column = pc.index_in(texts, value_set=pa.array(field["values"], pa.string()))
    known = np.asarray(position.fill_null(-1))
    absent = pc.is_in(texts, value_set=pa.array([None, *missing], pa.string()))
    index = np.where(known >= 0, field["first_index"] + known, field["unknown_index"])
    index = np.where(np.asarray(absent), field["missing_index"], index)
    return np.append(index, field["missing_index"]).astype(np.int32)


def _plain(column: Column, name: str) -> Column:
    """The column with its values in place; refused where they cannot be categories."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return _plain(pc.cast(column, type_.value_type), name)
    if pa.types.is_nested(type_) or pa.types.is_temporal(type_) or pa.types.is_decimal(type_):
        raise ComponentError(
            f"Column {name!r} is of type {type_}, which cannot be a category.",
            hint="Make a text or a whole number of it, as in the table of the feature map.",
            code="column.type",
        )
    return column


def _canonical_texts(values: Column) -> Texts:
    """The canonical text of each value, null for NaN."""
    if pa.types.is_floating(values.type):
        numbers: list[Any] = values.cast(pa.float64()).to_pylist()
        return pa.array([None if n != n else canonical_text(n) for n in numbers], pa.string())
    return pc.cast(values, pa.string())
