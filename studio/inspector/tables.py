"""A table artifact, opened: its columns with types and roles, and pages of its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.inspector.cells import page


@dataclass(frozen=True)
class OpenTable:
    """`columns` as they are shown: name, type, role; `parts` are open Parquet files."""

    columns: list[dict[str, Any]]
    rows: int
    parts: list[Any]
    paths: list[str]

    @property
    def names(self) -> list[str]:
        return [column["name"] for column in self.columns]


def open_table(folder: Path) -> OpenTable:
    import pyarrow.parquet as pq

    about = json.loads((folder / "table.json").read_bytes())
    paths = [str(path) for path in sorted(folder.glob("*.parquet"))]
    parts = [pq.ParquetFile(path) for path in paths]
    columns = [
        {"name": field.name, "type": str(field.type), "role": _role(field.name, about["roles"])}
        for field in parts[0].schema_arrow
    ]
    return OpenTable(columns, about["rows"], parts, paths)


def _role(column: str, roles: dict[str, list[str]]) -> str | None:
    return next((role for role, columns in roles.items() if column in columns), None)


def page_of_rows(
    table: OpenTable, names: Sequence[str], offset: int, limit: int
) -> list[list[Any]]:
    """Rows offset ... offset + limit - 1, as many of them as one reply holds."""
    return page(_read(table.parts, names, offset, limit), len(names))


def _read(
    parts: list[Any], names: Sequence[str], offset: int, limit: int
) -> Iterator[tuple[Any, ...]]:
    """Reads only the row groups that hold the rows."""
    taken = start = 0
    for part in parts:
        for group in range(part.num_row_groups):
            length = part.metadata.row_group(group).num_rows
            first = max(offset + taken - start, 0)
            if first < length and taken < limit:
                rows = part.read_row_group(group, columns=list(names)).slice(first, limit - taken)
                taken += rows.num_rows
                yield from zip(*(rows[name].to_pylist() for name in names), strict=True)
            start += length
