"""A table in and out, as each library has it."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from studio.component import InputPath, TableWithRoles, component


class RowsOutputs(NamedTuple):
    frame: pd.DataFrame
    arrow: pa.Table


@component(title="Rows", category="Probe")
def rows(*, path: InputPath, label: str = "") -> RowsOutputs:
    """Read numbers, one a line."""
    with open(path) as file:
        numbers = [int(line) for line in file]
    frame = pd.DataFrame({"n": numbers, "half": [n / 2 for n in numbers]})
    table = pa.table({"n": numbers, "text": [str(n) for n in numbers]})
    roles = {"label": [label]} if label else {}
    return RowsOutputs(frame, TableWithRoles(table, roles))  # type: ignore[arg-type]
