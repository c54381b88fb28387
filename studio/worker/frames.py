"""Where an error came from, as JSON data: the author's own lines first, innermost first."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.step import StepOrder

_MOST = 20
_OURS = str(Path(__file__).resolve().parent.parent)  # the platform itself, which called


def own_folders(order: StepOrder) -> list[Path]:
    """Where the author's files are: of the code that the step was lent, else of its own."""
    return [Path(spec.file).parent for spec in order.lent or (order.spec,)]


def describe_error(error: BaseException, own: Sequence[Path]) -> dict[str, Any]:
    """The type of an error, and its frames. own: the folders of the author's files.

    A refusal that was made of another error tells that error. Code that stood in a parameter is
    the author's; the component that ran it is not.
    """
    if isinstance(error, StudioError) and error.__cause__ is not None:
        error = error.__cause__
    items = traceback.extract_tb(error.__traceback__)
    typed = any(is_typed(item.filename) for item in items)
    frames = [_frame(item, own, typed) for item in items]
    told = [frame for frame in reversed(frames) if frame is not None]
    own_first = sorted(told, key=lambda frame: not frame["user"])
    return {"type": type(error).__name__, "frames": own_first[:_MOST]}


def is_typed(filename: str) -> bool:
    """Whether a frame is of code that a person typed into a parameter: no file holds it."""
    return not filename.startswith("<") and not Path(filename).is_absolute()


def _frame(item: traceback.FrameSummary, own: Sequence[Path], typed: bool) -> dict[str, Any] | None:
    """None for the platform's own frames: they say nothing to an author."""
    path = Path(item.filename)
    package = next((folder for folder in own if path.is_relative_to(folder)), None)
    is_own = is_typed(item.filename) if typed else package is not None
    if not is_own and (package or item.filename.startswith(_OURS)):
        return None
    return {
        "file": str(path.relative_to(package)) if package else _short(item.filename),
        "line": item.lineno,
        "function": item.name,
        "code": item.line or "",
        "user": is_own,
    }


def _short(path: str) -> str:
    """A library's file without the folder that it is installed in."""
    return path.rpartition("/site-packages/")[2]
