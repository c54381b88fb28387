"""A report of one number."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.component import Report, component

from ._shared import as_document


@component(title="Number", category="Probe")
def number(*, value: Annotated[float, Field(ge=0, le=100)] = 1.0, seed: int = 0) -> Report:
    """Give a number."""
    return Report(as_document(value))
