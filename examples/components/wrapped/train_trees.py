"""A trainer of LightGBM, as it is."""

import lightgbm as lgb
import pandas as pd

from studio.component import ComponentError, Model, component


@component(title="Trees (LightGBM)", category="CTR model")
def train_trees(table: pd.DataFrame, *, label: str = "label", rounds: int = 20) -> Model:
    """Fit as many trees as rounds to the label.

    Shapes: table (n, d) -> a model.
    Errors: ComponentError when there are no rows.
    """
    if table.empty:
        raise ComponentError("There are no rows to learn from.")
    x = table.drop(columns=label).select_dtypes("number")
    data = lgb.Dataset(x, table[label])
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 0}
    return Model({"text": lgb.train(settings, data, rounds).model_to_string()})
