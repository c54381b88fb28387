"""A transformer of scikit-learn, as it is."""

import pandas as pd
from sklearn.preprocessing import RobustScaler

from studio.component import component


@component(title="Robust scaling (scikit-learn)", category="Features")
def scale_columns(table: pd.DataFrame, *, columns: list[str] = ["amount"]) -> pd.DataFrame:
    """Scale columns by median and quartiles.

    Shapes: table (n, d) -> table (n, d).
    Errors: those of scikit-learn.
    """
    if table.empty:
        return table
    scaled = pd.DataFrame(RobustScaler().fit_transform(table[columns]), table.index, columns)
    return table.assign(**scaled)
