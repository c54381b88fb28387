"""Where an error came from, as JSON data: the author's own lines first, innermost first."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

_MOST = 20
_OURS = str(Path(__file__).resolve().parent.parent)  # the platform itself, which called


def describe_error(error: BaseException, package: Path) -> dict[str, Any]:
    """The type of an error, and its frames. package: the folder of the author's files."""
    frames = [_frame(item, package) for item in traceback.extract_tb(error.__traceback__)]
    told = [frame for frame in reversed(frames) if frame is not None]
    own_first = sorted(told, key=lambda frame: not frame["user"])
    return {"type": type(error).__name__, "frames": own_first[:_MOST]}


def _frame(item: traceback.FrameSummary, package: Path) -> dict[str, Any] | None:
    """None for the platform's own frames: they say nothing to an author."""
    path = Path(item.filename)
    is_own = path.is_relative_to(package)
    if not is_own and item.filename.startswith(_OURS):
        return None
    return {
        "file": str(path.relative_to(package)) if is_own else _short(item.filename),
        "line": item.lineno,
        "function": item.name,
        "code": item.line or "",
        "user": is_own,
    }


def _short(path: str) -> str:
    """A library's file without the folder that it is installed in."""
    return path.rpartition("/site-packages/")[2]
