"""An error as the author of a component meets it: their own lines, what they were given."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from studio.artifacts import Bundle, File
from studio.errors import StudioError
from studio.step import StepOrder
from studio.worker.frames import describe_error, own_folders

_MAX_VALUE = 200


class UnforeseenError(Exception):
    """What a component did not foresee, as a problem: JSON data."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["message"])
        self.problem = problem


@contextmanager
def explained(
    order: StepOrder, parameters: Mapping[str, Any], inputs: Mapping[str, Any]
) -> Iterator[None]:
    """Errors of the code inside become UnforeseenError; its own refusals pass as they are."""
    try:
        yield
    except StudioError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise  # the disk's fault, and told as such
        told = describe_error(error, own_folders(order))
        problem = {
            "code": "component.exception",
            "message": _message(error, told["frames"]),
            "hint": "See its lines beside the code, and what it was given.",
            **told,
            "parameters": {name: _cut(repr(value)) for name, value in parameters.items()},
            "inputs": {port: describe_value(value) for port, value in inputs.items()},
        }
        _print(error, problem)
        raise UnforeseenError(problem) from error


def _message(error: Exception, frames: list[dict[str, Any]]) -> str:
    own = next((frame for frame in frames if frame["user"]), None)
    where = f" ({own['file']}, line {own['line']})" if own else ""
    return f"{type(error).__name__}: {error}{where}"


def describe_value(value: Any) -> str:
    """What a port was handed, without its content: `pandas.DataFrame, 40 × 7`."""
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"[{'; '.join(describe_value(item) for item in value)}]"
    if isinstance(value, File):
        return f"File {value.path.name}"
    if isinstance(value, Bundle):
        arrays = (f"{name} {' × '.join(map(str, a.shape))}" for name, a in value.arrays.items())
        return ", ".join([type(value).__name__, *arrays])
    library = type(value).__module__.partition(".")[0]
    shape = getattr(value, "shape", None)
    columns = getattr(value, "columns", ())
    size = " × ".join(map(str, shape)) if isinstance(shape, tuple) else f"{len(columns)} columns"
    return f"{library}.{type(value).__name__}, {size}"


def _print(error: Exception, problem: Mapping[str, Any]) -> None:
    """The log has it too, in the order in which one looks."""
    print(f"Error: {type(error).__name__}: {error}", file=sys.stderr)
    for frame in reversed([frame for frame in problem["frames"] if frame["user"]]):
        print(f"  {frame['file']}, line {frame['line']}, in {frame['function']}", file=sys.stderr)
        print(f"    {frame['code']}", file=sys.stderr)
    for word in ("parameters", "inputs"):
        for name, value in problem[word].items():
            print(f"  {word[:-1]} {name}: {value}", file=sys.stderr)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_VALUE else text[:_MAX_VALUE] + "…"
