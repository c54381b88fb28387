"""Make columns of numbers of one column of sparse "k:v,k:v" texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import Column, ComponentError, Schema, component, context, say

from ._columns import check_columns
from ._kv import Cells, read_kv

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def _schema(
    table: Schema, *, column: str, keys: Sequence[str], prefix: str, **_: Any
) -> Schema | None:
    if not keys:
        return None  # they stand in the rows
    return table.drop([column]).add(**{f"{prefix}{key}": "double" for key in keys})


@component(title="KV to table", category="Data preprocessing", version="1.0", schema=_schema)
def kv_to_table(
    table: pa.Table,
    *,
    column: Annotated[Column, Field(description="Column of texts such as `1:0.5,7:2`.")],
    keys: Annotated[
        Sequence[str],
        Field(description="Keys that become columns, in this order; empty for all that occur."),
    ] = [],
    prefix: Annotated[str, Field(description="What the names of new columns begin with.")] = "f_",
    absent: Annotated[
        float | None, Field(description="Value of a key that a row does not have; empty: missing.")
    ] = 0.0,
    max_columns: Annotated[
        int, Field(ge=1, le=100_000, description="More different keys are refused.")
    ] = 1000,
    item_separator: Annotated[
        str, Field(min_length=1, description="What stands between pairs.")
    ] = ",",
    pair_separator: Annotated[
        str, Field(min_length=1, description="What stands between key and value.")
    ] = ":",
) -> pa.Table:
    """Give every key a column of its own, in the order of the keys as numbers, else as texts.

    A missing text is a row without pairs. Of a key that a row has twice the values are added. With
    `keys`, others are left out, and counted in the log.

    Shapes: table (n, d) -> table (n, d - 1 + k) for k keys.
    Units:  unchanged.
    Errors: ComponentError for a column that is not there or holds no texts, an item that is no pair
            or whose value is no number, with its row, more than max_columns keys, and a name twice.
    Source: PAI-Studio "KV to Table".
    """
    check_columns([column], table.column_names, "column")
    if not pa.types.is_string(table.schema.field(column).type):
        type_ = table.schema.field(column).type
        raise _refuse(
            say("Column {column!r} is of type {type}, no text.", column=column, type=type_),
            "column",
            "column.type",
        )
    cells = read_kv(table.column(column), column, item_separator, pair_separator)
    chosen = list(keys) or _sorted(set(cells.key.to_pylist()))
    if len(chosen) > max_columns:
        raise _refuse(
            say("There are {count:,} keys.", count=len(chosen)), "max_columns", "kv.too_many"
        )
    rest = table.drop_columns([column])
    taken = [key for key in chosen if f"{prefix}{key}" in rest.column_names]
    if taken or len(set(chosen)) < len(chosen):
        raise _refuse(
            say("A name would be given twice: {taken}.", taken=taken or chosen),
            "keys",
            "column.exists",
        )
    for name, values in zip(chosen, _columns(cells, chosen, table.num_rows, absent), strict=True):
        rest = rest.append_column(f"{prefix}{name}", pa.array(values, from_pandas=True))
    return rest


def _sorted(keys: set[str]) -> list[str]:
    """Whole numbers first, by their size; the rest by text."""
    return sorted(
        keys, key=lambda key: (not key.isdecimal(), len(key) if key.isdecimal() else 0, key)
    )


def _columns(cells: Cells, keys: list[str], rows: int, absent: float | None) -> list[Array]:
    """The values of each key, by row; NaN where a row lacks it and nothing stands for it."""
    place = {key: number for number, key in enumerate(keys)}
    encoded = cells.key.dictionary_encode()
    of_code = np.array([place.get(key, -1) for key in encoded.dictionary.to_pylist()], np.int64)
    number = of_code[np.asarray(encoded.indices)] if len(cells.key) else np.empty(0, np.int64)
    known = number >= 0
    if not known.all():
        context.log.warning("%d pairs of other keys are left out.", int((~known).sum()))
    cell = number[known] * rows + cells.row[known]
    totals = np.full(len(keys) * rows, np.nan if absent is None else absent)
    totals[cell] = 0.0
    np.add.at(totals, cell, cells.value[known])
    return list(totals.reshape(len(keys), rows))


def _refuse(message: str, parameter: str, code: str) -> ComponentError:
    return ComponentError(
        message,
        hint="Name the keys that are wanted, and a prefix that makes names new.",
        parameter=parameter,
        code=code,
    )
