"""The host process itself: `python -m studio.host.process FD ENTRY MODULE...`.

It imports the modules and does nothing else with them: a single operation of TensorFlow or a
Polars query in the parent, and every child hangs. So it refuses to fork when it has more threads
than right after the imports.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable

from studio.host.isolation import die_with_parent, kill_descendants
from studio.host.monitor import run_monitored
from studio.host.protocol import Exited, Launch, Ready, Refused, Started, receive, send

Entry = Callable[[str, int], int]


class Host:
    """Forks on request and tells how each child ended; one thread, one loop."""

    def __init__(self, connection: socket.socket, entry: Entry) -> None:
        self._connection = connection
        self._entry = entry
        self._children: dict[int, str] = {}
        self._threads = _count_threads()

    def serve(self, wake: int) -> None:
        """Until the owner closes its end. wake: a descriptor that is readable after SIGCHLD."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj == wake:
                        os.read(wake, 4096)
                        self._reap()
                    elif not self._handle():
                        return

    def _handle(self) -> bool:
        message, descriptors = receive(self._connection)
        if message is None:
            return False
        if isinstance(message, Launch):
            self._launch(message, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _launch(self, launch: Launch, descriptors: list[int]) -> None:
        threads = _count_threads()
        if threads > self._threads:
            reason = f"the host has {threads} threads, {self._threads} after its imports"
            send(self._connection, Refused(launch.id, reason))
            return
        log, pipe = descriptors
        pid = os.fork()
        if pid == 0:
            self._connection.close()
            run_monitored(lambda: self._entry(launch.folder, pipe), launch, log)
        self._children[pid] = launch.id
        send(self._connection, Started(launch.id, pid))

    def _reap(self) -> None:
        """Collect ended children; those that are no step's are orphans that came to us."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            id = self._children.pop(pid, None)
            if id is not None:
                code = os.waitstatus_to_exitcode(status)
                send(self._connection, Exited(id, code, usage.ru_maxrss * 1024))


def main() -> None:
    started = time.monotonic()
    die_with_parent()
    connection = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's to handle
    wake, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    module, _, name = sys.argv[2].partition(":")
    entry: Entry = getattr(importlib.import_module(module), name)
    for library in sys.argv[3:]:
        importlib.import_module(library)
    gc.collect()
    gc.freeze()  # what is here now is never collected, so its pages stay shared with children
    send(connection, Ready(time.monotonic() - started))
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        Host(connection, entry).serve(wake)
    kill_descendants(os.getpid())
    os._exit(0)  # the libraries' own farewells are of no use here


def _count_threads() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - called before every fork


if __name__ == "__main__":
    main()
