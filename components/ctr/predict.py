"""Score the rows of a table with a trained model."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

import pyarrow as pa
from pydantic import Field

from studio.component import Column, ComponentError, Model, Schema, component, say

from ._encoding import encode_table
from ._model import check_scorable, network_of
from ._results import RESULTS, with_results
from ._scoring import Scorer
from ._threads import limit_threads
from ._trees import score_trees


def _schema(model: None, table: Schema, *, keep: list[str] | None, batch_size: int) -> Schema:
    results = {RESULTS[0]: "int64", RESULTS[1]: "double", RESULTS[2]: "string"}
    return table.select(_kept(table.names, keep)).add(**results)


@component(title="Predict", category="CTR model", version="1.0", schema=_schema)
def predict(
    model: Model,
    table: pa.Table,
    *,
    keep: Annotated[
        list[Column] | None, Field(description="Columns to keep beside the scores; empty for all.")
    ] = None,
    batch_size: Annotated[
        int, Field(ge=1, description="Rows scored at a time; changes memory only.")
    ] = 8192,
) -> pa.Table:
    """Add to every row the probability of the positive class and the class it stands for.

    Raw rows go in: the model carries its feature map. A label is not needed. Scoring the same
    rows again gives the same numbers.

    Shapes: table (n, d) -> kept columns and prediction_result (0 or 1), prediction_score and
            prediction_detail, n rows in the same order.
    Units:  prediction_score is a probability, 0 to 1; prediction_result is 1 from 0.5 up.
    Errors: ComponentError when a field of the model or a column to keep is not in the table, and
            for a model of `fm_train` without a feature map or of a regression.
    Source: PAI-Studio "FM Prediction", whose output columns these are.
    """
    check_scorable(model)
    kept = _kept(table.column_names, keep)
    limit_threads()
    index, value = encode_table(table, model.document["feature_map"])
    if model.document.get("kind") == "gbdt":
        score = score_trees(model, index, value)
    else:
        score = Scorer(network_of(model), batch_size)(model.arrays, index, value)
    return with_results(table.select(kept), score)


def _kept(columns: list[str], keep: list[str] | None) -> list[str]:
    """The columns to keep, in table order; the platform's own always stay."""
    if keep is None:
        return [name for name in columns if name not in RESULTS]
    for name in keep:
        _check_column(columns, name)
    return [name for name in columns if name in keep or name.startswith("__")]


def _check_column(columns: list[str], name: str) -> None:
    if name in RESULTS:
        raise ComponentError(
            say(
                "'{name}' cannot be kept: it is the name of a column that this step writes.",
                name=name,
            ),
            hint=say("Rename '{name}' before, or do not keep it.", name=name),
            parameter="keep",
            code="column.reserved",
        )
    if name not in columns:
        near = get_close_matches(name, columns, n=1) or columns[:5]
        raise ComponentError(
            say("There is no column '{name}' to keep.", name=name),
            hint=say("Did you mean {near}?", near=", ".join(map(repr, near))),
            parameter="keep",
            code="column.missing",
        )
