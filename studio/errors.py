"""Every error that a person may see.

StudioError                 anything the studio refuses or cannot do, with a way out
├── ComponentError          a component refuses its input or a parameter (raised by authors)
├── PipelineError           a pipeline that cannot run: one problem per node and field
├── NotFoundError           the thing named is not there
├── ConflictError           the thing changed, or is in use, since the caller looked
├── LimitError              larger than the studio takes
└── UnavailableError        a part of the studio (Spark, host, database) is away for now
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and the way out.

    arguments: what `message` was made of, for clients that have their own words for the code.
    """

    code: str
    message: str
    hint: str | None = None
    node: str | None = None
    node_name: str | None = None
    field: str | None = None
    port: str | None = None
    row: int | None = None
    line: int | None = None
    column: int | None = None
    arguments: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


class StudioError(Exception):
    """Refused, or failed, for a reason that a person can act on."""

    status = 400
    code = "studio.error"
    title = "The studio could not do this"

    def __init__(self, message: str, *, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code

    def problems(self) -> tuple[Problem, ...]:
        return (Problem(code=self.code, message=self.message, hint=self.hint),)


class ComponentError(StudioError):
    """A component refuses its input or a parameter; `row` counts from 1, the header not counted."""

    status = 422
    code = "component.error"
    title = "A component refused its input"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str | None = None,
        parameter: str | None = None,
        row: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.parameter = parameter
        self.row = row

    def problems(self) -> tuple[Problem, ...]:
        problem = Problem(
            code=self.code,
            message=self.message,
            hint=self.hint,
            field=self.parameter,
            row=self.row,
        )
        return (problem,)


class PipelineError(StudioError):
    """A pipeline that cannot run as it stands; holds every problem found, not only the first."""

    status = 422
    code = "pipeline.invalid"
    title = "The pipeline cannot run as it stands"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = tuple(problems)
        first = self._problems[0]
        more = len(self._problems) - 1
        super().__init__(first.message + (f" (and {more} more)" if more else ""), hint=first.hint)

    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class NotFoundError(StudioError):
    status = 404
    code = "not_found"
    title = "Not found"


class ConflictError(StudioError):
    status = 409
    code = "conflict"
    title = "In conflict with the present state"


class LimitError(StudioError):
    status = 413
    code = "limit"
    title = "Too large"


class UnavailableError(StudioError):
    status = 503
    code = "unavailable"
    title = "Not available right now"
