"""The conformance suite: what every component promises, held to it, its code in the sandbox.

Reading the spec, its words and its defaults needs no run. The rest is done by a child, which
makes small tables and runs the component on them as steps are run.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict

from studio.spec import BrokenComponent, ComponentSpec

_SECONDS = 300.0
_SECTIONS = ("Shapes", "Errors")

Outcome = Literal["passed", "failed", "skipped"]


class Check(BaseModel):
    """One rule, and how it went. `message` says what was found."""

    model_config = ConfigDict(extra="forbid")

    name: str
    outcome: Outcome
    message: str = ""


class ComponentReport(BaseModel):
    """A component is in order when no check failed. peak_memory: bytes; seconds: of one run."""

    model_config = ConfigDict(extra="forbid")

    component: str
    passed: bool
    checks: list[Check]
    peak_memory: int | None = None
    seconds: float | None = None


class ConformanceReport(BaseModel):
    """The report of a package, one part for each component or file that cannot be read."""

    model_config = ConfigDict(extra="forbid")

    passed: bool
    components: list[ComponentReport]


def check_package(
    components: Sequence[ComponentSpec],
    broken: Sequence[BrokenComponent],
    folder: Path,
    interpreter: Path,
) -> ConformanceReport:
    """Check the components of a package whose files lie in `folder`.

    interpreter: the Python of its environment. Raises nothing for a component that fails.
    """
    specs = [
        spec.model_copy(update={"file": str(folder / Path(spec.file).name)}) for spec in components
    ]
    runs = _run_checks(specs, folder, interpreter)
    reports = [_broken(entry) for entry in broken]
    for spec in specs:
        ran = runs.get(spec.name, {})
        checks = [*_check_words(spec), _check_defaults(spec), *_checks(ran.get("checks", []))]
        passed = all(check.outcome != "failed" for check in checks)
        reports.append(
            ComponentReport(
                component=spec.name,
                passed=passed,
                checks=[Check(name="spec", outcome="passed"), *checks],
                peak_memory=ran.get("peak_memory"),
                seconds=ran.get("seconds"),
            )
        )
    return ConformanceReport(passed=all(item.passed for item in reports), components=reports)


def _broken(entry: BrokenComponent) -> ComponentReport:
    where = ", ".join(f"{word} {n}" for word, n in (("line", entry.line),) if n)
    message = f"{entry.file}{f', {where}' if where else ''}: {entry.message}"
    check = Check(name="spec", outcome="failed", message=message)
    return ComponentReport(component=Path(entry.file).stem, passed=False, checks=[check])


def _checks(items: Sequence[Mapping[str, Any]]) -> list[Check]:
    return [Check.model_validate(item) for item in items]


def _check_words(spec: ComponentSpec) -> Iterator[Check]:
    """A first line, a word on each port and parameter, and what goes in and comes out."""
    missing = list(_missing_words(spec))
    if missing:
        yield Check(name="documentation", outcome="failed", message="; ".join(missing))
    else:
        yield Check(name="documentation", outcome="passed")


def _missing_words(spec: ComponentSpec) -> Iterator[str]:
    if not spec.summary.strip():
        yield "the docstring has no first line"
        return
    properties = spec.parameters.get("properties", {})
    told = {port.name for port in spec.inputs if port.description}
    told |= {name for name, schema in properties.items() if schema.get("description")}
    for name in (*(port.name for port in spec.inputs), *properties):
        if name not in told and not re.search(rf"\b{re.escape(name)}\b", spec.documentation):
            yield f"nothing is said of {name!r}"
    for section in _SECTIONS:
        if not re.search(rf"(?m)^{section}:", spec.documentation):
            yield f"there is no line {section + ':'!r}"


def _check_defaults(spec: ComponentSpec) -> Check:
    wrong = [
        f"{name}: {error.message}"
        for name, schema in spec.parameters.get("properties", {}).items()
        if "default" in schema
        for error in Draft202012Validator(
            {**schema, "$defs": spec.parameters.get("$defs", {})}
        ).iter_errors(schema["default"])
    ]
    if wrong:
        return Check(name="defaults", outcome="failed", message="; ".join(wrong))
    return Check(name="defaults", outcome="passed")


def _run_checks(
    specs: Sequence[ComponentSpec], folder: Path, interpreter: Path
) -> dict[str, dict[str, Any]]:
    """What the child found, by component; a child that ends early leaves the rest out."""
    request = {
        "specs": [spec.model_dump(mode="json") for spec in specs],
        "folder": str(folder),
        "interpreter": str(interpreter),
    }
    command = [sys.executable, "-m", "studio.inspector.conformance_child"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(request).encode(),
            stdout=subprocess.PIPE,
            timeout=_SECONDS * max(len(specs), 1),
            check=False,
        )
        lines = done.stdout.splitlines()
    except subprocess.TimeoutExpired as error:
        lines = (error.stdout or b"").splitlines()
    found = {item["component"]: item for item in map(json.loads, lines)}
    lost = {
        "checks": [
            {"name": "runs", "outcome": "failed", "message": "The checks ended before their end."}
        ]
    }
    return {spec.name: found.get(spec.name, lost) for spec in specs}
