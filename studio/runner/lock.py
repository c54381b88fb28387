"""One runner per data folder: a lock that the kernel lets go of when its holder ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.errors import ConflictError, say


@contextmanager
def only_runner(home: Path) -> Iterator[None]:
    """Hold the lock of a data folder; refused when another process has it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = home / "runner.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            raise ConflictError(
                say(
                    "The data folder {home} is in use by process {holder}.",
                    home=home,
                    holder=holder or "unknown",
                ),
                hint="Use the running studio, stop it, or set STUDIO_HOME to another folder.",
                code="home.in_use",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)
