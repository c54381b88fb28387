"""A table with NaN and without null."""

from __future__ import annotations

import pyarrow as pa

from studio.component import component


@component(title="With NaN", category="Probe")
def with_nan() -> pa.Table:
    """Three numbers, one of which is NaN."""
    return pa.table({"x": pa.array([1.0, float("nan"), 3.0], from_pandas=False)})
