"""Orders of rows, the same on every engine: at random by seed, and new ordinals."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.common.exceptions

from studio.component import ComponentError, say

from ._columns import ROW, check_columns

_DIGITS = 16  # of the MD5: 64 bits tell rows apart, the rest would only be sorted


def check_ordinal(table: ibis.Table) -> None:
    if ROW not in table.columns:
        raise ComponentError(
            say("The table has no column {row!r}, the number of every row.", row=ROW),
            hint="read_table and append_id add it; keep it in the nodes between.",
            code="column.missing",
        )


def has_rows(table: ibis.Table) -> bool:
    """Whether it can be asked: while a pipeline is drawn, a table is its columns alone."""
    try:
        table.get_backend()
    except ibis.common.exceptions.IbisError:
        return False
    return True


def random_order(key: ibis.Value, seed: int) -> ibis.Value:
    """A text by which equal keys stand together, in an order that the seed decides."""
    return key.cast("string").concat(f":{seed}").hexdigest("md5").substr(0, _DIGITS)


def key_text(table: ibis.Table, column: str, parameter: str) -> ibis.Value:
    """A text that tells the values of a column apart; null, which joins with nothing, has one."""
    check_columns([column], table.columns, parameter)
    value = table[column]
    if not (value.type().is_string() or value.type().is_integer() or value.type().is_boolean()):
        raise ComponentError(
            say(
                "Column {column!r} is of type {type}, whose values make no groups.",
                column=column,
                type=value.type(),
            ),
            hint="Take a column of text, whole numbers or booleans.",
            parameter=parameter,
            code="column.type",
        )
    return ibis.ifelse(value.isnull(), "", ibis.literal("=").concat(value.cast("string")))


def as_int64(whole: ibis.Value) -> ibis.Value:
    """A whole number that Ibis takes for 64 bits and an engine does not: ranks have 32 in Spark,
    sums 128 in DuckDB. A cast to the type it is thought to have would be left out.
    """
    return whole.cast("decimal(38, 0)").cast("int64")


def renumber(table: ibis.Table, order: Sequence[str | ibis.Value]) -> ibis.Table:
    """The table with new ordinals 0, 1, ... in some order, in which its rows are written."""
    rest = [name for name in table.columns if name != ROW]
    numbered = table.mutate(**{ROW: as_int64(ibis.row_number().over(order_by=list(order)))})
    return numbered.select(*rest, ROW).order_by(ROW)


def in_order(table: ibis.Table) -> ibis.Table:
    """The table in the order of its ordinals, where it has them."""
    return table.order_by(ROW) if ROW in table.columns else table
