"""DuckDB for looking at tables: in memory, small, and reading nothing but what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def connect() -> Any:
    import duckdb

    connection = duckdb.connect()
    for setting in ("memory_limit = '1GB'", "threads = 2", "TimeZone = 'UTC'"):
        connection.execute(f"SET {setting}")
    return connection


def parquet(paths: Sequence[str], numbered: bool = False) -> str:
    """Files as a table of SQL; `numbered` adds filename and file_row_number."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    options = ", filename = true, file_row_number = true" if numbered else ""
    return f"read_parquet([{listed}]{options})"
