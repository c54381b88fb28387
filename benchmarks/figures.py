"""A figure that README or docs state, as it is printed: what, how much, and how it was taken."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    what: str
    value: str
    how: str = ""

    def __str__(self) -> str:
        return f"{self.what:<52}{self.value:>12}  {self.how}".rstrip()


def median_of(what: str, seconds: Sequence[float]) -> Figure:
    """The median of several rounds, and the least, which a busy machine changes less."""
    how = f"median of {len(seconds)}; least {in_words(min(seconds))}" if len(seconds) > 1 else ""
    return Figure(what, in_words(statistics.median(seconds)), how)


def in_words(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def show(title: str, figures: Iterable[Figure]) -> None:
    """Print figures as they come, below a title."""
    print(f"\n{title}")
    for figure in figures:
        print(f"  {figure}", flush=True)


def show_load() -> None:
    print(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
