"""Between host and step stands a monitor: it owns the step's process tree and leaves none of it.

It forks the step, passes a request to end on to it, and when the step has ended, kills what the
step has left behind, daemons too: they come back to the monitor, which adopts orphans.
"""

from __future__ import annotations

import contextlib
import os
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
    prefer_as_victim,
)
from studio.host.protocol import Launch

Body = Callable[[], int]
_FAILED_TO_START = 70


def run_monitored(body: Body, launch: Launch, log: int) -> NoReturn:
    """In a forked child: become the monitor of a step, and end as the step ends."""
    try:
        die_with_parent()
        os.setsid()
        adopt_orphans()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Blocked until the step's pid is known, or a request that comes early would be lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        step = os.fork()
        if step == 0:
            _run_step(body, launch, log)
        signal.signal(signal.SIGTERM, lambda *_: os.killpg(step, signal.SIGTERM))
        _own_group(step)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        _end_as(_wait_for(step))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(_FAILED_TO_START)


def _own_group(step: int) -> None:
    """Done by parent and child alike, so that the group is there whoever comes first."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpgid(step, step)


def _wait_for(step: int) -> int:
    """The step's status, once nothing of its tree is left."""
    status = 0
    while True:
        pid, ended = os.wait()
        if pid == step:
            status = ended
            break
    kill_descendants(os.getpid())
    return status


def _end_as(status: int) -> NoReturn:
    """End with the step's exit code, or by the signal that ended it."""
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
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
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
