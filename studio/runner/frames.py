"""What a step tells of an error beside its problem: read with suspicion, kept within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOST = 20
_MAX_VALUES, _MAX_VALUE = 100, 1000
_TEXTS = {"file": 500, "function": 200, "code": 500}


def told_error(problem: Mapping[str, Any]) -> dict[str, Any]:
    """Type, frames, and what the code was given, as far as they are what they should be."""
    found: dict[str, Any] = {}
    if isinstance(name := problem.get("type"), str):
        found["type"] = name[:200]
    if isinstance(frames := problem.get("frames"), list):
        found["frames"] = [_frame(item) for item in frames[:_MOST] if isinstance(item, Mapping)]
    for name in ("parameters", "inputs"):
        if isinstance(values := problem.get(name), Mapping):
            given = list(values.items())[:_MAX_VALUES]
            found[name] = {str(k)[:200]: str(v)[:_MAX_VALUE] for k, v in given}
    return found


def _frame(item: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: str(item.get(name) or "")[:limit] for name, limit in _TEXTS.items()}
    line = item.get("line")
    return {**texts, "line": line if type(line) is int else None, "user": item.get("user") is True}
