"""A raw table as the indices and values of a feature map; without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from studio.component import ComponentError, say

from ._fields import canonical_text, columns_of, missing_numbers, nearest_columns
from ._fingerprint import hash_buckets
from ._texts import Texts, join_columns, split_cells

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

Column = Any  # a pyarrow.ChunkedArray or pyarrow.Array; the stubs know too little to be of help
Field = Mapping[str, Any]
Cells = tuple["Array", "Array"]  # index and value of one field, (n,) or (n, slots)


def encode_table(table: pa.Table, feature_map: Mapping[str, Any]) -> Cells:
    """`feat_index` int32 (n, F) and `feat_value` float32 (n, F), fields in the map's order."""
    fields = feature_map["fields"]
    _check_columns(table.column_names, fields)
    owners = {field["name"]: field for field in fields}
    missing = list(feature_map.get("missing_values", []))
    index = np.empty((table.num_rows, len(fields)), np.int32)
    value = np.empty((table.num_rows, len(fields)), np.float32)
    for position, field in enumerate(fields):
        if field.get("slot", 0):
            continue  # encoded with slot 0
        owner = owners[field.get("vocabulary", field["name"])]
        shape = (table.num_rows, field.get("slots", 1))
        columns = [table[name] for name in columns_of(field)]
        places, values = _encode(columns, field, owner, missing)
        index[:, position : position + shape[1]] = places.reshape(shape)
        value[:, position : position + shape[1]] = values.reshape(shape)
    return index, value


def _check_columns(columns: list[str], fields: Sequence[Field]) -> None:
    names = dict.fromkeys(name for field in fields for name in columns_of(field))
    missing = [name for name in names if name not in set(columns)]
    if missing:
        raise ComponentError(
            say(
                "The table lacks {count} columns that the feature map was fitted on: {missing}.",
                count=len(missing),
                missing=", ".join(map(repr, missing)),
            ),
            hint=nearest_columns(missing, columns),
            code="schema.drift",
        )


def _encode(columns: list[Column], field: Field, owner: Field, missing: list[str]) -> Cells:
    if field["type"] == "numeric":
        return _encode_numbers(columns[0], field, missing_numbers(missing))
    if field["type"] == "bucket":
        return _encode_buckets(columns[0], field, missing_numbers(missing))
    pairs = zip(columns, columns_of(field), strict=True)
    texts, codes = join_columns([_code(column, name, missing) for column, name in pairs])
    if "slots" in field:
        index, value = _encode_items(texts, field, owner, missing)
        return index[codes], value[codes]
    return _look_up(texts, field, owner)[codes], np.ones(len(codes), np.float32)


def _encode_numbers(column: Column, field: Field, missing_values: list[float]) -> Cells:
    numbers, missing = _read_present(column, field, missing_values)
    numbers = np.where(missing, 1.0, _transform(numbers, field))
    _check_range(numbers, field["name"])
    index: Any = np.where(missing, field["missing_index"], field["index"])
    return index, numbers


def _read_present(column: Column, field: Field, missing_values: list[float]) -> Cells:
    numbers = read_numbers(column, field["name"])
    missing: Array = np.isnan(numbers) | np.isin(numbers, missing_values)
    return numbers, missing


def _transform(numbers: Array, field: Field) -> Array:
    if field["transform"] == "standardise":
        numbers = (numbers - field["mean"]) / (field["std"] or 1.0)
    elif field["transform"] == "log":
        largest = max(abs(field["min"] or 0.0), abs(field["max"] or 0.0))
        numbers = np.sign(numbers) * np.log1p(np.abs(numbers)) / (np.log1p(largest) or 1.0)
    return numbers


def _encode_buckets(column: Column, field: Field, missing_values: list[float]) -> Cells:
    numbers, missing = _read_present(column, field, missing_values)
    bucket = np.searchsorted(np.array(field["boundaries"]), numbers, side="left")
    index: Array = np.where(missing, field["missing_index"], field["first_index"] + bucket)
    return index, np.ones(len(index), np.float32)


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
        say("Column {name!r} is a number in the feature map, but {where}.", name=name, where=where),
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
            say(
                "Column {name!r} holds a number in row {row} that a model cannot compute with.",
                name=name,
                row=row,
            ),
            hint="Cap infinite and very large values, or list them in missing_values.",
            row=row,
            code="column.range",
        )


def _code(column: Column, name: str, missing: list[str]) -> tuple[Texts, Array]:
    """The distinct texts of a column, the last one null for missing, and the code of each row."""
    encoded = _plain(column, name).dictionary_encode()
    chunks = encoded.chunks
    texts = _canonical_texts(chunks[0].dictionary) if chunks else pa.array([], pa.string())
    absent = pc.is_in(texts, value_set=pa.array(missing, pa.string()))
    texts = pc.if_else(absent, pa.scalar(None, pa.string()), texts)
    texts = pa.concat_arrays([texts, pa.array([None], pa.string())])
    codes = [chunk.indices.fill_null(len(texts) - 1).to_numpy() for chunk in chunks]
    return texts, np.concatenate([np.empty(0, np.int64), *codes]).astype(np.int64)


def _look_up(texts: Texts, field: Field, owner: Field) -> Array:
    """The index of each text, missing where it is null."""
    if field["type"] == "hashed":
        filled = (text or "" for text in texts.to_pylist())
        index = field["first_index"] + hash_buckets(filled, field["buckets"])
    else:
        place: Column = pc.index_in(texts, value_set=pa.array(owner["values"], pa.string()))
        known = np.asarray(place.fill_null(-1)).astype(np.int64)
        index = np.where(known >= 0, field["first_index"] + known, field["unknown_index"])
    found: Array = np.where(np.asarray(texts.is_null()), field["missing_index"], index)
    return found


def _encode_items(texts: Texts, field: Field, owner: Field, missing: list[str]) -> Cells:
    """Index and value (cells, slots): the first items of each cell, then slots of value 0."""
    items = split_cells(texts, field, missing)
    sizes = items.sizes(len(texts))
    slot = np.arange(len(items.cell)) - (np.cumsum(sizes) - sizes)[items.cell]
    kept = slot < field["slots"]
    place = (items.cell[kept], slot[kept])
    index = np.full((len(texts), field["slots"]), field["missing_index"], np.int64)
    value = np.zeros(index.shape)
    index[place] = _look_up(items.text, field, owner)[kept]
    value[place] = items.weight[kept]
    if field["combine"] == "mean":
        value /= np.maximum(value.sum(1, keepdims=True), np.finfo(np.float64).tiny)
    value[sizes == 0, 0] = 1.0
    return index, value


def _plain(column: Column, name: str) -> Column:
    """The column with its values in place; refused where they cannot be categories."""
    type_ = column.type
    if pa.types.is_dictionary(type_):
        return _plain(pc.cast(column, type_.value_type), name)
    if pa.types.is_nested(type_) or pa.types.is_temporal(type_) or pa.types.is_decimal(type_):
        raise ComponentError(
            say(
                "Column {name!r} is of type {type}, which cannot be a category.",
                name=name,
                type=type_,
            ),
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
