"""Hold one child process, and kill it as soon as the process that started this one is gone.

Run by its path and with the standard library only: `python -I -S guard.py PID COMMAND...`, where
PID is the starter's, stdin a pipe that only the starter writes to (it never does), and the process
group its own. The guard ends with the child and with the child's exit status.

A parent-death signal set by the starter itself would follow the starter's *thread*, and a pipe
alone would stay open in processes that the starter forks; the guard watches pipe and parent, and
sets the signal on the child for its own single thread.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys

_PARENT_CHECK_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1
_STDIN = 0


def main(starter: int, command: list[str]) -> int:
    wake_up = _wake_on_signals()
    child = _spawn(command)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    while os.getppid() == starter:
        readable, _, _ = select.select([_STDIN, wake_up], [], [], _PARENT_CHECK_SECONDS)
        if _STDIN in readable:
            break
        if wake_up in readable:
            os.read(wake_up, 4096)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _exit_code(status)
    os.kill(0, signal.SIGKILL)  # the whole group, this process last of all
    return 1


def _wake_on_signals() -> int:
    """A file descriptor that becomes readable at every signal, so that `select` sees them."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader


def _spawn(command: list[str]) -> int:
    guard = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        _die_with(guard)
        os.dup2(os.open(os.devnull, os.O_RDONLY), _STDIN)
        os.execv(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)
    finally:
        os._exit(127)


def _die_with(guard: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard:  # it died before the line above
        os._exit(1)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
