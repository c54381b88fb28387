"""Score rows with gradient-boosted trees."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field

from studio.component import ComponentError, Model, component

from ._model import unpack


@component(title="LightGBM predict", category="CTR model")
def lightgbm_predict(
    model: Annotated[Model, "Of LightGBM train."],
    table: Annotated[pd.DataFrame, "Rows to score."],
    *,
    score: Annotated[str, Field(description="Name of the new column.")] = "prediction_score",
) -> pd.DataFrame:
    """Add the probability that the label is 1, as the model sees it.

    Shapes: table (n, d) -> table (n, d + 1).
    Units:  score is a probability.
    Errors: ComponentError when a feature is not there.
    """
    booster, features = unpack(model)
    missing = [name for name in features if name not in table]
    if missing:
        raise ComponentError(f"There is no column {missing[0]!r}, which the model needs.")
    if table.empty:
        return table.assign(**{score: pd.Series(dtype=float)})
    return table.assign(**{score: booster.predict(table[features].astype(float))})
