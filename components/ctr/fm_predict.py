"""Score the rows of a table with a factorization machine, by the contract of PAI-Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from studio.component import ComponentError, Model, Schema, component, say

from ._fm_inputs import read_again
from ._model import network_with_fields
from ._results import probabilities_as_text
from ._scoring import Scorer, sigmoid
from ._threads import limit_threads

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def _schema(model: None, table: Schema, **named: Any) -> Schema:
    """By PAI's names; what a regression gives is a number in place of the class."""
    written = tuple(named[f"pred{part}ColName"] for part in ("Result", "Score", "Detail"))
    kept = table.select(_kept(table.names, named["keepColNames"], written))
    return kept.add(**dict(zip(written, ("int64", "double", "string"), strict=True)))


@component(title="FM predict", category="Recommendation", version="1.0", schema=_schema)
def fm_predict(
    model: Model,
    table: pa.Table,
    *,
    pred_result_col_name: Annotated[
        str, Field(alias="predResultColName", description="Column of the class, or the value.")
    ] = "prediction_result",
    pred_score_col_name: Annotated[
        str, Field(alias="predScoreColName", description="Column of the probability, or the value.")
    ] = "prediction_score",
    pred_detail_col_name: Annotated[
        str, Field(alias="predDetailColName", description="Column of all probabilities as JSON.")
    ] = "prediction_detail",
    keep_col_names: Annotated[
        str, Field(alias="keepColNames", description="Columns to keep: a,b,c; empty for all.")
    ] = "",
) -> pa.Table:
    """Add to every row what a model of `fm_train` makes of it.

    The feature columns are those that the model was trained on; keys that it does not know add
    nothing.

    Shapes: table (n, d) -> kept columns, then result, score and detail, n rows in the same order.
    Units:  in a classification the score is the probability of class 1 and the result 1 from 0.5
            up; in a regression both are the predicted value.
    Errors: ComponentError when the model is not of `fm_train`, a column is not in the table, or a
            column to write is one to keep.
    Source: PAI-Studio "FM Predict".
    """
    if "inputs" not in model.document:
        raise ComponentError(
            "This model was not trained by 'fm_train'.",
            hint="Score it with 'predict'.",
            code="model.other_kind",
        )
    limit_threads()
    written = (pred_result_col_name, pred_score_col_name, pred_detail_col_name)
    kept = table.select(_kept(table.column_names, keep_col_names, written))
    output = _outputs(model, table)
    columns = _columns(output, model.document["task"])
    for name, column in zip(written, columns, strict=True):
        kept = kept.append_column(name, column)
    return kept


def _outputs(model: Model, table: pa.Table) -> Array:
    """What comes out before any squashing, float64 (n,)."""
    document = model.document
    keys = model.arrays.get("feature_keys")
    index, value = read_again(table, document["inputs"], document["feature_map"], keys)
    network = network_with_fields(model, index.shape[1])
    return Scorer(network).logits(model.arrays, index, value)


def _columns(output: Array, task: str) -> tuple[Any, ...]:
    if task == "regression":
        values = pa.array(output)
        return values, values, pc.cast(values, pa.string())
    score = sigmoid(output)
    return pa.array((score >= 0.5).astype(np.int64)), pa.array(score), probabilities_as_text(score)


def _kept(columns: list[str], names: str, written: tuple[str, ...]) -> list[str]:
    """The columns to keep; the platform's own always stay."""
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    missing = [name for name in chosen if name not in columns]
    if missing:
        raise ComponentError(
            say("There is no column {missing!r} to keep.", missing=missing[0]),
            hint=say("The table has: {columns}.", columns=", ".join(columns[:10])),
            parameter="keepColNames",
            code="column.missing",
        )
    taken = [name for name in chosen if name in written]
    taken += [name for name in written if written.count(name) > 1]
    if taken:
        raise ComponentError(
            say("Two columns would be called {taken!r}.", taken=taken[0]),
            hint="Keep other columns, or name those of the prediction otherwise.",
            parameter="keepColNames",
            code="column.reserved",
        )
    every = chosen or columns
    own = [name for name in columns if name.startswith("__") and name not in every]
    return [name for name in [*every, *own] if name not in written]
