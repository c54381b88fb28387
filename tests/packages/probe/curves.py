"""A report that is larger than what is kept beside a step."""

from __future__ import annotations

from studio.component import Report, component


@component(title="Curves", category="Probe")
def curves() -> Report:
    """One number, and a long series."""
    points = [[number / 7, number / 3] for number in range(20_000)]
    return Report({"metrics": {"auc": 0.75}, "models": [{"name": "m", "curves": {"roc": points}}]})
