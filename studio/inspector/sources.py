"""Reads the components of uploaded source in a child that runs nothing of it."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from studio.spec import BrokenComponent, ComponentSpec

Entry = ComponentSpec | BrokenComponent

_READ_SECONDS = 10.0


class SourceReader:
    """Thread-safe; the child is started when first needed, and replaced when it falls over."""

    def __init__(self, seconds: float = _READ_SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def read(self, sources: Mapping[str, str], package: str, digest: str) -> list[Entry]:
        """Components and problems of Python files, by their path in the package, in order."""
        siblings = [PurePosixPath(file).stem for file in sources]
        return [
            entry
            for file, source in sources.items()
            for entry in self._read_file(
                {
                    "source": source,
                    "file": file,
                    "package": package,
                    "digest": digest,
                    "siblings": siblings,
                }
            )
        ]

    def start(self) -> None:
        with self._lock:
            self._running_child()

    def stop(self) -> None:
        with self._lock:
            self._end_child()

    def _read_file(self, request: dict[str, Any]) -> list[Entry]:
        with self._lock:
            line = self._ask(json.dumps(request).encode() + b"\n")
            if not line:
                self._end_child()
                message = "Reading this file ended the process that read it, or took too long."
                return [
                    BrokenComponent(
                        file=request["file"], package=request["package"], message=message
                    )
                ]
        return [_entry(item) for item in json.loads(line)]

    def _ask(self, request: bytes) -> bytes:
        """The answer; empty when the child ended or was too slow."""
        child = self._running_child()
        assert child.stdin is not None
        assert child.stdout is not None
        deadline = time.monotonic() + self._seconds
        answer = b""
        try:
            child.stdin.write(request)
            child.stdin.flush()
            with selectors.DefaultSelector() as selector:
                selector.register(child.stdout, selectors.EVENT_READ)
                while not answer.endswith(b"\n"):
                    if not selector.select(max(deadline - time.monotonic(), 0)):
                        return b""
                    part = child.stdout.read1(1 << 20)  # type: ignore[attr-defined]
                    if not part:
                        return b""
                    answer += part
        except BrokenPipeError:
            return b""
        return answer

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "studio.inspector.source_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._child

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _entry(document: dict[str, Any]) -> Entry:
    model = BrokenComponent if "message" in document else ComponentSpec
    return model.model_validate(document)
