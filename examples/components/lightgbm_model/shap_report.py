"""What each feature adds to the scores: SHAP values of trees, as LightGBM computes them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from studio.component import ComponentError, Model, Report, component, plot

from ._model import unpack


@component(title="SHAP report", category="Evaluation")
def shap_report(
    model: Annotated[Model, "Of LightGBM train."],
    table: Annotated[pd.DataFrame, "Rows to explain."],
    *,
    rows: Annotated[int, Field(ge=1, le=100_000, description="First rows that are used.")] = 2000,
) -> Report:
    """Rank the features by the mean absolute SHAP value.

    Shapes: table (n, d) -> one number a feature.
    Units:  log-odds.
    Errors: ComponentError when there are no rows or a feature is not there.
    Source: Lundberg et al. 2020, "From local explanations to global understanding ... for trees".
    """
    booster, features = unpack(model)
    if table.empty or not set(features) <= set(table.columns):
        raise ComponentError("There are no rows, or a column of the model is not there.")
    values = booster.predict(table[features].head(rows).astype(float), pred_contrib=True)
    strength = np.abs(values[:, :-1]).mean(axis=0)
    ranked = sorted(zip(features, strength.tolist(), strict=True), key=lambda item: -item[1])
    bars = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": [{"feature": name, "strength": value} for name, value in ranked[:30]]},
        "mark": "bar",
        "encoding": {
            "x": {"field": "strength", "type": "quantitative", "title": "mean |SHAP|, log-odds"},
            "y": {"field": "feature", "type": "nominal", "sort": "-x", "title": None},
        },
    }
    shares = dict(ranked)
    return Report({"features": shares, "plots": [plot(bars, "What moves the scores")]})
