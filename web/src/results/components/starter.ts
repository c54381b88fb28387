// What the editor of components begins with: a whole component that can be saved as it is.
export const STARTER = `"""Multiply a column of a table."""

from __future__ import annotations

from typing import Annotated

import pandas as pd
from pydantic import Field

from studio.component import component


@component(title="Scale column", category="Custom", version="1.0")
def scale_column(
    table: pd.DataFrame,
    *,
    column: Annotated[str, Field(description="Column to multiply.")],
    factor: Annotated[float, Field(gt=0, description="What it is multiplied by.")] = 2.0,
) -> pd.DataFrame:
    """Multiply a column by a factor, and leave the others as they are.

    Shapes: table (n, d) -> (n, d).
    Units:  factor is a ratio.
    Errors: KeyError when the column is missing.
    """
    return table.assign(**{column: table[column] * factor})
`;

/** The name of a package: what the server takes, from what was typed. */
export const packageName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, 64);
