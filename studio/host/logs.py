"""A step's log, kept within bounds: its beginning and its end, and a line on what is left out."""

from __future__ import annotations

import os

MAX_BYTES = 16 << 20
TAIL_BYTES = 1 << 20


class CappedLog:
    """Everything up to MAX_BYTES is written at once; of what follows, the last TAIL_BYTES at close.

    An attempt that goes on with a log counts what stands in it already.
    """

    def __init__(self, descriptor: int, limit: int = MAX_BYTES, tail: int = TAIL_BYTES) -> None:
        self._descriptor = descriptor
        self._room = max(0, limit - os.fstat(descriptor).st_size)
        self._tail_limit = tail
        self._tail = bytearray()
        self._left_out = 0

    def write(self, content: bytes) -> None:
        now, later = content[: self._room], content[self._room :]
        self._room -= len(now)
        self._put(now)
        if later:
            self._tail += later
            surplus = len(self._tail) - self._tail_limit
            if surplus > 0:
                del self._tail[:surplus]
                self._left_out += surplus

    def close(self) -> None:
        if self._left_out:
            self._put(f"\n… {self._left_out:,} bytes are left out here …\n".encode())
        self._put(bytes(self._tail))
        self._tail.clear()

    def _put(self, content: bytes) -> None:
        """A disk that is full costs the log, never the step."""
        try:
            while content:
                content = content[os.write(self._descriptor, content) :]
        except OSError:
            self._room = 0
