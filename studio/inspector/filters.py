"""Filters of rows: a column, an operator, a value. Values never become part of a query's text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from studio.errors import Problem, StudioError, say
from studio.parameters import nearest

# The longer operators first, so that `<=` is not read as `<`.
_OPERATORS = {
    "!=": "{} IS DISTINCT FROM {}",
    "<=": "{} <= {}",
    ">=": "{} >= {}",
    "!~": "NOT contains(lower(CAST({} AS VARCHAR)), lower({}))",
    "=": "{} = {}",
    "<": "{} < {}",
    ">": "{} > {}",
    "~": "contains(lower(CAST({} AS VARCHAR)), lower({}))",
}
_NULL = re.compile(r"\s+is\s+(not\s+)?null\s*", re.IGNORECASE)
_REST = re.compile(rf"\s*({'|'.join(map(re.escape, _OPERATORS))})(.*)", re.DOTALL)


class QueryError(StudioError):
    """What was asked of a table cannot be: an unknown column, a filter that is none."""

    status = 422

    def __init__(self, code: str, message: str, hint: str | None, field: str) -> None:
        super().__init__(message, hint=hint, code=code)
        self._field = field

    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.code, self.message, self.hint, field=self._field),)


def condition(text: str, types: Mapping[str, str]) -> tuple[str, list[Any]]:
    """A filter such as `price>10` as SQL with its values apart. types: DuckDB's, by column."""
    column = _column(text, types)
    rest = text[len(column) :]
    if _NULL.fullmatch(rest):
        word = "IS NOT NULL" if "not" in rest.lower() else "IS NULL"
        return f"{quoted(column)} {word}", []
    match = _REST.fullmatch(rest)
    if match is None:
        hint = say(
            "After {column!r} comes one of {operators} and a value, or `is null`.",
            column=column,
            operators=" ".join(_OPERATORS),
        )
        raise QueryError("filter.form", say("{text!r} is not a filter.", text=text), hint, "filter")
    operator, value = match[1], match[2]
    placeholder = "?" if "~" in operator else f"CAST(? AS {types[column]})"
    return f"({_OPERATORS[operator].format(quoted(column), placeholder)})", [value]


def _column(text: str, types: Mapping[str, str]) -> str:
    """The longest column that the filter begins with: names may hold spaces and signs."""
    named = [name for name in types if text.startswith(name)]
    if named:
        return max(named, key=len)
    name = re.split(r"[!<>=~]", text, maxsplit=1)[0].strip()
    raise unknown_column(name, list(types), "filter")


def unknown_column(name: str, columns: Sequence[str], field: str) -> QueryError:
    hint = nearest(name, columns) or say("It has: {columns}.", columns=", ".join(columns[:20]))
    return QueryError(
        "column.missing", say("The table has no column {name!r}.", name=name), hint, field
    )


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
