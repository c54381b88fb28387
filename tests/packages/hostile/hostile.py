"""Runs code in the place of a component's own."""

from __future__ import annotations

from studio.component import InputPath, Report, component


@component(title="Hostile", category="Probe", volatile=True, confined=True)
def hostile(report: Report | None = None, *, code: str, path: InputPath | None = None) -> Report:
    """Do what the code says; what it puts into `said` is the report."""
    said: dict[str, object] = {}
    exec(code, {"said": said, "path": path, "report": report})
    return Report(said)
