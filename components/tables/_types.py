"""The type of a text column, decided by all of its values or declared."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from studio.component import ComponentError, context, say

from ._columns import check_columns

ColumnType = Literal["int64", "float64", "bool", "string", "date", "timestamp"]

Column = Any  # a pyarrow.ChunkedArray; its stubs know too little to be of help

# Texts that a float would change for good: identifiers, and numbers with too many digits.
_NOT_A_FLOAT = r"^(\+|-?0\d|-?\d{16,}$)"
_BOOLS = ("true", "false", "True", "False", "TRUE", "FALSE")


def infer_types(table: pa.Table, declared: Mapping[str, ColumnType]) -> pa.Table:
    """Cast text columns: declared types first, others to what all of their values fit."""
    check_columns(list(declared), table.column_names, "column_types")

    def convert(name: str) -> Column:
        column = table[name]
        if name in declared:
            return _cast_declared(column, name, declared[name])
        return _infer(column) if pa.types.is_string(column.type) else column

    with ThreadPoolExecutor(context.threads) as pool:
        columns = list(pool.map(convert, table.column_names))
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def declare_types(table: pa.Table, declared: Mapping[str, ColumnType]) -> pa.Table:
    """Cast the declared columns of a table that has types already."""
    check_columns(list(declared), table.column_names, "column_types")
    for name, type_name in declared.items():
        position = table.column_names.index(name)
        table = table.set_column(position, name, _cast_declared(table[name], name, type_name))
    return table


def _infer(texts: Column) -> Column:
    if texts.null_count == len(texts):
        return texts  # nothing was seen, so nothing is claimed
    for attempt in (_as_int, _as_float, _as_bool):
        column = attempt(texts)
        if column is not None:
            return column
    return texts


def _as_int(texts: Column) -> Column | None:
    """Whole numbers that read back as they were written: not 007, +5, 0x1f."""
    numbers = _try_cast(texts, pa.int64())
    if numbers is None or not pc.all(pc.equal(pc.cast(numbers, pa.string()), texts)).as_py():
        return None
    return numbers


def _as_float(texts: Column) -> Column | None:
    numbers = _try_cast(texts, pa.float64())
    if numbers is None or not pc.all(pc.is_finite(numbers)).as_py():
        return None  # `inf` and `nan` stay texts, as does 1e999
    unsafe = pc.match_substring_regex(texts, _NOT_A_FLOAT)
    return None if pc.any(unsafe).as_py() else numbers


def _as_bool(texts: Column) -> Column | None:
    known = pc.is_in(texts, value_set=pa.array([*_BOOLS, None], pa.string()))
    return _try_cast(texts, pa.bool_()) if pc.all(known).as_py() else None


def _try_cast(column: Column, type_: pa.DataType) -> Column | None:
    try:
        return pc.cast(column, type_)
    except pa.ArrowInvalid:
        return None


def _cast_declared(column: Column, name: str, type_name: ColumnType) -> Column:
    type_ = _arrow_type(type_name)
    if pa.types.is_string(column.type) and type_name != "string":
        column = pc.utf8_trim_whitespace(column)
    try:
        result = _try_cast(column, type_)
        row = None if result is not None else _first_misfit(column, type_)
    except pa.ArrowNotImplementedError as error:
        raise _cannot_be(name, type_name, f"it is {column.type}") from error
    if row is not None:
        value = column[row].as_py()
        raise _cannot_be(name, type_name, f"row {row + 1} holds {value!r}", row + 1)
    return result


def _cannot_be(name: str, type_name: str, why: str, row: int | None = None) -> ComponentError:
    return ComponentError(
        say(
            "Column {name!r} cannot be {type_name}: {why}.", name=name, type_name=type_name, why=why
        ),
        hint="Correct the value, list it in null_values, or declare another type.",
        parameter="column_types",
        row=row,
        code="column.type",
    )


def _first_misfit(column: Column, type_: pa.DataType) -> int:
    """The first row that cannot be cast, by halving."""
    start, end = 0, len(column)
    while end - start > 1:
        middle = (start + end) // 2
        if _try_cast(column.slice(start, middle - start), type_) is None:
            end = middle
        else:
            start = middle
    return start


def _arrow_type(type_name: ColumnType) -> pa.DataType:
    types: dict[str, pa.DataType] = {
        "int64": pa.int64(),
        "float64": pa.float64(),
        "bool": pa.bool_(),
        "string": pa.string(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us"),
    }
    assert set(types) == set(get_args(ColumnType))
    return types[type_name]
