"""`studio serve`: starts server and runner, replaces one that dies, stops all that it started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from studio.errors import UnavailableError
from studio.runner.lock import only_runner
from studio.settings import Settings
from studio.startup import check_startup

_START_SECONDS = 30.0
_STOP_SECONDS = 15.0
_PORTS_TRIED = 50


class Supervisor:
    """Children are started by the thread that calls `start`, and end when it ends."""

    def __init__(self, settings: Settings) -> None:
        check_startup(settings)
        self._settings = settings
        self._socket = bind(settings.host, settings.port)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started_at: dict[str, float] = {}

    @property
    def url(self) -> str:
        return f"http://{self._settings.host}:{self._socket.getsockname()[1]}"

    def start(self) -> None:
        """Start both and wait until the server answers; refused where another studio is."""
        with only_runner(self._settings.home):
            pass
        self._settings.logs.mkdir(exist_ok=True)
        self._spawn("server")
        self._wait_until_ready()
        self._spawn("runner")
        _write_private(
            self._settings.address_file, json.dumps({"url": self.url, "pid": os.getpid()})
        )

    def watch(self) -> None:
        """Start again what has ended; called now and then."""
        for name, child in list(self._children.items()):
            if child.poll() is not None and time.monotonic() - self._started_at[name] > 1.0:
                self._spawn(name)

    def stop(self) -> None:
        if self._children:  # else the address there is another studio's
            self._settings.address_file.unlink(missing_ok=True)
        for name in ("runner", "server"):
            child = self._children.pop(name, None)
            if child is not None:
                _end(child, _STOP_SECONDS + self._settings.drain_seconds)
        self._socket.close()

    def _spawn(self, name: str) -> None:
        commands: dict[str, Sequence[str]] = {
            "server": ("studio.server", "--fd", str(self._socket.fileno())),
            "runner": ("studio.runner",),
        }
        environment = {
            **os.environ,
            "STUDIO_HOME": str(self._settings.home),
            "STUDIO_PORT": str(self._socket.getsockname()[1]),
        }
        with (self._settings.logs / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", *commands[name]],
                pass_fds=[self._socket.fileno()] if name == "server" else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,  # Ctrl-C is for us; we stop them in order
            )
        self._started_at[name] = time.monotonic()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._children["server"].poll() is not None:
                break
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/readyz", timeout=1.0).status_code == 200:
                    return
            time.sleep(0.02)
        log = self._settings.logs / "server.log"
        lines = log.read_text(errors="replace").splitlines()[-10:]
        self.stop()
        raise UnavailableError(
            "The server did not start. Its log ends with:\n" + "\n".join(lines),
            hint=f"The whole log is {log}.",
        )


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on the port, or on the next one that is free."""
    for number in range(port, port + _PORTS_TRIED):
        candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, number))
            candidate.listen(512)
        except OSError:
            candidate.close()
        else:
            return candidate
    raise UnavailableError(
        f"No port from {port} to {port + _PORTS_TRIED - 1} is free on {host}.",
        hint="Choose another one with --port.",
    )


def _end(child: subprocess.Popen[bytes], seconds: float) -> None:
    child.send_signal(signal.SIGTERM)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def interrupt_once() -> None:
    """Ctrl-C, SIGTERM and a closed terminal raise KeyboardInterrupt, the first of them only.

    Whatever waits is woken by it, and what then stops the studio is not interrupted again.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(*_: object) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)
