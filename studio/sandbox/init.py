"""The first process of a sandbox: runs the command, watches it, and leaves nothing behind.

It is process 1 where the sandbox has a process tree of its own, and adopts orphans where it has
not. The command cannot touch it: it gets no signal, no memory and no descriptor of it. It runs in
the studio's bare interpreter, and every step waits for its imports: only the standard library, and
of that nothing that takes milliseconds (`typing`, `dataclasses`, `json`, `re`, `traceback`).
"""

from __future__ import annotations

import contextlib
import ctypes
import marshal
import os
import select
import signal
import sys
import time
import types

from studio.sandbox.confine import become_command
from studio.sandbox.watch import Watch, living

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from studio.sandbox.order import InitOrder

STATUS_ERROR = 125  # the exit code when it could not do its work
_TICK_SECONDS = 0.05
_DRAIN_SECONDS = 1.0
_CHUNK = 1 << 16


class Init:
    """One command; `run` returns when nothing of its process tree is left."""

    def __init__(self, order: InitOrder) -> None:
        self._order = order
        self._watch = Watch(order)
        self._reason: str | None = None
        self._error: str | None = None
        self._status: int | None = None
        self._logged = 0

    def run(self) -> None:
        self._join_group()
        self._wake = _wake_on_signals()
        if self._order.egress is not None:
            _hand_out_listener(self._order.egress, self._order.egress_port)
        self._log, writer = os.pipe()
        errors, error_writer = os.pipe()
        self._command = os.fork()
        if self._command == 0:
            _start(self._order, writer, error_writer)
        _hide_memory()
        for descriptor in (writer, error_writer, *self._order.keep):
            os.close(descriptor)
        self._error = _read_all(errors).decode(errors="replace") or None
        while self._status is None:
            self._turn(_TICK_SECONDS)
        self._kill_all()
        self._drain()
        self._report()

    def _join_group(self) -> None:
        """Before the first fork, so that every process of the sandbox is counted by the kernel."""
        if self._order.group is not None:
            os.write(self._order.group, b"0")
            os.close(self._order.group)

    def _turn(self, timeout: float) -> None:
        ready, _, _ = select.select([self._wake, self._log, self._order.control], [], [], timeout)
        if self._order.control in ready:
            self._obey()
        if self._log in ready:
            self._copy_log()
        if self._wake in ready:
            os.read(self._wake, 4096)
            self._reap()
        if self._reason is None and self._status is None:
            self._reason = self._watch.passed()
            if self._reason is not None:
                self._kill_all()

    def _obey(self) -> None:
        """A byte asks the command to end; the end of the pipe ends everything at once."""
        if os.read(self._order.control, 1):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._command, signal.SIGTERM)
            return
        self._kill_all()
        os._exit(STATUS_ERROR)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self._command:
                    self._status = os.waitstatus_to_exitcode(status)
                    if self._status == -signal.SIGXCPU:
                        self._reason = "cpu"

    def _copy_log(self) -> bool:
        """Pass on what was printed, up to the limit; False: nobody is left who could print."""
        content = os.read(self._log, _CHUNK)
        before, self._logged = self._logged, self._logged + len(content)
        _write_all(2, content[: max(self._order.log - before, 0)])
        if before <= self._order.log < self._logged:
            _write_all(2, b"\n[the log is full: what follows was dropped]\n")
        return bool(content)

    def _drain(self) -> None:
        deadline = time.monotonic() + _DRAIN_SECONDS
        while time.monotonic() < deadline and select.select([self._log], [], [], 0)[0]:
            if not self._copy_log():
                return

    def _kill_all(self) -> None:
        """Everything but this process, what is forked meanwhile too."""
        while True:
            if self._order.own_namespace and os.getpid() == 1:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            for pid in living(self._order.own_namespace):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self._reap()
            if not list(living(self._order.own_namespace)):
                self._reap()
                return
            time.sleep(0.002)

    def _report(self) -> None:
        reason = "sandbox" if self._error else self._reason
        answer = f"{self._status}\n{self._watch.peak}\n{reason or ''}\n{self._error or ''}"
        _write_all(self._order.status, answer.encode())


def _start(order: InitOrder, log: int, errors: int) -> NoReturn:
    """In the child. `errors` closes when the command begins; what is in it says why it did not."""
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        if 1 not in order.keep:
            os.dup2(log, 1)
        os.dup2(log, 2)
        for descriptor in order.keep:
            os.set_inheritable(descriptor, True)
        os.set_inheritable(order.status, False)
        os.set_inheritable(order.control, False)
        become_command(order)
    except BaseException as error:
        text = f"{type(error).__name__}: {error}"
        os.write(errors, text.encode()[:4000])
    finally:
        os._exit(STATUS_ERROR)


def _hand_out_listener(link: int, port: int) -> None:
    """A socket of this network, for the proxy outside of it to listen on."""
    import socket  # most sandboxes have no network

    with socket.socket(fileno=link) as out, socket.create_server(("127.0.0.1", port)) as listener:
        socket.send_fds(out, [b"l"], [listener.fileno()])


def _wake_on_signals() -> int:
    reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def _read_all(descriptor: int) -> bytes:
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _write_all(descriptor: int, content: bytes) -> None:
    with contextlib.suppress(OSError):  # a full disk must not end the sandbox without a word
        while content:
            content = content[os.write(descriptor, content) :]


def _hide_memory() -> None:
    """Let the command, though of the same user, neither read nor write this process."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def main() -> None:
    """Argument: a descriptor of the order. It ends by the control pipe, never by a signal."""
    try:
        _adopt_orphans()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with os.fdopen(int(sys.argv[1]), "rb") as file:
            told = types.SimpleNamespace(**marshal.load(file))
        Init(told).run()  # type: ignore[arg-type]
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(STATUS_ERROR)
    os._exit(0)
