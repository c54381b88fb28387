"""The server's side of the inspector: asks its children, ends and replaces one that hangs."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from studio.errors import StudioError, UnavailableError
from studio.spec import BrokenComponent, ComponentSpec

_READ_SECONDS = 30.0
_PREVIEW_SECONDS = 30.0


class Inspector:
    """Thread-safe; the child that makes previews is started when first asked for one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the warm child now, so that the first preview does not wait for it."""
        with self._lock:
            self._running_child()

    def stop(self) -> None:
        with self._lock:
            self._end_child()

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
        request = {"kind": kind, "folder": str(folder), "offset": offset, "limit": limit}
        with self._lock:
            answer = self._ask(request)
        if "error" in answer:
            raise StudioError(
                f"This {kind} cannot be shown: {answer['error']}.", code="preview.failed"
            )
        preview: dict[str, Any] = answer["preview"]
        return preview

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        child = self._running_child()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            line = child.stdout.readline() if _is_readable(child, _PREVIEW_SECONDS) else b""
        except BrokenPipeError:
            line = b""
        if not line:
            self._end_child()
            raise UnavailableError(
                "The preview took too long, or its process ended.", hint="Try again."
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            command = [sys.executable, "-m", "studio.inspector.previews"]
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        return self._child

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _is_readable(child: subprocess.Popen[bytes], seconds: float) -> bool:
    with selectors.DefaultSelector() as selector:
        assert child.stdout is not None
        selector.register(child.stdout, selectors.EVENT_READ)
        return bool(selector.select(seconds))


def _entry(line: bytes) -> ComponentSpec | BrokenComponent:
    document = json.loads(line)
    model = BrokenComponent if "message" in document else ComponentSpec
    return model.model_validate(document)
