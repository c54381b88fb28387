"""Steps on this machine: our code is forked from the warm host, other code runs in a sandbox.

Where forking is not safe, our code is spawned.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from studio.errors import StudioError
from studio.executors.base import Signal, StepExited, StepLaunch, StepMessage
from studio.executors.confined import start_confined
from studio.host.client import LIBRARIES, HostClient
from studio.host.isolation import kill_descendants
from studio.host.monitor import MEMORY_EXIT
from studio.host.protocol import Exited, Launch, Ready, Refused, Started
from studio.sandbox.confinement import Confinement
from studio.sandbox.launch import Confined

ENTRY = "studio.worker.main:run_step"
_MAX_LINE = 1 << 20
_ENDING_SECONDS = 5.0
# What a sandbox calls the limit that was passed -> why the step is lost.
_REASONS = {
    "memory": "killed_memory",
    "processes": "killed_processes",
    "cpu": "killed_cpu",
    "output": "killed_output",
    "disk": "killed_disk",
    "sandbox": "no_sandbox",
}


@dataclass
class _Running:
    """A step that was handed over; `pid` is its monitor's, once it is known."""

    launch: StepLaunch
    pipe: int
    pid: int | None = None
    spawned: subprocess.Popen[bytes] | None = None
    confined: Confined | None = None
    unread: bytes = b""
    asked: list[signal.Signals] = field(default_factory=list)


class LocalExecutor:
    """An executor on this machine; a host that dies is replaced, its steps are reported lost."""

    def __init__(
        self, logs: Path, libraries: Sequence[str] = LIBRARIES, entry: str = ENTRY
    ) -> None:
        self._entry = entry
        self._log = logs / "host.log"
        self._libraries = libraries
        self._selector = selectors.DefaultSelector()
        self._steps: dict[str, _Running] = {}
        self._waiting: list[StepLaunch] = []
        self._signals: list[Signal] = []
        self._host: HostClient | None = None

    def prepare(self) -> None:
        """Start the host now, so that it is warm when the first step comes."""
        if self._host is None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            self._host = HostClient(self._entry, self._log, self._libraries)
            self._selector.register(self._host.connection, selectors.EVENT_READ, self._hear_host)

    def start(self, launch: StepLaunch) -> None:
        if launch.confinement is not None:
            self._confine(launch, launch.confinement)
            return
        self.prepare()
        if self._host is not None and self._host.is_ready:
            self._fork(launch)
        else:
            self._waiting.append(launch)

    def poll(self, timeout: float) -> Sequence[Signal]:
        for key, _ in self._selector.select(0 if self._signals else timeout):
            hear: Callable[[], object] = key.data
            hear()
        self._reap_spawned()
        signals, self._signals = self._signals, []
        return signals

    def terminate(self, id: str) -> None:
        self._send_signal(id, signal.SIGTERM)

    def kill(self, id: str) -> None:
        self._send_signal(id, signal.SIGKILL)

    def stop(self) -> None:
        for id in list(self._steps):
            self.kill(id)
        if self._host is not None:
            self._selector.unregister(self._host.connection)
            self._host.stop()
            self._host = None
        for id in list(self._steps):
            step = self._forget(id)
            if step.confined is not None:
                step.confined.wait(_ENDING_SECONDS)
        self._waiting.clear()

    @contextlib.contextmanager
    def _opened(self, launch: StepLaunch) -> Iterator[tuple[_Running, int, int]]:
        """A step with its log and the writing end of its pipe, which are ours only meanwhile."""
        launch.log.parent.mkdir(parents=True, exist_ok=True)
        log = os.open(launch.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        read, write = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(read, False)
        step = _Running(launch, read)
        self._steps[launch.id] = step
        self._selector.register(read, selectors.EVENT_READ, partial(self._read_pipe, launch.id))
        try:
            yield step, log, write
        finally:
            os.close(log)
            os.close(write)

    def _fork(self, launch: StepLaunch) -> None:
        assert self._host is not None
        message = Launch(launch.id, str(launch.folder), dict(launch.environment), launch.memory)
        with self._opened(launch) as (_, log, pipe):
            try:
                self._host.launch(message, log, pipe)
            except OSError:
                self._lose_host()

    def _spawn(self, launch: StepLaunch) -> None:
        """Start a step in an interpreter of its own: slower, and always safe."""
        command = [sys.executable, "-m", "studio.host.spawned", self._entry, launch.id]
        with self._opened(launch) as (step, log, pipe):
            step.spawned = subprocess.Popen(
                [*command, str(launch.folder), str(log), str(pipe), str(launch.memory or 0)],
                pass_fds=[log, pipe],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **launch.environment},
            )
            step.pid = step.spawned.pid

    def _confine(self, launch: StepLaunch, confinement: Confinement) -> None:
        """Start a step in a sandbox; one that cannot be started has ended at once."""
        with self._opened(launch) as (step, log, pipe):
            try:
                step.confined = start_confined(launch, confinement, log, pipe)
            except (StudioError, OSError) as error:
                self._finish(launch.id, StepExited(launch.id, 1, None, "no_sandbox", str(error)))
            else:
                hear = partial(self._end_confined, launch.id)
                self._selector.register(step.confined, selectors.EVENT_READ, hear)

    def _end_confined(self, id: str) -> None:
        """The sandbox has said how the step ended, and is ending itself."""
        step = self._steps.get(id)
        if step is not None and step.confined is not None:
            ended = step.confined.wait(_ENDING_SECONDS)
            reason = _REASONS.get(ended.reason or "")
            how = (ended.status, ended.peak_memory, reason, ended.error, ended.contacts)
            self._finish(id, StepExited(id, *how))

    def _hear_host(self) -> None:
        assert self._host is not None
        match self._host.receive():
            case None:
                self._lose_host()
            case Ready():
                waiting, self._waiting = self._waiting, []
                for launch in waiting:
                    self._fork(launch)
            case Started(id, pid):
                self._learn_pid(id, pid)
            case Refused(id, _):
                self._spawn(self._forget(id).launch)
            case Exited(id, status, peak_memory):
                self._finish(id, _exited(id, status, peak_memory))

    def _learn_pid(self, id: str, pid: int) -> None:
        step = self._steps[id]
        step.pid = pid
        for number in step.asked:
            self._send_signal(id, number)

    def _lose_host(self) -> None:
        """The host has ended, and with it all that it had forked."""
        assert self._host is not None
        self._selector.unregister(self._host.connection)
        self._host.stop()
        self._host = None
        for id, step in list(self._steps.items()):
            if step.spawned is None and step.confined is None:
                self._finish(id, StepExited(id, -signal.SIGKILL, None, "host_lost"))
        waiting, self._waiting = self._waiting, []
        for launch in waiting:  # a host that ended during its imports would end again
            self._spawn(launch)

    def _read_pipe(self, id: str) -> bool:
        """Take what a step has said; False when there is nothing more for now."""
        step = self._steps.get(id)
        if step is None:
            return False
        try:
            content = os.read(step.pipe, 1 << 16)
        except BlockingIOError:
            return False
        if not content:  # nobody is left who could write
            with contextlib.suppress(KeyError):
                self._selector.unregister(step.pipe)
            return False
        *lines, step.unread = (step.unread + content).split(b"\n")
        step.unread = step.unread[-_MAX_LINE:]
        for line in lines:
            with contextlib.suppress(ValueError):  # a step may write anything into its pipe
                message = json.loads(line)
                if isinstance(message, dict):
                    self._signals.append(StepMessage(id, message))
        return True

    def _finish(self, id: str, exited: StepExited) -> None:
        if id in self._steps:
            while self._read_pipe(id):  # what it said last
                pass
            self._forget(id)
            self._signals.append(exited)

    def _forget(self, id: str) -> _Running:
        step = self._steps.pop(id)
        for end in (step.pipe, step.confined):
            with contextlib.suppress(KeyError):
                if end is not None:
                    self._selector.unregister(end)
        os.close(step.pipe)
        return step

    def _reap_spawned(self) -> None:
        for id, step in list(self._steps.items()):
            if step.spawned is not None and step.spawned.poll() is not None:
                self._finish(id, _exited(id, step.spawned.returncode))

    def _send_signal(self, id: str, number: signal.Signals) -> None:
        waiting = next((launch for launch in self._waiting if launch.id == id), None)
        if waiting is not None:
            self._waiting.remove(waiting)
            self._signals.append(StepExited(id, -number))
            return
        step = self._steps.get(id)
        if step is None:
            return
        if step.confined is not None:
            step.confined.kill() if number == signal.SIGKILL else step.confined.terminate()
        elif step.pid is None:  # its monitor is being started
            step.asked.append(number)
        elif number == signal.SIGKILL:
            kill_descendants(step.pid)
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(step.pid, number)


def _exited(id: str, status: int, peak_memory: int | None = None) -> StepExited:
    """The end of a monitored step; its monitor tells by its own code that memory was the reason."""
    reason = "killed_memory" if status == MEMORY_EXIT else None
    return StepExited(id, status, peak_memory, reason)
