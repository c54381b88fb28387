"""Make `sparse_clicks.csv`: rows as PAI's FM takes them, `key:value,key:value`, and a label.

A row has the tags of a page and of a visitor. Some tags attract on their own, and some pairs of a
page's and a visitor's tag attract or repel one another, which a linear model cannot learn. The
script prints the AUC of the true probabilities: what no model can beat.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 12_000
SEED = 7
PAGE_TAGS, VISITOR_TAGS = 40, 30
FIRST_VISITOR_KEY = 1000  # keys may have gaps
RANK = 3
SPREAD, BASE_LOGIT = 2.0, -1.2

Array = np.ndarray[Any, np.dtype[Any]]


def pick(random: np.random.Generator, tags: int, most: int) -> Array:
    """Which of the tags each row has: one to `most` of them, frequent ones first."""
    weights = 1.0 / np.arange(1, tags + 1)
    there = np.zeros((ROWS, tags), bool)
    for _ in range(most):
        there[np.arange(ROWS), random.choice(tags, ROWS, p=weights / weights.sum())] = True
    return there


def main(target: Path) -> None:
    random = np.random.default_rng(SEED)
    page, visitor = pick(random, PAGE_TAGS, 4), pick(random, VISITOR_TAGS, 3)
    first = page @ random.normal(0, 1, PAGE_TAGS) + visitor @ random.normal(0, 1, VISITOR_TAGS)
    left, right = (random.normal(0, 1, (tags, RANK)) for tags in (PAGE_TAGS, VISITOR_TAGS))
    pairs = np.einsum("nk,nk->n", page @ left, visitor @ right)
    logit = np.sqrt(0.4) * (first - first.mean()) / first.std()
    logit = BASE_LOGIT + SPREAD * (logit + np.sqrt(0.6) * (pairs - pairs.mean()) / pairs.std())
    probability = 1 / (1 + np.exp(-logit))
    label = (random.random(ROWS) < probability).astype(int)
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "features", "label"])
        for row in range(ROWS):
            keys = [*np.flatnonzero(page[row]), *np.flatnonzero(visitor[row]) + FIRST_VISITOR_KEY]
            writer.writerow([row, ",".join(f"{key}:1" for key in keys), label[row]])
    print(f"AUC of the true probabilities: {area(label, probability):.4f}")


def area(label: Array, score: Array) -> float:
    ranks = np.empty(len(score))
    ranks[np.argsort(score)] = np.arange(1, len(score) + 1)
    positives = label.sum()
    wins = ranks[label == 1].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * (len(label) - positives)))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sparse_clicks.csv")
