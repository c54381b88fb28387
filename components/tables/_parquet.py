"""One Parquet file as a table of plain columns."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from studio.component import ComponentError, say


def read_parquet(file: Path) -> pa.Table:
    """The file's table; dictionary columns as their values, names unique."""
    try:
        table = pq.ParquetFile(file).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    _check_names(table.column_names, file.name)
    return table.cast(_plain_schema(table.schema))


def read_parquet_schema(file: Path) -> pa.Schema:
    """The schema of the table that `read_parquet` reads, from the end of the file alone."""
    try:
        schema = pq.read_schema(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    _check_names(schema.names, file.name)
    return _plain_schema(schema)


def _unreadable(file: Path, error: Exception) -> ComponentError:
    return ComponentError(
        say("{name} is not a readable Parquet file: {error}", name=file.name, error=error),
        hint="Copy or write the file again, or choose its format.",
        parameter="path",
        code="parquet.invalid",
    )


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([_plain(field) for field in schema])


def _check_names(names: list[str], file: str) -> None:
    wrong = sorted(name for name, count in Counter(names).items() if count > 1 or not name)
    if wrong:
        listed = ", ".join(map(repr, wrong))
        raise ComponentError(
            say("{file} has blank or duplicate column names: {listed}.", file=file, listed=listed),
            hint="Give every column a name of its own.",
            parameter="path",
            code="parquet.columns",
        )


def _plain(field: pa.Field[Any]) -> pa.Field[Any]:
    if pa.types.is_dictionary(field.type):
        return pa.field(field.name, field.type.value_type, field.nullable)
    return pa.field(field.name, field.type, field.nullable)
