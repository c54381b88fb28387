"""Read a JSON body without changing it: what cannot be kept as written is refused.

Python's reader takes NaN, turns 1e999 into infinity, keeps the last of two equal keys, and lets
NUL and lone surrogates pass, which no database and no other JSON reader would take back.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from studio.errors import Problem, StudioError, say
from studio.pipeline import is_storable

MAX_DEPTH = 100
_MAX_INTEGER = 1 << 63


class BodyError(StudioError):
    """The body of a request is not JSON, or holds what cannot be kept."""

    title = "The body of the request cannot be read"

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.message, hint=problem.hint, code=problem.code)
        self.status = status
        self._problem = problem

    def problems(self) -> tuple[Problem, ...]:
        return (self._problem,)


def parse_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8. Raises BodyError, which says where."""
    try:
        text = body.decode()
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_constant=float
        )
    except UnicodeDecodeError as error:
        raise _not_json(f"the byte at {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _not_json(f"{error.msg.lower()} at {where}") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise _not_json("a whole number has too many digits") from None
    _check(value, [], value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    item = dict(pairs)
    if len(item) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        message = say("The key {twice!r} stands twice in one object.", twice=_short(twice))
        raise BodyError(422, Problem("json.duplicate_key", message, hint="Keep one of them."))
    return item


def _float(text: str) -> float:
    """NaN for what a double cannot hold, 1e-999 too, which would silently become zero."""
    value = float(text)
    vanished = value == 0 and any(digit in text.lower().split("e")[0] for digit in "123456789")
    return math.nan if vanished else value


def _check(value: Any, path: list[str | int], root: Any) -> None:
    if isinstance(value, dict | list) and len(path) >= MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, dict):
        for key, item in value.items():
            path.append(key)
            _check_text(key, path, root)
            _check(item, path, root)
            path.pop()
    elif isinstance(value, list):
        for index, item in enumerate(value):
            path.append(index)
            _check(item, path, root)
            path.pop()
    elif isinstance(value, str):
        _check_text(value, path, root)
    elif isinstance(value, float) and not math.isfinite(value):
        message = say(
            "{path} is not a number that can be kept: NaN, infinite, or too small.",
            path=_field(path),
        )
        raise _refused("parameter.not_finite", message, "Use null, or a finite number.", path, root)
    elif isinstance(value, int) and not -_MAX_INTEGER <= value < _MAX_INTEGER:
        message = say("{path} is a whole number of more than 64 bits.", path=_field(path))
        raise _refused("parameter.too_large", message, "Write it as text.", path, root)


def _check_text(text: str, path: list[str | int], root: Any) -> None:
    if not is_storable(text):
        message = say(
            "{path} holds a NUL or a lone surrogate, which cannot be stored.", path=_field(path)
        )
        raise _refused("string.invalid", message, "Remove it.", path, root)


def _refused(code: str, message: str, hint: str, path: list[str | int], root: Any) -> BodyError:
    node, rest = _node_at(path, root)
    return BodyError(422, Problem(code, message, hint=hint, node=node, field=_field(rest)))


def _node_at(path: list[str | int], root: Any) -> tuple[str | None, list[str | int]]:
    """The id of the pipeline's node that a path leads into, and the path from there."""
    if "nodes" not in path[:2] or len(path) < 3:
        return None, path
    start = path.index("nodes") + 2
    item = root
    for part in path[:start]:
        item = item[part]
    node = item.get("id") if isinstance(item, dict) else None
    return (node, path[start:]) if isinstance(node, str) else (None, path)


def _field(path: list[str | int]) -> str:
    return _short(".".join(str(part) for part in path)) if path else "the body"


def _short(text: str) -> str:
    """As it can be sent back: escaped, and cut."""
    return text.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")[:200]


def _not_json(why: str) -> BodyError:
    return BodyError(400, Problem("json.invalid", say("The body is not JSON: {why}.", why=why)))


def _too_deep() -> BodyError:
    message = say("The body is nested deeper than {max_depth} levels.", max_depth=MAX_DEPTH)
    return BodyError(400, Problem("json.depth", message))
