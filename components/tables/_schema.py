"""The columns of a file before it is read: from its footer, or from its first rows."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from studio.component import ComponentError, say

from ._csv import CsvOptions, read_csv
from ._files import Format
from ._jsonl import read_jsonl
from ._parquet import read_parquet_schema
from ._stack import stack_tables
from ._types import ColumnType, declare_types, infer_types

_LOOK = 16 << 20  # bytes that are read of the files in all; a reading takes a quarter of a second


def look_at(
    files: list[Path],
    kind: Format,
    options: CsvOptions,
    column_types: Mapping[str, ColumnType],
) -> pa.Table | None:
    """A table with the columns that the files have, and some of their rows or none.

    Of larger CSV files the types are those of the first rows, which later ones may widen. None
    for larger JSON Lines, where any row may bring a column.
    """
    if kind == "parquet":
        tables = [(file.name, read_parquet_schema(file).empty_table()) for file in files]
        return declare_types(stack_tables(tables), column_types)
    whole = sum(file.stat().st_size for file in files) <= _LOOK and not _are_packed(files)
    if whole:
        tables = [(file.name, _read(file.read_bytes(), file.name, kind, options)) for file in files]
    elif kind == "csv":
        try:
            tables = [(files[0].name, read_csv(_first_lines(files[0]), files[0].name, options))]
        except ComponentError:
            return None  # the cut may lie within quotes; reading the whole file will tell
    else:
        return None
    typed = infer_types if kind == "csv" else declare_types
    return typed(stack_tables(tables), column_types)


def _read(content: bytes, name: str, kind: Format, options: CsvOptions) -> pa.Table:
    if kind == "csv":
        return read_csv(content, name, options)
    return read_jsonl(content, name, options.encoding)


def _are_packed(files: list[Path]) -> bool:
    """Whether some file is packed with gzip, and may be any length when unpacked."""
    return any(_is_packed(file) for file in files)


def _is_packed(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(2) == b"\x1f\x8b"


def _first_lines(file: Path) -> bytes:
    """The first lines of a file, unpacked, up to the last whole one."""
    try:
        with gzip.open(file) if _is_packed(file) else file.open("rb") as opened:
            content = opened.read(_LOOK)
    except (OSError, EOFError) as error:
        raise ComponentError(
            say("{name} cannot be read: {error}.", name=file.name, error=error),
            parameter="path",
            code="file.gzip",
        ) from error
    end = content.rfind(b"\n") + 1
    return content[:end] if len(content) == _LOOK and end else content
