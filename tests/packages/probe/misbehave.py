"""Ends in many ways."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from typing import Literal

from studio.component import ComponentError, Report, component

Way = Literal[
    "return",
    "refuse",
    "raise",
    "exit",
    "vanish",
    "kill",
    "sleep",
    "ignore",
    "daemon",
    "fork",
    "symlink",
    "wrong type",
    "print",
    "allocate",
    "flood",
    "kill once",
    "nap",
    "fill the disk",
]


@component(title="Misbehave", category="Probe", volatile=True)
def misbehave(report: Report | None = None, *, way: Way = "return", file: str = "") -> Report:
    """Behave as badly as asked."""
    if way == "refuse":
        raise ComponentError("No.", hint="Ask for something else.", parameter="way", row=7)
    if way == "raise":
        raise ValueError("a bug of the author")
    if way == "exit":
        sys.exit(3)
    if way == "vanish":
        os._exit(0)
    if way == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if way == "ignore":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if way in ("sleep", "ignore"):
        time.sleep(60)
    if way == "nap":
        time.sleep(1)
    if way == "daemon":
        _daemon(file)
    if way == "symlink":
        os.makedirs("outputs/report")
        os.symlink("/etc/passwd", "outputs/report/report.json")
        os._exit(0)
    if way == "wrong type":
        return "a text"  # type: ignore[return-value]
    if way == "allocate":
        held = [bytearray(os.urandom(1 << 20)) for _ in range(1000)]
        time.sleep(len(held))
    if way == "flood":
        for number in range(1_000_000):
            print(f"line {number} of a component that says too much")
    if way == "kill once" and not os.path.exists(file):
        open(file, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if way == "fill the disk":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if way == "print":
        print("printed by the component")
        subprocess.run(["echo", "printed by a program"], check=True)
    return Report({"value": 1.0})


def _daemon(file: str) -> None:
    """A process that has left our session and our parents, and would outlive the step."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open(file, "w") as pid:
                pid.write(str(os.getpid()))
            time.sleep(60)
        os._exit(0)
    while not os.path.exists(file) or not os.path.getsize(file):
        time.sleep(0.01)
