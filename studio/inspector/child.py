"""One warm process that answers one question at a time, and is ended when it hangs."""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
import threading
from typing import Any

from studio.errors import Problem, StudioError, UnavailableError, say


class InspectionError(StudioError):
    """What was asked cannot be answered of this data; says why."""

    status = 422
    code = "inspection"
    title = "This cannot be shown"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message, hint=problem.hint, code=problem.code)
        self._problem = problem

    def problems(self) -> tuple[Problem, ...]:
        return (self._problem,)


class Child:
    """Thread-safe; started when first asked, or by `start`. seconds: for one answer."""

    def __init__(self, seconds: float = 30.0) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._lock:
            self._running()

    def stop(self) -> None:
        with self._lock:
            self._end()

    def ask(self, function: str, **arguments: Any) -> Any:
        """The value of a function of `studio.inspector.answers`.

        Raises InspectionError for what the function refuses, UnavailableError when the process
        ended or took too long.
        """
        with self._lock:
            answer = self._ask({"function": function, "arguments": arguments})
        if "problem" in answer:
            raise InspectionError(Problem(**answer["problem"]))
        if "error" in answer:
            raise StudioError(
                say("This cannot be shown: {error}.", error=answer["error"]), code="preview.failed"
            )
        return answer["value"]

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline() if _is_readable(process, self._seconds) else b""
        except BrokenPipeError:
            line = b""
        if not line:
            self._end()
            raise UnavailableError(
                "Looking at this took too long, or the process that looked ended.",
                hint="Try again, or look at fewer rows and columns.",
                code="inspector.ended",
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-m", "studio.inspector.answers"]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _is_readable(process: subprocess.Popen[bytes], seconds: float) -> bool:
    with selectors.DefaultSelector() as selector:
        assert process.stdout is not None
        selector.register(process.stdout, selectors.EVENT_READ)
        return bool(selector.select(seconds))
