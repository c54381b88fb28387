"""Read a table from files: CSV, Parquet or JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import (
    Column,
    ComponentError,
    InputPath,
    Schema,
    TableWithRoles,
    component,
    say,
)

from ._columns import ROW, check_columns
from ._csv import CsvOptions, read_csv
from ._files import Format, format_of, list_data_files, read_bytes
from ._jsonl import read_jsonl
from ._mending import Damaged
from ._parquet import read_parquet
from ._schema import look_at
from ._stack import stack_tables
from ._types import ColumnType, declare_types, infer_types

Role = Annotated[Column | None, Field(description="Column with this role; pickers preselect it.")]


def _schema(
    *,
    path: str,
    format: str,
    separator: str,
    encoding: str,
    null_values: Sequence[str],
    column_types: Mapping[str, ColumnType],
    damaged: Damaged,
    **roles: str | None,
) -> Schema | None:
    """The columns that the table will have, from a look at the files."""
    files = list_data_files(Path(path))
    options = CsvOptions(_one_character(separator), encoding, null_values, damaged)
    table = look_at(files, format_of(files, format), options, column_types)
    if table is None:
        return None
    given = _check_roles(table, roles)
    types = {field.name: field.type for field in table.schema if field.name != ROW}
    return Schema({**types, ROW: "int64"}, given)


@component(title="Read table", category="Source and target", version="1.0", schema=_schema)
def read_table(
    *,
    path: Annotated[InputPath, Field(description="A file, or a folder of files of one format.")],
    format: Annotated[
        Literal["auto", "csv", "parquet", "jsonl"],
        Field(description="auto: told by the ending of the file's name."),
    ] = "auto",
    separator: Annotated[
        str, Field(description="CSV: the character between fields; \\t is a tab.")
    ] = ",",
    encoding: Annotated[
        str, Field(description="CSV, JSON Lines: how texts are encoded.")
    ] = "utf-8",
    null_values: Annotated[
        Sequence[str], Field(description="CSV: texts that mean that there is no value.")
    ] = [""],
    column_types: Annotated[
        Mapping[Column, ColumnType],
        Field(description="Types of columns, where they are not inferred."),
    ] = {},
    damaged: Annotated[
        Damaged,
        Field(
            description="CSV: rows that do not fit, NUL characters, names that repeat. repair: "
            "fill up or cut, remove, rename. skip: leave such rows out."
        ),
    ] = "refuse",
    label: Role = None,
    weight: Role = None,
    group: Role = None,
    id: Role = None,
    time: Role = None,
) -> pa.Table:
    """Read a table from a file, or from the files of a folder in name order.

    Nothing is guessed from a sample: the separator and the encoding are parameters, the first
    line of a CSV file holds the names, and a column's type is what *all* of its values fit: whole
    numbers, else numbers, else true/false, else text. Texts that a number would change (007,
    numbers beyond 64 bits, inf, NA) stay texts; `column_types` says otherwise. Blank lines are
    skipped. What `damaged` mends is counted in the log. Every row gets its ordinal, from 0, in the
    column `__row__`.

    Shapes: files of n rows and d columns in all -> table (n, d + 1).
    Units:  as in the files.
    Errors: ComponentError for a file that is missing, empty, damaged, of another encoding or
            format; rows with too few or too many fields, NUL characters or an open quote;
            duplicate or blank column names; a value that does not fit its declared type; files
            of a folder that differ in columns; a role that names no column.
    Source: PAI-Studio "Read Table" and "Read CSV File".
    """
    files = list_data_files(Path(path))
    kind = format_of(files, format)
    options = CsvOptions(_one_character(separator), encoding, null_values, damaged)
    table = stack_tables([(file.name, _read(file, kind, options)) for file in files])
    typed = (infer_types if kind == "csv" else declare_types)(table, column_types)
    roles = {"label": label, "weight": weight, "group": group, "id": id, "time": time}
    result: pa.Table = _with_roles(_with_ordinal(typed), roles)
    return result


def _read(file: Path, kind: Format, options: CsvOptions) -> pa.Table:
    if kind == "parquet":
        return read_parquet(file)
    if kind == "csv":
        return read_csv(read_bytes(file), file.name, options)
    return read_jsonl(read_bytes(file), file.name, options.encoding)


def _one_character(separator: str) -> str:
    character = "\t" if separator == "\\t" else separator
    if len(character) != 1 or character in '"\r\n' or not character.isascii():
        raise ComponentError(
            say("The separator is one ASCII character, not {separator!r}.", separator=separator),
            hint="Use , or ; or | or \\t for a tab.",
            parameter="separator",
            code="csv.separator",
        )
    return character


def _with_ordinal(table: pa.Table) -> pa.Table:
    if ROW in table.column_names:
        table = table.drop_columns([ROW])
    return table.append_column(ROW, pa.array(np.arange(table.num_rows, dtype=np.int64)))


def _with_roles(table: pa.Table, columns: dict[str, str | None]) -> Any:
    """The table as it is, or with its roles where there are any."""
    roles = _check_roles(table, columns)
    return TableWithRoles(table, roles) if roles else table


def _check_roles(table: pa.Table, columns: Mapping[str, str | None]) -> dict[str, list[str]]:
    roles = {role: [name] for role, name in columns.items() if name is not None}
    for role, names in roles.items():
        check_columns(names, table.column_names, role)
    return roles
