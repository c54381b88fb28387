"""Train gradient-boosted trees."""

from __future__ import annotations

from typing import Annotated

import lightgbm as lgb
import pandas as pd
from pydantic import Field

from studio.component import ComponentError, Model, component, context

from ._model import pack


@component(title="LightGBM train", category="CTR model")
def lightgbm_train(
    table: Annotated[pd.DataFrame, "Rows to learn from."],
    *,
    label: Annotated[str, Field(description="Column of 0 and 1.")] = "label",
    rounds: Annotated[int, Field(ge=1, le=100_000, description="Trees.")] = 50,
    learning_rate: Annotated[float, Field(gt=0, le=1, description="Weight of a tree.")] = 0.1,
    leaves: Annotated[int, Field(ge=2, le=4096, description="Leaves of a tree at most.")] = 31,
    seed: Annotated[int, Field(ge=0, description="Of all random choices.")] = 0,
) -> Model:
    """Fit trees to the log loss on all columns of numbers but the label.

    Shapes: table (n, d) -> a model of up to d - 1 features.
    Units:  learning_rate is a plain factor.
    Errors: ComponentError when the label is not there, or has one value only.
    Source: Ke et al. 2017, "LightGBM".
    """
    if label not in table or table[label].nunique() != 2:
        raise ComponentError(f"Column {label!r} has to hold two values.", parameter="label")
    features = [name for name in table.select_dtypes(["number", "bool"]) if name != label]
    settings = {
        "objective": "binary",
        "learning_rate": learning_rate,
        "num_leaves": leaves,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": context.threads,
        "verbosity": -1,
    }

    def report(state: lgb.callback.CallbackEnv) -> None:
        context.progress((state.iteration + 1) / rounds, f"tree {state.iteration + 1}")

    data = lgb.Dataset(table[features].astype(float), table[label].astype(int))
    return pack(lgb.train(settings, data, rounds, callbacks=[report]), features)
