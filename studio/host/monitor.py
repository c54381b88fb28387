"""Between host and step stands a monitor: it owns the step's process tree and leaves none of it.

It forks the step, passes a request to end on to it, keeps its log within bounds and its memory
within its limit, and when the step has ended, kills what the step has left behind, daemons too:
they come back to the monitor, which adopts orphans.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from studio.host.isolation import (
    adopt_orphans,
    die_with_parent,
    drop_privileges,
    kill_descendants,
    own_memory,
    prefer_as_victim,
)
from studio.host.logs import CappedLog
from studio.host.protocol import Launch

Body = Callable[[], int]
MEMORY_EXIT = 86
"""How the monitor ends when it has ended the step for its use of memory."""
_FAILED_TO_START = 70
_MEMORY_SECONDS = 0.25


def run_monitored(body: Body, launch: Launch, log: int) -> NoReturn:
    """In a forked child: become the monitor of a step, and end as the step ends."""
    try:
        die_with_parent()
        os.setsid()
        adopt_orphans()
        wake = _wake_on_children()
        # Blocked until the step's pid is known, or a request that comes early would be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        said, saying = os.pipe2(os.O_CLOEXEC)
        step = os.fork()
        if step == 0:
            _run_step(body, launch, saying)
        os.close(saying)
        signal.signal(signal.SIGTERM, lambda *_: os.killpg(step, signal.SIGTERM))
        _own_group(step)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _end_as(_Watch(step, launch.memory, said, CappedLog(log)).wait(wake))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(_FAILED_TO_START)


def _wake_on_children() -> int:
    """A descriptor that becomes readable when a child has ended."""
    wake, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    return wake


def _own_group(step: int) -> None:
    """Done by parent and child alike, so that the group is there whoever comes first."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(step, step)


class _Watch:
    """Waits for one step: passes on what it prints, and ends it at its limit of memory."""

    def __init__(self, step: int, memory: int | None, said: int, log: CappedLog) -> None:
        self._step = step
        self._memory = memory
        self._said = said
        self._log = log
        os.set_blocking(said, False)

    def wait(self, wake: int) -> int | None:
        """The step's status once nothing of its tree is left; None: ended for its memory."""
        status = self._wait_for_step(wake)
        kill_descendants(os.getpid())
        while self._pass_on():
            pass
        self._log.close()
        return status

    def _wait_for_step(self, wake: int) -> int | None:
        timeout = _MEMORY_SECONDS if self._memory else None
        sources = [self._said, wake]
        while True:
            readable, _, _ = select.select(sources, [], [], timeout)
            if self._said in readable and not self._pass_on():
                sources.remove(self._said)
            if wake in readable:
                os.read(wake, 4096)
                status = self._reap()
                if status is not None:
                    return status
            if self._memory and own_memory(os.getpid()) > self._memory:
                return None

    def _pass_on(self) -> bool:
        """Write what the step printed into its log; False when there is nothing more for now."""
        try:
            content = os.read(self._said, 1 << 16)
        except BlockingIOError:
            return False
        self._log.write(content)
        return bool(content)

    def _reap(self) -> int | None:
        """Collect what has ended; the step's status when it was among them."""
        status = None
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self._step:
                    status = ended[1]
        return status


def _end_as(status: int | None) -> NoReturn:
    """End with the step's exit code, or by the signal that ended it."""
    if status is None:
        os._exit(MEMORY_EXIT)
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        os._exit(code)
    signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
    os.kill(os.getpid(), -code)
    os._exit(128 - code)


def _run_step(body: Body, launch: Launch, log: int) -> NoReturn:
    code = _FAILED_TO_START
    try:
        die_with_parent()
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _redirect(log)
        prefer_as_victim()
        drop_privileges()
        os.chdir(launch.folder)
        os.environ.update(launch.environment)
        code = body()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def _redirect(log: int) -> None:
    """Nothing to read, and all that is printed goes to the log, from C code too."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
