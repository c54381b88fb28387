"""Why a node is executed, reused or skipped: a code with arguments, and the words they make."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

_MAX_VALUE = 60

# Code -> the words in English; a client that speaks another language has words of its own.
WORDS = {
    # executed
    "never_run": "never run",
    "component_replaced": "component `{before}` → `{after}`",
    "component_changed": "component changed",
    "engine_changed": "engine {before} → {after}",
    "parameter_changed": "`{parameter}` {before} → {after}",
    "file_changed": "the content behind `{parameter}` changed",
    "input_changed": "input `{port}` changed",
    "input_may_change": "input `{port}` may change because `{node_name}` runs",
    "above_missing": "`{node_name}` above it has no result",
    "environment_changed": "the libraries of the studio changed",
    "result_removed": "result was removed",
    "cache_off": "cache is off",
    "volatile": "the component is never reused",
    "fresh": "a fresh run was asked for",
    # reused
    "equal": "equal code, parameters and inputs: the earlier result is used",
    "equal_outputs": "`{node_name}` ran and its outputs are equal: the earlier result is used",
    "equal_node": "`{node_name}` does the same in this run: its result is used",
    "resumed": "it succeeded in the run that is resumed",
    "frozen": "frozen: its last result is kept",
    "frozen_though": "frozen: kept though {change}",
    "not_part": "not part of this run: its result is used",
    "not_part_though": "not part of this run: its last result is used though {change}",
    # queued
    "waits_for_equal": "`{node_name}` does the same: it waits for the result",
    "waits_for_run": "another run does the same: it waits for the result",
    # skipped
    "not_selected": "not part of this run",
    "upstream_missing": "not part of this run, and it has no result that could be used",
    "disabled": "disabled",
    "above_disabled": "`{node_name}` above it is disabled",
    "upstream_ended": "`{node_name}` {state}",
    "cancelled": "the run was cancelled",
    "quarantined": "the run was set aside",
    # failed
    "cannot_run": "it cannot run: {problem}",
    "input": "an input could not be read",
    "component": "the component refused or failed",
    "output": "its outputs could not be kept",
    "disk_full": "the disk is full",
    "timeout": "it ran longer than it may",
    "killed_memory": "memory ran out",
    "crashed": "its process ended without a result",
    "worker_lost": "its process was killed",
    "host_lost": "the host was lost",
    "spark_lost": "Spark was lost",
    "package": "the code of its package may not run",
    "gpu": "it asks for a GPU that it may not have",
}


@dataclass(frozen=True)
class Reason:
    """`change` among the arguments is a reason as JSON data, for codes that end in `_though`."""

    code: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        words = {name: _in_words(value) for name, value in self.arguments.items()}
        return WORDS.get(self.code, self.code).format(**words)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, "arguments": self.arguments}


def though(code: str, change: Reason | None) -> Reason:
    """The reason `code`, or `code_though` with what has changed meanwhile."""
    if change is None:
        return Reason(code)
    return Reason(f"{code}_though", {"change": change.to_json()})


def show_value(value: object) -> str:
    """A parameter's value as a person reads it, cut to a length that fits a line."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 1] + "…"


def _in_words(value: object) -> str:
    return str(value["message"]) if isinstance(value, dict) else str(value)
