"""Turn a table into examples: arrays that training reads without a copy."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from studio.component import ComponentError, Examples, FeatureMap, component

from ._encoding import encode_table

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


@component(title="Encode", category="Feature engineering", version="1.0")
def encode(
    table: pa.Table,
    feature_map: FeatureMap,
    *,
    label: Annotated[
        str | None, Field(description="Column of 0 and 1; empty: the feature map's label.")
    ] = None,
    weight: Annotated[
        str | None, Field(description="Column of how much a row counts; empty: all the same.")
    ] = None,
    group: Annotated[
        str | None, Field(description="Column of the user or session, for the group AUC.")
    ] = None,
) -> Examples:
    """Look up every value of a table in a feature map.

    Values not seen in training get the field's unknown index, missing ones its missing index.

    Shapes: table (n, d) -> feat_index int32 (n, F), feat_value float32 (n, F), label float32 (n,)
    Units:  a categorical feature has the value 1, a numeric one its (transformed) number.
    Errors: ComponentError when a field is not in the table, or a label is neither 0 nor 1.
    Source: the article's index and value tables.
    """
    document = feature_map.document
    index, value = encode_table(table, document)
    arrays = {"feat_index": index, "feat_value": value}
    target = label or document["label"]
    if target is not None and (label is not None or target in table.column_names):
        arrays["label"] = _labels(_column(table, target, "label"), target)
    if weight is not None:
        arrays["weight"] = _weights(_column(table, weight, "weight"), weight)
    if group is not None:
        encoded = _column(table, group, "group").combine_chunks().dictionary_encode()
        arrays["group"] = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    about = {
        "format": 1,
        "rows": table.num_rows,
        "fields": [field["name"] for field in document["fields"]],
        "feature_size": document["feature_size"],
        "feature_map": dict(document),
        "label": target if "label" in arrays else None,
    }
    return Examples(about, arrays)


def _column(table: pa.Table, name: str, parameter: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        near = get_close_matches(name, table.column_names, n=1)
        raise ComponentError(
            f"There is no column {name!r}.",
            hint=f"Did you mean {near[0]!r}?" if near else "Choose another column.",
            parameter=parameter,
            code="column.missing",
        )
    return table[name]


def _labels(column: pa.ChunkedArray, name: str) -> Array:
    try:
        values = pc.cast(column, pa.float64()).to_numpy()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        values = np.full(len(column), np.nan)
    bad = np.flatnonzero((values != 0) & (values != 1))
    if len(bad):
        shown = ", ".join(f"{column[int(row)].as_py()!r} (row {row + 1})" for row in bad[:3])
        raise ComponentError(
            f"Label {name!r} must be 0 or 1 in every row; {len(bad):,} rows are not: {shown}.",
            hint="Drop these rows, or map the label to 0 and 1 before.",
            parameter="label",
            row=int(bad[0]) + 1,
            code="label.invalid",
        )
    return values.astype(np.float32)


def _weights(column: pa.ChunkedArray, name: str) -> Array:
    values = pc.cast(column, pa.float64()).to_numpy()
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(bad):
        raise ComponentError(
            f"Weight {name!r} must be a number of at least 0; row {bad[0] + 1} is not.",
            parameter="weight",
            row=int(bad[0]) + 1,
            code="weight.invalid",
        )
    return values.astype(np.float32)
