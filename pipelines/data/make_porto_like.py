"""Make `porto_like.csv`: a table of the same 59 columns as Porto Seguro's, with a weak signal.

-1 means missing, in the columns where it does in the original; 3.8 % of the rows are positive.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 6_000
SEED = 20_261_124
POSITIVE_SHARE = 0.038
MISSING_SHARE = 0.05

# Column -> number of its distinct values; 0: a real number.
COLUMNS: dict[str, int] = {
    "ps_ind_01": 8,
    "ps_ind_02_cat": 4,
    "ps_ind_03": 12,
    "ps_ind_04_cat": 2,
    "ps_ind_05_cat": 7,
    **{f"ps_ind_{n:02}_bin": 2 for n in range(6, 14)},
    "ps_ind_14": 5,
    "ps_ind_15": 14,
    **{f"ps_ind_{n}_bin": 2 for n in (16, 17, 18)},
    "ps_reg_01": 0,
    "ps_reg_02": 0,
    "ps_reg_03": 0,
    **dict(
        zip(
            [f"ps_car_{n:02}_cat" for n in range(1, 12)],
            [12, 2, 2, 10, 2, 18, 2, 2, 5, 3, 104],
            strict=True,
        )
    ),
    "ps_car_11": 4,
    "ps_car_12": 0,
    "ps_car_13": 0,
    "ps_car_14": 0,
    "ps_car_15": 0,
    "ps_calc_01": 0,
    "ps_calc_02": 0,
    "ps_calc_03": 0,
    **{f"ps_calc_{n:02}": 10 for n in range(4, 15)},
    **{f"ps_calc_{n}_bin": 2 for n in range(15, 21)},
}
WITH_MISSING = (
    "ps_ind_02_cat", "ps_ind_04_cat", "ps_ind_05_cat", "ps_reg_03", "ps_car_01_cat",
    "ps_car_02_cat", "ps_car_03_cat", "ps_car_05_cat", "ps_car_07_cat", "ps_car_09_cat",
    "ps_car_11", "ps_car_12", "ps_car_14",
)  # fmt: skip

Array = np.ndarray[Any, np.dtype[Any]]


def make_columns() -> dict[str, Array]:
    random = np.random.default_rng(SEED)
    columns: dict[str, Array] = {}
    logit = np.zeros(ROWS)
    for name, size in COLUMNS.items():
        if size:
            values: Array = random.integers(0, size, ROWS)
            effect = random.normal(0, 1, size)[values]
        else:
            values = np.round(random.gamma(4.0, 0.2, ROWS), 4)
            effect = random.normal() * (values - values.mean()) / values.std()
        if name in WITH_MISSING:
            values = np.where(random.random(ROWS) < MISSING_SHARE, -1, values)
        columns[name] = values
        logit += 0.0 if "calc" in name else 0.16 * effect
    score = logit + random.gumbel(0, 1, ROWS) - random.gumbel(0, 1, ROWS)
    target = (score >= np.quantile(score, 1 - POSITIVE_SHARE)).astype(int)
    return {"id": np.arange(ROWS) * 2 + 1, "target": target, **columns}


def write(target: Path) -> None:
    columns = make_columns()
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in zip(*columns.values(), strict=True):
            writer.writerow([_text(value) for value in row])


def _text(value: Any) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() else f"{number:.4f}"


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("porto_like.csv"))
