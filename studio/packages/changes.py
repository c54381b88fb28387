"""What differs between two versions of a package, and what of it a pipeline would notice."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studio.spec import ComponentSpec, PortSpec

Change = Literal["added", "removed", "changed"]
# Parts of a parameter's schema that may change without a pipeline noticing.
_HARMLESS = frozenset({"title", "description", "examples", "default"})


@dataclass(frozen=True)
class FileChange:
    """A file that differs; `diff` is unified, None where one of the two is not text."""

    path: str
    change: Change
    diff: str | None


@dataclass(frozen=True)
class PartChange:
    """A port or parameter that differs. before or after None: it was not there."""

    what: Literal["input", "output", "parameter"]
    name: str
    before: Any
    after: Any
    breaks: bool


@dataclass(frozen=True)
class ComponentChange:
    name: str
    change: Change
    breaks: bool
    parts: tuple[PartChange, ...] = ()


def compare_files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    return [
        FileChange(path, _change(path in before, path in after), _diff(path, before, after))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def compare_components(
    before: Sequence[ComponentSpec], after: Sequence[ComponentSpec]
) -> list[ComponentChange]:
    """Components that were added, removed, or whose ports or parameters differ."""
    old, new = ({spec.name: spec for spec in specs} for specs in (before, after))
    replaced = {was: spec.name for spec in after if (was := spec.replaces.get(spec.name)) in old}
    changes = []
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            changes.append(ComponentChange(name, "added", False))
        elif name not in new:
            changes.append(ComponentChange(name, "removed", name not in replaced))
        else:
            parts = tuple(_parts(old[name], new[name]))
            if parts:
                breaks = any(part.breaks for part in parts)
                changes.append(ComponentChange(name, "changed", breaks, parts))
    return changes


def _parts(old: ComponentSpec, new: ComponentSpec) -> Iterator[PartChange]:
    yield from _compare("input", _ports(old.inputs), _ports(new.inputs), new.replaces)
    yield from _compare("output", _ports(old.outputs), _ports(new.outputs), new.replaces)
    yield from _compare("parameter", _parameters(old), _parameters(new), new.replaces)


def _compare(
    what: Literal["input", "output", "parameter"],
    old: Mapping[str, dict[str, Any]],
    new: Mapping[str, dict[str, Any]],
    replaces: Mapping[str, str],
) -> Iterator[PartChange]:
    renamed = {name: was for name, was in replaces.items() if name in new and was in old}
    for name, after in new.items():
        before = old.get(renamed.get(name, name))
        if before != after or name in renamed:
            yield PartChange(what, name, before, after, _breaks(what, before, after))
    for name, before in old.items():
        if name not in new and name not in renamed.values():
            yield PartChange(what, name, before, None, True)


def _breaks(what: str, before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    if before is None:
        return what != "output" and bool(after.get("required"))
    if what == "parameter":
        strict = [{k: v for k, v in item.items() if k not in _HARMLESS} for item in (before, after)]
        return strict[0] != strict[1]
    now_required = after["required"] and not before["required"]
    now_single = before["many"] and not after["many"]
    return bool(
        before["kind"] != after["kind"] or (what == "input" and (now_required or now_single))
    )


def _ports(ports: Sequence[PortSpec]) -> dict[str, dict[str, Any]]:
    return {port.name: port.model_dump(mode="json", exclude={"name"}) for port in ports}


def _parameters(spec: ComponentSpec) -> dict[str, dict[str, Any]]:
    """Schemas by name, each with whether it must be given."""
    required = set(spec.parameters.get("required", []))
    properties: dict[str, dict[str, Any]] = spec.parameters.get("properties", {})
    return {name: {**schema, "required": name in required} for name, schema in properties.items()}


def _change(was_there: bool, is_there: bool) -> Change:
    return "changed" if was_there and is_there else "removed" if was_there else "added"


def _diff(path: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str | None:
    try:
        old, new = (
            files.get(path, b"").decode().splitlines(keepends=True) for files in (before, after)
        )
    except UnicodeDecodeError:
        return None
    return "".join(difflib.unified_diff(old, new, path, path))
