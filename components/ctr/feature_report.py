"""Report how well a feature map covers a table, and how its features go with the label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import Column, FeatureMap, Report, component

from ._encoding import encode_table
from ._fields import field_size
from .encode import read_labels

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@component(title="Feature report", category="Feature engineering", version="1.0")
def feature_report(
    table: pa.Table,
    feature_map: FeatureMap,
    *,
    label: Annotated[
        Column | None, Field(description="Column of 0 and 1; empty for the feature map's, if any.")
    ] = None,
    top: Annotated[
        int, Field(ge=0, le=1000, description="Features told of each field, frequent ones first.")
    ] = 10,
) -> Report:
    """Count, field by field, which values of a table the feature map knows.

    Best read on the rows that the feature map was *not* fitted on: there, `unknown` is what a
    model has learned nothing about. `covered` are the rows with a value that has an index of its
    own, `used` the indices that occur; for hashed fields `collisions` are the training values that
    share a bucket with another. With a label, `label_rate` is its mean over the rows of a feature.

    Shapes: table (n, d), feature map of F fields -> one entry of `fields` each; the slots of a
            multi-valued field are one entry.
    Units:  covered, missing, unknown and rates as shares of the rows, 0 to 1; of a multi-valued
            field as shares of its items.
    Errors: ComponentError when columns of the feature map are missing or do not fit it, or a label
            is other than 0 or 1.
    Source: PAI-Studio "Data View" and "Discrete-feature analysis".
    """
    document = feature_map.document
    index, value = encode_table(table, document)
    labels = read_labels(table, label, document)
    fields = document["fields"]
    entries = [
        _entry(field, index[:, columns], value[:, columns], labels, fields, top)
        for field, columns in _groups(fields)
    ]
    return Report(
        {
            "format": 1,
            "rows": table.num_rows,
            "feature_size": document["feature_size"],
            "label_rate": _mean(labels),
            "metrics": _summary(entries),
            "fields": entries,
        }
    )


def _groups(fields: list[dict[str, Any]]) -> list[tuple[dict[str, Any], slice]]:
    """Every field, and the columns of the encoded table that are its own."""
    return [
        (field, slice(position, position + field.get("slots", 1)))
        for position, field in enumerate(fields)
        if field.get("slot", 0) == 0
    ]


def _entry(
    field: Mapping[str, Any],
    index: Array,
    value: Array,
    labels: Array | None,
    fields: list[dict[str, Any]],
    top: int,
) -> dict[str, Any]:
    filled = (value != 0) | (index != field["missing_index"])  # the rest are empty slots
    row, _ = np.nonzero(filled)
    cells = index[filled]
    missing = cells == field["missing_index"]
    unknown = cells == field.get("unknown_index", -1)
    entry = {
        "name": field["name"],
        "type": field["type"],
        "size": field_size(field),
        "used": len(np.unique(cells)),
        "covered": _mean(~missing & ~unknown),
        "missing": _mean(missing),
        "unknown": _mean(unknown),
    }
    entry |= {key: field[key] for key in ("distinct", "collisions") if key in field}
    names = next((f for f in fields if f["name"] == field.get("vocabulary")), field)
    return {**entry, "top": _top(names, cells, None if labels is None else labels[row], top)}


def _top(
    field: Mapping[str, Any], cells: Array, labels: Array | None, top: int
) -> list[dict[str, Any]]:
    """The most frequent features, ties in the order of their indices."""
    used, counts = np.unique(cells, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:top]
    return [
        {
            "feature": _name(field, int(used[i])),
            "count": int(counts[i]),
            "label_rate": None if labels is None else _mean(labels[cells == used[i]]),
        }
        for i in order
    ]


def _name(field: Mapping[str, Any], index: int) -> str:
    """The words for a feature: its value, its bucket, or that it is missing or unknown."""
    if index == field["missing_index"]:
        return "(missing)"
    if index == field.get("unknown_index"):
        return "(unknown)"
    if field["type"] == "numeric":
        return "(number)"
    place = index - field["first_index"]
    if field["type"] == "bucket":
        ends = [-np.inf, *field["boundaries"], np.inf]
        return f"({ends[place]:g}, {ends[place + 1]:g}]"
    return f"bucket {place}" if field["type"] == "hashed" else str(field["values"][place])


def _summary(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Of all fields: the mean coverage, and the worst share of unknown values."""
    return {
        "fields": len(entries),
        "covered": _mean(np.array([entry["covered"] or 0.0 for entry in entries])),
        "most_unknown": max((entry["unknown"] or 0.0 for entry in entries), default=None),
        "collisions": sum(entry.get("collisions", 0) for entry in entries),
    }


def _mean(values: Array | None) -> float | None:
    return None if values is None or not len(values) else float(np.mean(values))
