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
from string import Formatter
from typing import Any

_MAX_ARGUMENT = 200


class Message(str):
    """A sentence in English that still knows its `arguments`, for those who have other words."""

    arguments: dict[str, str]


def say(template: str, /, **values: object) -> Message:
    """`template.format(**values)`, the values kept as the texts that stand in it.

    Quotes of `!r` belong to the English and are not kept; long values are cut.
    """
    message = Message(template.format(**values))
    message.arguments = {
        name: _shown(values[name], spec or "", quoted=conversion == "r")
        for _, name, spec, conversion in Formatter().parse(template)
        if name
    }
    return message


def _shown(value: object, spec: str, *, quoted: bool) -> str:
    plain = quoted and not isinstance(value, str)
    text = repr(value) if plain else format(value, spec)
    return text if len(text) <= _MAX_ARGUMENT else text[: _MAX_ARGUMENT - 1] + "…"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and the way out.

    arguments: what `message` and `hint` were made of (see `say`), for clients that have their own
    words for the code.
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

    def __post_init__(self) -> None:
        told = {**_arguments(self.hint), **_arguments(self.message)}
        if told:
            object.__setattr__(self, "arguments", {**told, **(self.arguments or {})})

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def _arguments(text: str | None) -> dict[str, str]:
    return text.arguments if isinstance(text, Message) else {}


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
    """A component refuses its input or a parameter.

    row: counts from 1, the header not counted. line, column: in the code that `parameter` holds,
    from 1.
    """

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
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.parameter = parameter
        self.row = row
        self.line = line
        self.column = column

    def problems(self) -> tuple[Problem, ...]:
        problem = Problem(
            code=self.code,
            message=self.message,
            hint=self.hint,
            field=self.parameter,
            row=self.row,
            line=self.line,
            column=self.column,
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
