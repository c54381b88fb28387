"""Start, watch and stop one local Spark Connect server."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from studio.errors import UnavailableError, say
from studio.spark.command import LOG_NAME, cache_options, java_command, java_environment

_LOG_LINES_SHOWN = 20
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class SparkEndpoint:
    """Where a Spark Connect server listens, and what it asks for."""

    remote: str
    """`sc://localhost:PORT`: under any other name the client would demand TLS."""
    token: str = field(repr=False)


class SparkServer:
    """A Spark Connect server on this machine; one live server per `folder`.

    It dies with the process that started it, whichever way that process ends.
    Every start takes a new port and a new token.
    """

    def __init__(
        self, folder: Path, cores: int, memory: str = "1g", *, jvm_options: Sequence[str] = ()
    ) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / LOG_NAME
        self._cores = cores
        self._memory = memory
        self._jvm_options = tuple(jvm_options)
        self._process: subprocess.Popen[bytes] | None = None
        self._endpoint: SparkEndpoint | None = None

    @property
    def endpoint(self) -> SparkEndpoint:
        """Where the server of the last `start` listens, or will."""
        if self._endpoint is None:
            raise UnavailableError("The Spark server was not started.", code="spark.not_started")
        return self._endpoint

    @property
    def pid(self) -> int | None:
        """The process group of the server, led by its guard; None when it was not started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the server and return at once; nothing happens when it is alive."""
        if self.alive():
            return
        self.stop()
        self._prepare_folder()
        port = _free_port()
        token = secrets.token_urlsafe(32)
        command = java_command(
            self.folder,
            port=port,
            cores=self._cores,
            memory=self._memory,
            options=[*cache_options(self.folder), *self._jvm_options],
        )
        self._process = self._spawn(command, java_environment(self.folder, token))
        self._endpoint = SparkEndpoint(f"sc://localhost:{port}", token)

    def ready(self, timeout: float) -> SparkEndpoint:
        """Wait until the server answers, `timeout` seconds at most."""
        endpoint = self.endpoint
        deadline = time.monotonic() + timeout
        while not self._listens(endpoint):
            if not self.alive():
                raise self._failure("The Spark server ended before it answered.", "spark.ended")
            if time.monotonic() > deadline:
                raise self._failure(
                    say("The Spark server does not answer after {timeout:g} s.", timeout=timeout),
                    "spark.timeout",
                )
            time.sleep(_POLL_SECONDS)
        return endpoint

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self, grace: float = 5.0) -> None:
        """Ask the server to end, and kill it after `grace` seconds; may be called at any time."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if process.stdin:
            process.stdin.close()
        shutil.rmtree(self.folder / "local", ignore_errors=True)

    def _prepare_folder(self) -> None:
        local = self.folder / "local"
        shutil.rmtree(local, ignore_errors=True)  # left behind by a server that was killed
        local.mkdir(parents=True, mode=0o700)
        if self.log.exists():
            self.log.replace(self.log.with_name(f"{LOG_NAME}.1"))

    def _spawn(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        # What the JVM itself says (a bad flag, a crash) belongs into the log as well.
        with self.log.open("ab") as log:
            return subprocess.Popen(
                guarded(command),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=environment,
                start_new_session=True,
            )

    def _listens(self, endpoint: SparkEndpoint) -> bool:
        """Whether our own JVM, and not whoever took the port before it, accepts connections."""
        port = urlsplit(endpoint.remote).port
        try:
            socket.create_connection(("127.0.0.1", port or 0), timeout=1).close()
            return self._process is not None and _listens_below(self._process.pid, port)
        except (OSError, psutil.Error):
            return False

    def _failure(self, message: str, code: str) -> UnavailableError:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        shown = "\n".join(lines[-_LOG_LINES_SHOWN:]) or "(it is empty)"
        return UnavailableError(
            say("{message} Its log ends with:\n{shown}", message=message, shown=shown),
            hint=say("The whole log is in {log}.", log=self.log),
            code=code,
        )


def guarded(command: Sequence[str]) -> list[str]:
    """The command, ended when this process ends; its stdin must be a pipe that we keep open."""
    guard = str(Path(__file__).with_name("guard.py"))
    return [sys.executable, "-I", "-S", guard, str(os.getpid()), *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens_below(pid: int, port: int | None) -> bool:
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        for process in psutil.Process(pid).children()
        for connection in process.net_connections("tcp")
    )
