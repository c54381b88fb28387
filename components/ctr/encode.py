"""Encode a table with a feature map into examples to train on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import Column, ComponentError, Examples, FeatureMap, component, context, say

from ._encoding import encode_table, read_numbers
from ._fields import nearest_columns

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@component(title="Encode", category="Feature engineering", version="1.0")
def encode(
    table: pa.Table,
    feature_map: FeatureMap,
    *,
    label: Annotated[
        Column | None, Field(description="Column of 0 and 1; empty for the feature map's, if any.")
    ] = None,
    weight: Annotated[
        Column | None, Field(description="Column of the weight of each row; empty for equal ones.")
    ] = None,
    group: Annotated[
        Column | None, Field(description="Column of the user or session, for the group AUC.")
    ] = None,
    invalid_labels: Annotated[
        Literal["refuse", "drop"],
        Field(description="drop: leave out rows whose label is not 0 or 1, and count them."),
    ] = "refuse",
) -> Examples:
    """Turn every row into the indices and values of its features.

    Columns are found by name, so their order does not matter. A value that the feature map does
    not know becomes unknown; null and NaN become missing.

    Shapes: table (n, d) -> feat_index, feat_value (n, F), label, weight, group (n,).
    Units:  values as transformed by the feature map; indices 0..V-1.
    Errors: ComponentError when columns of the feature map are missing, a number cannot be read
            or is infinite, a label is other than 0 or 1, or a weight is negative or missing.
    Source: PAI-Studio's DeepFM article, its index and value tables.
    """
    document = feature_map.document
    if invalid_labels == "drop":
        table = _with_valid_labels(table, label, document)
    index, value = encode_table(table, document)
    arrays = {"feat_index": index, "feat_value": value}
    labels = read_labels(table, label, document)
    if labels is not None:
        arrays["label"] = labels
    if weight is not None:
        arrays["weight"] = _weights(_column(table, weight, "weight"), weight)
    if group is not None:
        arrays["group"] = _groups(_column(table, group, "group"))
    return Examples(
        {
            "format": 1,
            "rows": table.num_rows,
            "fields": [field["name"] for field in document["fields"]],
            "feature_size": document["feature_size"],
            "feature_map": document,
            "label": label_name(table, label, document),
        },
        arrays,
    )


def label_name(table: pa.Table, chosen: str | None, document: Mapping[str, Any]) -> str | None:
    """The column that was chosen, or the feature map's where the table has it."""
    return chosen or (document["label"] if document["label"] in table.column_names else None)


def read_labels(table: pa.Table, chosen: str | None, document: Mapping[str, Any]) -> Array | None:
    """Labels float32 (n,), all 0 or 1; None where there is no such column and none was chosen."""
    name = label_name(table, chosen, document)
    return None if name is None else _labels(_column(table, name, "label"), name)


def _column(table: pa.Table, name: str, parameter: str) -> Any:
    if name not in table.column_names:
        raise ComponentError(
            say("The table has no column {name!r}.", name=name),
            hint=nearest_columns([name], table.column_names),
            parameter=parameter,
            code="column.missing",
        )
    return table[name]


def _with_valid_labels(
    table: pa.Table, chosen: str | None, document: Mapping[str, Any]
) -> pa.Table:
    name = label_name(table, chosen, document)
    if name is None:
        return table
    _, wrong = _read_labels(_column(table, name, "label"), name)
    if not len(wrong):
        return table
    context.log.warning(
        "%d of %d rows left out: %r is not 0 or 1.", len(wrong), table.num_rows, name
    )
    return table.take(np.setdiff1d(np.arange(table.num_rows), wrong))


def _labels(column: Any, name: str) -> Array:
    labels, wrong = _read_labels(column, name)
    if not len(wrong):
        return labels.astype(np.float32)
    hint = "Drop those rows, or map them."
    raise _invalid(column, name, wrong, "label", "not 0 or 1", hint)


def _read_labels(column: Any, name: str) -> tuple[Array, Array]:
    """The labels, and the rows of those that are not 0 or 1."""
    if not _holds_numbers(column.type):
        return np.empty(0), np.arange(len(column))
    labels = read_numbers(column, name)
    return labels, np.flatnonzero((labels != 0) & (labels != 1))


def _weights(column: Any, name: str) -> Array:
    weights = read_numbers(column, name)
    wrong = np.flatnonzero(~((weights >= 0) & (weights <= np.finfo(np.float32).max)))
    if len(wrong):
        hint = "Fill or drop those rows, or leave the weight empty."
        raise _invalid(column, name, wrong, "weight", "missing, negative or infinite", hint)
    return weights.astype(np.float32)


def _groups(column: Any) -> Array:
    """A number for every group, in order of appearance; rows without one are a group, too."""
    codes = column.dictionary_encode(null_encoding="encode").chunks
    parts = [chunk.indices.to_numpy() for chunk in codes]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)


def _holds_numbers(type_: pa.DataType) -> bool:
    kinds = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
    return any(is_kind(type_) for is_kind in kinds)


def _invalid(
    column: Any, name: str, rows: Array, parameter: str, what: str, hint: str
) -> ComponentError:
    examples = ", ".join(f"row {row + 1} holds {column[int(row)].as_py()!r}" for row in rows[:3])
    return ComponentError(
        say(
            "Column {name!r} has {count:,} values that are {what}: {examples}.",
            name=name,
            count=len(rows),
            what=what,
            examples=examples,
        ),
        hint=hint,
        parameter=parameter,
        row=int(rows[0]) + 1 if len(rows) else None,
        code=f"{parameter}.invalid",
    )
