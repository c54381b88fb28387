"""Documents of older studios, taken from schema_version to schema_version up to the present one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.errors import PipelineError, Problem, say

Document = dict[str, Any]
Step = Callable[[Document], Document]

# MIGRATIONS[n] makes a document of schema_version n + 1 out of one of n; it may not change the
# document that it is given. None yet: 1 is the first. A step comes with a golden file of n in
# tests/cases/pipelines.
MIGRATIONS: Mapping[int, Step] = {}


def upgrade(document: Document, newest: int, steps: Mapping[int, Step] = MIGRATIONS) -> Document:
    """The document in schema_version `newest`. Raises PipelineError for one that is newer.

    One that says no version, or one that is no version, is left to the check of its form.
    """
    version = document.get("schema_version", newest)
    if type(version) is not int:
        return document
    if version > newest:
        raise PipelineError([_too_new(version, newest)])
    for step in range(version, newest):
        if step not in steps:
            return document
        document = {**steps[step](document), "schema_version": step + 1}
    return document


def _too_new(version: int, newest: int) -> Problem:
    message = say(
        "The pipeline has schema_version {version}; this studio reads {newest} at most.",
        version=version,
        newest=newest,
    )
    hint = "Open it in a newer studio, or export it again from one of this version."
    return Problem("pipeline.schema_version", message, hint, field="schema_version")
