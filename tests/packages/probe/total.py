"""The sum of many reports."""

from __future__ import annotations

from studio.component import Report, component, context


@component(title="Total", category="Probe")
def total(reports: list[Report], *, factor: float = 1.0) -> Report:
    """Add up what comes in."""
    context.progress(0.5, "half way")
    context.metrics(1, {"loss": 0.25})
    return Report({"value": factor * sum(report.document["value"] for report in reports)})
