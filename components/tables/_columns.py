"""Errors that name a column and the columns that were probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from studio.component import ComponentError, say

ROW = "__row__"


def check_columns(names: Sequence[str], columns: Sequence[str], parameter: str) -> None:
    """Refuse the names that are not columns, all of them at once."""
    missing = [name for name in names if name not in columns]
    if missing:
        raise ComponentError(
            say("The table has no column {missing}.", missing=", ".join(map(repr, missing))),
            hint=nearest_columns(missing, columns),
            parameter=parameter,
            code="column.missing",
        )


def nearest_columns(names: Sequence[str], columns: Sequence[str]) -> str:
    """A hint with the columns closest to the names, or the first columns that there are."""
    shown = [name for name in columns if name != ROW]
    close = [match for name in names for match in difflib.get_close_matches(name, shown, n=5)]
    if close:
        return say("Did you mean {near}?", near=", ".join(map(repr, dict.fromkeys(close))))
    more = ", …" if len(shown) > 10 else ""
    return say("It has: {columns}.", columns=", ".join(shown[:10]) + more)
