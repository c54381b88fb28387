"""A table component for two engines."""

from __future__ import annotations

import ibis

from studio.component import component


@component(title="Double", category="Probe")
def double(table: ibis.Table) -> ibis.Table:
    """Double a column."""
    return table.mutate(n=table.n * 2)
