"""Secrets of a studio: values by name in a file that only its owner reads.

Pipelines hold names, never values. A step is given the values of the names in its own parameters,
in a file that its worker reads and removes before any code of the component runs.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.errors import NotFoundError, StudioError, say

STEP_FILE = "secrets.json"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_MAX_VALUE = 64 << 10


class SecretError(StudioError):
    status = 422
    code = "secret.invalid"
    title = "The secret cannot be kept"


class Secrets:
    """Every process of a studio may read and write them; writers take turns."""

    def __init__(self, home: Path) -> None:
        self._file = home / STEP_FILE

    def names(self) -> list[str]:
        return sorted(self._read())

    def get(self, name: str) -> str:
        found = self._read().get(name)
        if found is None:
            hint = "Set it: `studio secret set NAME`."
            raise NotFoundError(
                say("There is no secret {name!r}.", name=name), hint=hint, code="secret.unknown"
            )
        return found

    def put(self, name: str, value: str) -> None:
        if not _NAME.fullmatch(name):
            raise SecretError("A name has letters, digits and _, and begins with no digit.")
        if not value or len(value) > _MAX_VALUE:
            raise SecretError(
                say("A value has 1 to {max_value:,} characters.", max_value=_MAX_VALUE)
            )
        with self._alone():
            self._write(self._read() | {name: value})

    def remove(self, name: str) -> None:
        with self._alone():
            self.get(name)
            self._write({key: value for key, value in self._read().items() if key != name})

    def _read(self) -> dict[str, str]:
        try:
            values: dict[str, str] = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        return values

    def _write(self, values: dict[str, str]) -> None:
        write_private(self._file, json.dumps(values))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def write_private(file: Path, text: str) -> None:
    """Write whole or not at all, for the owner's eyes only."""
    temporary = file.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as target:  # noqa: PTH123 - a descriptor
        target.write(text)
        target.flush()
        os.fsync(descriptor)
    temporary.rename(file)


def take_secrets(folder: Path) -> dict[str, str]:
    """The worker's side: the values that a step was given, which are then gone from the disk."""
    file = folder / STEP_FILE
    if not file.is_file():
        return {}
    values: dict[str, str] = json.loads(file.read_bytes())
    file.unlink()
    return values
