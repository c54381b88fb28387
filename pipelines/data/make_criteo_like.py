"""Make `criteo_like.csv`: display advertising in the shape of Criteo's: 13 numbers, 26 hashes.

Numbers are counts with a long tail and much is missing; a category is known by eight hexadecimal
digits only. Numbers act by their order of magnitude, and not always upwards.
"""

from __future__ import annotations

import csv
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 8_000
SEED = 20_261_124
SPREAD, BASE_LOGIT = 1.6, -1.3
NUMBERS = [f"I{n}" for n in range(1, 14)]
CATEGORIES = [f"C{n}" for n in range(1, 27)]
# Share of missing values, by column; the others are always there.
MISSING = {
    "I1": 0.45, "I3": 0.2, "I4": 0.2, "I6": 0.22, "I10": 0.45, "I12": 0.77, "I13": 0.2,
    "C19": 0.4, "C20": 0.4, "C22": 0.76, "C25": 0.4, "C26": 0.4,
}  # fmt: skip
SIZES = (20, 90, 2000, 900, 12, 8, 1200, 20, 3, 1500, 900, 2000, 700, 14, 900, 1800, 10, 500,
         300, 4, 2000, 7, 12, 1200, 30, 900)  # fmt: skip
DEPTH = 12  # columns that matter

Array = np.ndarray[Any, np.dtype[Any]]


def make_columns() -> dict[str, list[str]]:
    random = np.random.default_rng(SEED)
    effects: list[Array] = []
    columns: dict[str, list[str]] = {}
    for name in NUMBERS:
        size = np.exp(random.normal(2.0, 1.5, ROWS))
        magnitude = np.clip(np.log2(1 + size), 0, 12).astype(int)
        effects.append(random.normal(0, 1, 13)[magnitude])
        columns[name] = [str(int(value)) for value in size]
    for name, count in zip(CATEGORIES, SIZES, strict=True):
        weights = 1.0 / np.arange(1, count + 1) ** 1.1
        ids = random.choice(count, ROWS, p=weights / weights.sum())
        effects.append(random.normal(0, 1, count)[ids])
        columns[name] = [f"{zlib.crc32(f'{name}:{id}'.encode()):08x}" for id in ids]
    chosen = random.permutation(len(effects))[:DEPTH]
    first = np.sum([effects[n] for n in chosen], axis=0)
    second = effects[chosen[0]] * effects[chosen[1]] + effects[chosen[2]] * effects[chosen[3]]
    logit = BASE_LOGIT + SPREAD * (0.8 * first / first.std() + 0.6 * second / second.std())
    clicked = random.random(ROWS) < 1 / (1 + np.exp(-logit))
    for name, share in MISSING.items():
        gone = random.random(ROWS) < share
        columns[name] = ["" if g else text for g, text in zip(gone, columns[name], strict=True)]
    return {"label": [str(int(click)) for click in clicked], **columns}


def write(target: Path) -> None:
    columns = make_columns()
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


if __name__ == "__main__":
    here = Path(__file__).with_name("criteo_like.csv")
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else here)
