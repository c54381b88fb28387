"""What a package says of itself: read as data from `pyproject.toml`, scripts and requirements.

Nothing here is handed to a build tool: a `[build-system]` is never looked at.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from studio.errors import Problem, StudioError, say

_SCRIPT = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
_EXTRAS = r"(\[[A-Za-z0-9._, -]*\])?"
_CLAUSE = r"(===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9._*+!-]+"
_REQUIREMENT = re.compile(
    rf"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\s*{_EXTRAS}\s*\(?({_CLAUSE}(\s*,\s*{_CLAUSE})*)?\)?"
    r"\s*(;(?=.*(==|[<>]|~=|!=| in ))[A-Za-z0-9_ .'\"<>=!()~]*)?"
)
_MAX_REQUIREMENTS = 200


class RequirementError(StudioError):
    """A requirement that is refused; `field` is the file in which it stands."""

    status = 422
    code = "requirements.not_allowed"
    title = "A requirement is refused"

    def __init__(self, message: str, field: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self._field = field

    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.code, self.message, hint=self.hint, field=self._field),)


class About(BaseModel):
    """What a package version says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None
    declared_version: str | None = None
    summary: str = ""
    licence: str | None = None
    author: str | None = None
    requirements: tuple[str, ...] = ()


def read_about(files: Mapping[str, bytes]) -> About:
    """Raises RequirementError for what is not a plain name with versions."""
    project = _project(files)
    requirements = [
        *_texts(project, "dependencies", "pyproject.toml"),
        *_requirement_lines(files),
        *(item for name in sorted(files) for item in _script_requirements(name, files[name])),
    ]
    if len(requirements) > _MAX_REQUIREMENTS:
        raise RequirementError(
            say("{count} requirements are too many.", count=len(requirements)), "pyproject.toml"
        )
    return About(
        name=_text(project.get("name")),
        declared_version=_text(project.get("version")),
        summary=_text(project.get("description")) or "",
        licence=_licence(project, files),
        author=_author(project),
        requirements=tuple(sorted(set(requirements), key=str.lower)),
    )


def _project(files: Mapping[str, bytes]) -> dict[str, Any]:
    content = files.get("pyproject.toml")
    if content is None:
        return {}
    try:
        project = tomllib.loads(content.decode()).get("project", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise RequirementError(
            say("pyproject.toml cannot be read: {error}.", error=error), "pyproject.toml"
        ) from None
    return project if isinstance(project, dict) else {}


def _requirement_lines(files: Mapping[str, bytes]) -> Iterator[str]:
    text = files.get("requirements.txt", b"").decode(errors="replace")
    for line in text.splitlines():
        plain = re.sub(r"(^|\s)#.*", "", line).strip()
        if plain:
            yield _requirement(plain, "requirements.txt")


def _script_requirements(name: str, content: bytes) -> Iterator[str]:
    """Inline metadata: `# /// script`, as PEP 723 defines it."""
    if not name.endswith(".py"):
        return
    for match in _SCRIPT.finditer(content.decode(errors="replace").replace("\r\n", "\n")):
        lines = match["content"].splitlines()
        text = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
        try:
            yield from _texts(tomllib.loads(text), "dependencies", name)
        except tomllib.TOMLDecodeError as error:
            raise RequirementError(
                say("`# /// script` of {name}: {error}.", name=name, error=error), name
            ) from None


def _texts(table: dict[str, Any], key: str, file: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise RequirementError(
            say("`{key}` of {file} is no list of texts.", key=key, file=file), file
        )
    return [_requirement(item.strip(), file) for item in value]


def _requirement(text: str, file: str) -> str:
    """A name with versions; no address, path or option, which could lead anywhere."""
    if len(text) > 300 or not _REQUIREMENT.fullmatch(text):
        raise RequirementError(
            say("{text!r} is not taken as a requirement.", text=text[:300]),
            file,
            hint="Write a name with versions, such as `numpy>=1.26,<2`.",
        )
    return text


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) else None


def _licence(project: dict[str, Any], files: Mapping[str, bytes]) -> str | None:
    value = project.get("license")
    if isinstance(value, dict):
        value = value.get("text")
    if isinstance(value, str) and value.strip():
        return value.strip().splitlines()[0][:200]
    file = next((name for name in files if re.fullmatch(r"(?i)licen[cs]e(\.\w+)?", name)), None)
    lines = files[file].decode(errors="replace").strip().splitlines() if file else []
    return lines[0].strip()[:200] if lines else None


def _author(project: dict[str, Any]) -> str | None:
    authors = project.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else None
    return _text(first.get("name") or first.get("email")) if isinstance(first, dict) else None
