"""Make NaN anew, in an engine."""

from __future__ import annotations

import ibis

from studio.component import component


@component(title="Halve", category="Probe")
def halve(table: ibis.Table) -> ibis.Table:
    """One null becomes NaN, the rest is halved."""
    nan = ibis.literal(float("nan"))
    return table.mutate(x=ibis.ifelse(table.x.isnull(), nan, table.x / 2))
