"""Who is signed in: one-time tickets for the browser, and the sessions they turn into.

Only hashes are kept. Sessions lie in a file of mode 0600, not in memory, so that a server that is
started again after a crash or an update has not signed anybody out in the middle of their work.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import tempfile
import threading
import time
from pathlib import Path

TICKET_SECONDS = 600.0
SESSION_SECONDS = 7 * 24 * 3600
_MAX_TICKETS = 1000
_MAX_SESSIONS = 1000


class Tickets:
    """Each lets one browser in, once, within a few minutes."""

    def __init__(self, lifetime_seconds: float = TICKET_SECONDS) -> None:
        self._lifetime = lifetime_seconds
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}

    def make(self) -> str:
        ticket, now = secrets.token_urlsafe(32), time.monotonic()
        with self._lock:
            alive = [(key, end) for key, end in self._ends.items() if end > now]
            self._ends = dict(alive[1 - _MAX_TICKETS :])
            self._ends[_hash(ticket)] = now + self._lifetime
        return ticket

    def take(self, ticket: str) -> bool:
        """True the first time a living ticket is shown."""
        with self._lock:
            return self._ends.pop(_hash(ticket), 0.0) > time.monotonic()


class Sessions:
    """Signed-in browsers, by the hash of the random id in their cookie."""

    def __init__(self, file: Path, lifetime_seconds: float = SESSION_SECONDS) -> None:
        self._file = file
        self._lifetime = lifetime_seconds
        self._lock = threading.Lock()
        self._ends = _read(file)

    def open(self) -> str:
        """A new session; returns the id for its cookie, which is kept nowhere here."""
        id, now = secrets.token_urlsafe(32), time.time()
        with self._lock:
            alive = [(key, end) for key, end in self._ends.items() if end > now]
            self._ends = dict(alive[1 - _MAX_SESSIONS :])
            self._ends[_hash(id)] = now + self._lifetime
            _write(self._file, self._ends)
        return id

    def knows(self, id: str) -> bool:
        return self._ends.get(_hash(id), 0.0) > time.time()

    def close(self, id: str) -> None:
        with self._lock:
            if self._ends.pop(_hash(id), None) is not None:
                _write(self._file, self._ends)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _read(file: Path) -> dict[str, float]:
    try:
        ends = json.loads(file.read_bytes())
        return {str(key): float(end) for key, end in ends.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # nobody is signed in; each person signs in again


def _write(file: Path, ends: dict[str, float]) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".sessions-")  # mode 0600
    with os.fdopen(descriptor, "w") as handle:
        json.dump(ends, handle)
    Path(temporary).replace(file)
