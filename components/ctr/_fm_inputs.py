"""What `fm_train` and `fm_predict` make of a table: one column of kv, numbers, or a feature map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from studio.component import ComponentError, FeatureMap, say

from ._encoding import encode_table, read_numbers
from ._kv import read_kv

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

FEATURES = "tensorColName"


@dataclass(frozen=True)
class Inputs:
    """Cells of a table for an FM, and what has to be known to read another table likewise."""

    index: Array  # int32 (n, F)
    value: Array  # float32 (n, F)
    features: int  # indices run below this
    reading: Mapping[str, Any]
    keys: Array | None = None  # of a kv column, ascending


def read_inputs(table: pa.Table, columns: str, feature_map: FeatureMap | None) -> Inputs:
    """For training: whatever keys or columns there are become the features."""
    names = [name.strip() for name in columns.split(",") if name.strip()]
    if feature_map is not None:
        _refuse_both(names)
        index, value = encode_table(table, feature_map.document)
        size = int(feature_map.document["feature_size"])
        return Inputs(index, value, size, {"kind": "feature_map"})
    _check_columns(table, names)
    if len(names) == 1 and _is_text(table[names[0]].type):
        cells = read_kv(table[names[0]], names[0])
        keys = np.unique(cells.key)
        reading = {"kind": "kv", "columns": names}
        return Inputs(*cells.pad(keys), len(keys) + 1, reading, keys)
    index, value = _read_columns(table, names)
    return Inputs(index, value, len(names), {"kind": "columns", "columns": names})


def read_again(
    table: pa.Table, reading: Mapping[str, Any], feature_map: Any, keys: Array | None
) -> tuple[Array, Array]:
    """Index and value (n, F) of another table; keys that are not known add nothing."""
    if reading["kind"] == "feature_map":
        return encode_table(table, feature_map)
    _check_columns(table, reading["columns"])
    if reading["kind"] == "kv":
        (name,) = reading["columns"]
        return read_kv(table[name], name).pad(np.asarray(keys))
    return _read_columns(table, reading["columns"])


def _read_columns(table: pa.Table, names: list[str]) -> tuple[Array, Array]:
    """Numbers as they are; a missing one is 0, which adds nothing."""
    columns = [np.nan_to_num(read_numbers(table[name], name), nan=0.0) for name in names]
    value = np.stack(columns, axis=1).astype(np.float32)
    wrong = np.argwhere(~np.isfinite(value))
    if len(wrong):
        row, column = (int(place) for place in wrong[0])
        raise ComponentError(
            say(
                "Column {names!r} holds a number in row {row} that a model cannot compute with.",
                names=names[column],
                row=row + 1,
            ),
            hint="Cap infinite and very large values before.",
            row=row + 1,
            code="column.range",
        )
    index = np.broadcast_to(np.arange(len(names), dtype=np.int32), value.shape)
    return np.ascontiguousarray(index), value


def _is_text(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_text(type_.value_type)
    return pa.types.is_string(type_) or pa.types.is_large_string(type_)


def _check_columns(table: pa.Table, names: list[str]) -> None:
    if not names:
        raise ComponentError(
            "No feature column is named.",
            hint=say(
                "Set '{features}' to a column of 'key:value' texts or to columns "
                "of numbers, or connect a feature map.",
                features=FEATURES,
            ),
            parameter=FEATURES,
            code="features.none",
        )
    for name in names:
        if name not in table.column_names:
            near = get_close_matches(name, table.column_names, n=1) or table.column_names[:5]
            raise ComponentError(
                say("The table has no column {name!r}.", name=name),
                hint=say("Did you mean {near}?", near=", ".join(map(repr, near))),
                parameter=FEATURES,
                code="column.missing",
            )


def _refuse_both(names: list[str]) -> None:
    if names:
        raise ComponentError(
            say(
                "'{features}' is set, but would do nothing: the features are those "
                "of the feature map that is connected.",
                features=FEATURES,
            ),
            hint=say("Clear '{features}', or disconnect the feature map.", features=FEATURES),
            parameter=FEATURES,
            code="parameter.without_effect",
        )
