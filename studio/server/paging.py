"""Keyset cursors: opaque to clients, and as fast on the last page as on the first."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Annotated

from fastapi import Query

from studio.errors import StudioError

Cursor = Annotated[
    str | None, Query(max_length=200, description="`next` of the page before; none: the first.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many a page.")]

_MAX_ID = 64


class CursorError(StudioError):
    status = 422
    code = "cursor"
    title = "The cursor is not one of ours"


def encode_cursor(at: float, id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([at, id]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> tuple[float, str] | None:
    """(time, id) of the last item that was seen."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        at, id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _not_ours() from None
    fits = isinstance(at, float) and math.isfinite(at) and isinstance(id, str)
    if not fits or not id.isalnum() or len(id) > _MAX_ID:
        raise _not_ours()
    return at, id


def _not_ours() -> CursorError:
    return CursorError(
        "The cursor is not one that the studio gave.", hint="Leave it out to start again."
    )
