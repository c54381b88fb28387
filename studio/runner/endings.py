"""How a step that gave no result is told of: at its node, in words, with the way out."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from typing import Any

from studio.errors import Problem, StudioError, say
from studio.executors.base import StepExited
from studio.graph import BoundNode
from studio.runner.frames import told_error
from studio.runner.losses import Loss

_TEXTS = ("code", "message", "hint", "field", "port")
_NUMBERS = ("row", "line", "column")
_MAX_PROBLEMS, _MAX_TEXT = 100, 8000
_FREE_SPACE = "Free space, or remove old results with `studio gc`."


def place(error: StudioError | OSError, bound: BoundNode) -> list[dict[str, Any]]:
    """The problems of an error, at a node."""
    if is_disk_full(error):
        return _at([Problem("step.disk_full", "The disk is full.", hint=_FREE_SPACE)], bound)
    if isinstance(error, OSError):
        return _at(
            [
                Problem(
                    "output.io",
                    say("{strerror}: {filename}", strerror=error.strerror, filename=error.filename),
                )
            ],
            bound,
        )
    return _at(error.problems(), bound)


def place_told(problems: Iterable[Mapping[str, Any]], bound: BoundNode) -> list[dict[str, Any]]:
    """The problems that a step told, at its node: only what a problem has, and within bounds."""
    told = [*problems][:_MAX_PROBLEMS]
    placed = _at([_told(problem) for problem in told], bound)
    return [{**item, **told_error(problem)} for item, problem in zip(placed, told, strict=True)]


def _told(problem: Mapping[str, Any]) -> Problem:
    text = {k: v[:_MAX_TEXT] for k in _TEXTS if isinstance(v := problem.get(k), str)}
    number = {k: v for k in _NUMBERS if type(v := problem.get(k)) is int}
    known: dict[str, Any] = {"code": "component.error", "message": "", **text, **number}
    return Problem(**known)


def is_disk_full(error: StudioError | OSError) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def describe_loss(bound: BoundNode, loss: Loss, exited: StepExited) -> list[dict[str, Any]]:
    """What is said of a step that was ended, or ended without a result."""
    match loss:
        case "cancelled":
            return []
        case "timeout":
            problem = _timeout(bound)
        case "killed_memory":
            problem = _out_of_memory(bound, exited)
        case "spark_lost":
            message = say("The Spark server ended while {label} used it.", label=bound.node.label)
            hint = "If memory ran out, let Spark do less at once; its log is in `spark/`."
            problem = Problem("step.spark_lost", message, hint)
        case "host_lost":
            message = say(
                "The process that {label} was forked from has ended.", label=bound.node.label
            )
            problem = Problem("step.lost", message, "Run it again; see `logs/host.log`.")
        case "no_sandbox":
            problem = _without_sandbox(bound, exited)
        case "killed_processes" | "killed_cpu" | "killed_output" | "killed_disk":
            problem = _beyond_limit(bound, loss)
        case _:
            problem = _end(bound, exited)
    return _at([problem], bound)


def _timeout(bound: BoundNode) -> Problem:
    limit = bound.node.timeout
    words = "the studio's limit" if limit is None else f"its limit of {limit:g} s"
    message = say("{label} ran longer than {words}.", label=bound.node.label, words=words)
    return Problem("step.timeout", message, "Raise the node's timeout, or give it less to do.")


def _out_of_memory(bound: BoundNode, exited: StepExited) -> Problem:
    limit = bound.node.resources.memory
    peak = f" It had used {exited.peak_memory >> 20:,} MiB." if exited.peak_memory else ""
    if limit is None:
        message = say(
            "The machine ran out of memory while {label} ran.{peak}",
            label=bound.node.label,
            peak=peak,
        )
        hint = "Use less data, or a machine with more memory."
    else:
        message = say(
            "{label} used more memory than its limit of {limit:,} MiB.",
            label=bound.node.label,
            limit=limit >> 20,
        )
        hint = "Raise the node's memory, or give it less data."
    return Problem("step.killed_memory", message, hint)


def _beyond_limit(bound: BoundNode, loss: Loss) -> Problem:
    """Code that is not ours, ended in its sandbox."""
    what, hint = {
        "killed_processes": ("started too many processes", "Start fewer at once."),
        "killed_cpu": ("used more processor time than it may", "Give it less to do."),
        "killed_output": ("wrote more than it may", "Write less, or in a smaller format."),
        "killed_disk": ("was ended because the disk is nearly full", _FREE_SPACE),
    }[loss]
    return Problem(f"step.{loss}", say("{label} {what}.", label=bound.node.label, what=what), hint)


def _without_sandbox(bound: BoundNode, exited: StepExited) -> Problem:
    message = say(
        "{label} could not be confined, so it was not run: {error}.",
        label=bound.node.label,
        error=exited.error,
    )
    return Problem("sandbox.unavailable", message, "See `studio doctor` and docs/sandbox.md.")


def _end(bound: BoundNode, exited: StepExited) -> Problem:
    process = f"The process of {bound.node.label}"
    if exited.status < 0:
        message = say(
            "{process} was ended by signal {value}.", process=process, value=-exited.status
        )
        hint = "If memory ran out, use less data or a machine with more memory."
        return Problem("step.lost", message, hint)
    message = say(
        "{process} ended with code {status} and no result.", process=process, status=exited.status
    )
    return Problem("step.lost", message, "See the step's log.")


def _at(problems: Iterable[Problem], bound: BoundNode) -> list[dict[str, Any]]:
    where = {"node": bound.node.id, "node_name": bound.node.label}
    return [{**problem.to_json(), **where} for problem in problems]
