"""Make `movielens_like.csv`: ratings of films in the shape of MovieLens 1M joined, as invented.

Users like some genres more than others and films differ in quality, so that the genres of a film,
of which it has up to four, say much of what a user will like. Ratings come one after the other.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROWS, USERS, FILMS = 12_000, 400, 300
SEED = 20_261_124
FIRST, LAST = 956_703_932, 1_046_454_590  # seconds since 1970
NOISE = 0.8
GENRES = (
    "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Drama", "Fantasy",
    "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
AGES = (1, 18, 25, 35, 45, 50, 56)
COLUMNS = (
    "user_id", "movie_id", "rating", "timestamp", "title", "genres", "gender", "age",
    "occupation", "zip",
)  # fmt: skip

Array = np.ndarray[Any, np.dtype[Any]]


def popular(random: np.random.Generator, size: int) -> Array:
    weights = 1.0 / np.arange(1, size + 1) ** 0.7
    return random.choice(size, ROWS, p=weights / weights.sum())


def make_rows() -> list[tuple[Any, ...]]:
    random = np.random.default_rng(SEED)
    user, film = popular(random, USERS), popular(random, FILMS)
    held = random.random((FILMS, len(GENRES))) * (random.random((FILMS, len(GENRES))) < 0.35)
    order = np.argsort(-held, axis=1)[:, :4]
    genres = [[g for g in order[f] if held[f, g] > 0] or [order[f, 0]] for f in range(FILMS)]
    taste = random.normal(0, 1.2, (USERS, len(GENRES)))
    quality, kindness = random.normal(0, 0.5, FILMS), random.normal(0, 0.3, USERS)
    likes = np.array([taste[u, genres[f]].mean() for u, f in zip(user, film, strict=True)])
    score = 3.6 + likes + quality[film] + kindness[user] + random.normal(0, NOISE, ROWS)
    rating = np.clip(np.rint(score), 1, 5).astype(int)
    time = np.sort(random.integers(FIRST, LAST, ROWS))
    year = random.integers(1930, 2001, FILMS)
    gender, age = random.random(USERS) < 0.28, random.choice(AGES, USERS)
    occupation, place = random.integers(0, 21, USERS), random.integers(1000, 99999, USERS)
    return [
        (
            u + 1,
            f + 1,
            rating[n],
            time[n],
            f"Film {f + 1} ({year[f]})",
            "|".join(GENRES[g] for g in sorted(genres[f])),
            "F" if gender[u] else "M",
            age[u],
            occupation[u],
            f"{place[u]:05}",
        )
        for n, (u, f) in enumerate(zip(user, film, strict=True))
    ]


def write(target: Path) -> None:
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(make_rows())


if __name__ == "__main__":
    here = Path(__file__).with_name("movielens_like.csv")
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else here)
