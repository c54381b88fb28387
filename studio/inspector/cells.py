"""Values of a table as JSON holds them, and how much of them is sent at once."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

MAX_CELL = 8 << 10
MAX_REPLY = 256 << 10

_EXACT = 1 << 53


def cell(value: Any, limit: int = MAX_CELL) -> Any:
    """A value that JSON holds: whole numbers beyond 2^53 as text, NaN as null, long text cut."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    text = value if isinstance(value, str) else _text(value)
    return text if len(text) <= limit else text[:limit] + "…"


def _text(value: Any) -> str:
    """Lists and records as JSON, all else as it spells itself."""
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def page(rows: Iterable[Iterable[Any]], columns: int) -> list[list[Any]]:
    """Rows as JSON data, as many as one reply holds, and one at least."""
    limit = min(MAX_CELL, MAX_REPLY // (6 * max(columns, 1)))  # a character has 6 bytes at most
    taken: list[list[Any]] = []
    size = 0
    for row in rows:
        cells = [cell(value, limit) for value in row]
        size += len(json.dumps(cells))
        if taken and size > MAX_REPLY:
            break
        taken.append(cells)
    return taken
