"""The server's side of the inspector: what its children can be asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.inspector.child import Child
from studio.settings import builtin_folder
from studio.spec import BrokenComponent, ComponentSpec

Columns = list[dict[str, Any]]
Inputs = Mapping[str, Sequence[Columns]]

_READ_SECONDS = 30.0
_QUICK_SECONDS = 30.0
_SLOW_SECONDS = 120.0


class Inspector:
    """Thread-safe. What may take long has a child of its own, so that a look waits for none."""

    def __init__(self) -> None:
        self._quick = Child(_QUICK_SECONDS)
        self._slow = Child(_SLOW_SECONDS)
        self._schemas = Child(_QUICK_SECONDS)  # its own: heavy libraries are stand-ins in it

    def start(self) -> None:
        """Start the warm child now, so that the first preview does not wait for it."""
        self._quick.start()

    def stop(self) -> None:
        for child in (self._quick, self._slow, self._schemas):
            child.stop()

    def read_components(self, files: list[Path]) -> list[ComponentSpec | BrokenComponent]:
        """The spec of each file, or what is wrong with it; in a child that ends afterwards."""
        command = [sys.executable, "-m", "studio.inspector.read_specs"]
        paths = json.dumps([str(file) for file in files]).encode()
        try:
            done = subprocess.run(
                command, input=paths, capture_output=True, timeout=_READ_SECONDS, check=False
            )
            lines = done.stdout.splitlines()
        except subprocess.TimeoutExpired as error:
            lines = (error.stdout or b"").splitlines()
        entries = [_entry(line) for line in lines]
        for file in files[len(entries) :]:  # the child ended before it came to these
            message = "Reading this file ended the process that read it, or took too long."
            package = file.parent.name
            entries.append(BrokenComponent(file=str(file), package=package, message=message))
        return entries

    def preview(self, kind: str, folder: Path, offset: int = 0, limit: int = 100) -> dict[str, Any]:
        """What is shown of an artifact, as JSON data."""
        asked = {"kind": kind, "folder": str(folder), "offset": offset, "limit": limit}
        shown: dict[str, Any] = self._quick.ask("preview", **asked)
        return shown

    def rows(self, folder: Path, **query: Any) -> dict[str, Any]:
        """A page of a table; see `studio.inspector.rows`."""
        found: dict[str, Any] = self._quick.ask("rows", folder=str(folder), **query)
        return found

    def statistics(self, folder: Path) -> dict[str, Any]:
        """What the columns of a table hold; see `studio.inspector.statistics`."""
        found: dict[str, Any] = self._slow.ask("statistics", folder=str(folder))
        return found

    def schemas(
        self, spec: ComponentSpec, parameters: Mapping[str, Any], inputs: Inputs
    ) -> dict[str, Columns | None]:
        """The columns of a component's output tables; see `studio.inspector.schemas`."""
        asked = {"parameters": dict(parameters), "inputs": dict(inputs)}
        told: dict[str, Columns | None]
        told = self._schemas.ask("schemas", spec=spec.model_dump(mode="json"), **asked)
        return told

    def read_dataset(self, file: Path, folder: Path) -> None:
        """Write an uploaded file as a table into a new folder."""
        reader = builtin_folder("components") / "tables" / "read_table.py"
        self._slow.ask("read_dataset", file=str(file), folder=str(folder), reader=str(reader))


def _entry(line: bytes) -> ComponentSpec | BrokenComponent:
    document = json.loads(line)
    model = BrokenComponent if "message" in document else ComponentSpec
    return model.model_validate(document)
