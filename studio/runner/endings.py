"""How a step that gave no result is told of: at its node, in words, with the way out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from studio.errors import Problem, StudioError
from studio.executors.base import StepExited
from studio.graph import BoundNode


def place(error: StudioError | OSError, bound: BoundNode) -> list[dict[str, Any]]:
    """The problems of an error, at a node."""
    if isinstance(error, OSError):
        return _at([Problem("output.io", f"{error.strerror}: {error.filename}")], bound)
    return _at(error.problems(), bound)


def describe_end(
    bound: BoundNode, ends_because: str | None, exited: StepExited
) -> list[dict[str, Any]]:
    """What is said of a step that was ended, or ended without a result."""
    if ends_because == "cancelled":
        return []
    problem = _timeout(bound) if ends_because == "timeout" else _loss(bound, exited)
    return _at([problem], bound)


def _timeout(bound: BoundNode) -> Problem:
    limit = bound.node.timeout
    words = "the studio's limit" if limit is None else f"its limit of {limit:g} s"
    message = f"{bound.node.label} ran longer than {words}."
    return Problem("step.timeout", message, "Raise the node's timeout, or give it less to do.")


def _loss(bound: BoundNode, exited: StepExited) -> Problem:
    process = f"The process of {bound.node.label}"
    if exited.status < 0:
        message = f"{process} was ended by signal {-exited.status}."
        hint = "If memory ran out, use less data or a machine with more memory."
        return Problem("step.lost", message, hint)
    message = f"{process} ended with code {exited.status} and no result."
    return Problem("step.lost", message, "See the step's log.")


def _at(problems: Iterable[Problem], bound: BoundNode) -> list[dict[str, Any]]:
    where = {"node": bound.node.id, "node_name": bound.node.label}
    return [{**problem.to_json(), **where} for problem in problems]
