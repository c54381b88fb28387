"""Fewer negatives to train on, and scores put right afterwards."""

from __future__ import annotations

import hashlib
from typing import Annotated, NamedTuple

import pandas as pd
from pydantic import Field

from studio.component import ComponentError, Report, component

Share = Annotated[float, Field(gt=0, le=1, description="Share of the negatives that is kept.")]


class DownsampleOutputs(NamedTuple):
    table: Annotated[pd.DataFrame, "All positives, and the negatives that are kept."]
    report: Annotated[Report, "Rows and rates before and after."]


@component(title="Down-sample negatives", category="Data preprocessing")
def downsample(
    table: Annotated[pd.DataFrame, "Rows with a label."],
    *,
    label: Annotated[str, Field(description="Column of 0 and 1.")] = "label",
    share: Share = 0.25,
    seed: Annotated[int, Field(ge=0, description="Decides which negatives are kept.")] = 0,
) -> DownsampleOutputs:
    """Keep every positive and a share of the negatives.

    Shapes: table (n, d) -> table (k, d).
    Units:  share of rows, 0 to 1.
    Errors: ComponentError when the column is not there or holds anything but 0 and 1.
    Source: He et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook".
    """
    if label not in table or not table[label].isin([0, 1]).all():
        raise ComponentError(f"Column {label!r} is not there, or holds more than 0 and 1.")
    drawn = [_draw(row, seed) < share for row in range(len(table))]
    kept = table[(table[label] == 1) | pd.Series(drawn, table.index, bool)]
    rates = {
        "rows": {"before": len(table), "after": len(kept)},
        "base_rate": {"before": _mean(table[label]), "after": _mean(kept[label])},
        "share": share,
    }
    return DownsampleOutputs(kept, Report(rates))


@component(title="Calibrate scores", category="CTR model")
def calibrate(
    table: Annotated[pd.DataFrame, "Scored rows."],
    *,
    score: Annotated[str, Field(description="Column of probabilities to put right.")] = "amount",
    share: Share = 0.25,
) -> pd.DataFrame:
    """Undo in the scores what keeping a share of the negatives did to them: p / (p + (1 - p) / w).

    Shapes: table (n, d) -> table (n, d), the column `score` changed.
    Units:  share as in `downsample`.
    Errors: ComponentError when the column is not there or holds what is no probability.
    Source: He et al. 2014, section 6.3.
    """
    if score not in table or not table[score].dropna().between(0, 1).all():
        raise ComponentError(f"Column {score!r} is not there, or holds more than probabilities.")
    p = table[score].astype(float)
    return table.assign(**{score: p / (p + (1 - p) / share)})


def _draw(row: int, seed: int) -> float:
    return int(hashlib.md5(f"{row}:{seed}".encode()).hexdigest()[:8], 16) / 16**8


def _mean(values: pd.Series) -> float | None:
    return float(values.mean()) if len(values) else None
