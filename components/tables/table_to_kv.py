"""Make one column of sparse "k:v,k:v" texts of many columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from studio.component import Column, ComponentError, Schema, component, say

from ._columns import check_columns
from ._kv import write_kv

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def _schema(table: Schema, *, columns: Sequence[str], kv: str, **_: Any) -> Schema:
    return table.drop(columns).add(**{kv: "string"})


@component(title="Table to KV", category="Data preprocessing", version="1.0", schema=_schema)
def table_to_kv(
    table: pa.Table,
    *,
    columns: Annotated[
        Sequence[Column], Field(min_length=1, description="Columns of numbers to put together.")
    ],
    keys: Annotated[
        Mapping[str, int],
        Field(description="Keys, by column; empty for 0, 1, 2, ... in the order of columns."),
    ] = {},
    kv: Annotated[str, Field(min_length=1, description="Name of the new column.")] = "kv",
    zeros: Annotated[bool, Field(description="Write zeros, too.")] = False,
    item_separator: Annotated[
        str, Field(min_length=1, description="What stands between pairs.")
    ] = ",",
    pair_separator: Annotated[
        str, Field(min_length=1, description="What stands between key and value.")
    ] = ":",
) -> pa.Table:
    """Write the numbers of some columns as pairs of key and value; missing ones are left out.

    Numbers are written so that they read back as they were. The columns are replaced by the new
    one, which `fm_train` and `kv_to_table` read.

    Shapes: table (n, d) -> table (n, d - k + 1) for k columns.
    Units:  unchanged; keys are whole numbers from 0.
    Errors: ComponentError for a column that is not there or holds no numbers, a key twice or below
            0, and a new name that is taken.
    Source: PAI-Studio "Table to KV".
    """
    check_columns(list(columns), table.column_names, "columns")
    check_columns(list(keys), columns, "keys")
    if kv in table.column_names and kv not in columns:
        raise _refuse(say("There is a column {kv!r} already.", kv=kv), "kv", "column.exists")
    numbers = _keys(columns, keys)
    cells = [
        _cells(table, name, str(numbers[name]), zeros)
        for name in sorted(columns, key=lambda name: numbers[name])
    ]
    text = write_kv(cells, table.num_rows, item_separator, pair_separator)
    rest = [name for name in table.column_names if name not in columns]
    return table.select(rest).append_column(kv, text)


def _keys(columns: Sequence[str], keys: Mapping[str, int]) -> dict[str, int]:
    numbers = {name: keys.get(name, place) for place, name in enumerate(columns)}
    if len(set(numbers.values())) < len(columns) or min(numbers.values()) < 0:
        raise _refuse("A key is given twice, or below 0.", "keys", "kv.keys")
    return numbers


def _cells(table: pa.Table, name: str, key: str, zeros: bool) -> tuple[str, Array, Array]:
    type_ = table.schema.field(name).type
    if not (
        pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_boolean(type_)
    ):
        raise _refuse(
            say("Column {name!r} is of type {type}.", name=name, type=type_),
            "columns",
            "column.type",
        )
    column: Any = table.column(name).combine_chunks()
    present = ~np.asarray(column.is_null(nan_is_null=True))
    as_number = pc.cast(column, pa.int64()) if pa.types.is_boolean(type_) else column
    values = np.asarray(as_number.fill_null(0))
    return key, values, present if zeros else present & (values != 0)


def _refuse(message: str, parameter: str, code: str) -> ComponentError:
    return ComponentError(
        message,
        hint="Take columns of numbers, keys of their own from 0, and a new name.",
        parameter=parameter,
        code=code,
    )
