"""One run whose steps end at once, in a process whose n-th call of the operating system fails.

`python -m tests.runner.commit_world HOME RUN N MODE`: MODE `fail` makes the call an I/O error,
`full` a full disk, `die` ends the process there; N 0 only counts, and prints the number of calls.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from studio.database.engine import open_database
from studio.executors.base import Signal, StepExited, StepLaunch
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.settings import Settings
from studio.step import OUTPUTS_FOLDER, RESULT_FILE, StepResult, read_order, write_document

# What the runner changes the disk with, outside of SQLite.
CALLS = ("open", "mkdir", "rename", "replace", "chmod", "fsync", "unlink", "rmdir", "scandir")
_ERRORS = {"fail": errno.EIO, "full": errno.ENOSPC}
_DIED = 9


class InstantExecutor:
    """Every step has written its outputs and ended well before it is asked for."""

    def __init__(self) -> None:
        self._ended: list[Signal] = []

    def start(self, launch: StepLaunch) -> None:
        order = read_order(launch.folder)
        for port in order.spec.outputs:
            folder = launch.folder / OUTPUTS_FOLDER / port.name
            folder.mkdir(parents=True)
            (folder / "first.bin").write_bytes(order.node_id.encode())
            if order.node_id == "large":  # too large for a row of the database
                (folder / "deep").mkdir()
                (folder / "deep" / "second.bin").write_bytes(b"content" * 10_000)
        write_document(launch.folder, RESULT_FILE, StepResult(state="succeeded"))
        self._ended.append(StepExited(launch.id, 0))

    def poll(self, timeout: float) -> Sequence[Signal]:
        ended, self._ended = self._ended, []
        return ended

    def terminate(self, id: str) -> None: ...

    def kill(self, id: str) -> None: ...

    def stop(self) -> None: ...


class Shim:
    """Counts the calls that are made while it is on, and spoils one of them."""

    def __init__(self, n: int, mode: str) -> None:
        self.count = 0
        self._n = n
        self._mode = mode

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._spoil(getattr(os, name)))

    def _spoil(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def spoiled(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            if self.count == self._n:
                if self._mode == "die":
                    os._exit(_DIED)
                raise OSError(_ERRORS[self._mode], "made to fail", str(arguments[:1]))
            return call(*arguments, **options)

        return spoiled


def turn_until_over(settings: Settings, shim: Shim | None = None) -> None:
    database = open_database(settings.database)
    runner = Runner(settings, database, InstantExecutor(), SparkKeeper(settings))
    runner.recover()
    runner.turn(0.0)  # the run is claimed and its first steps are started
    if shim is not None:
        shim.install()
    for _ in range(200):
        runner.turn(0.0)
        if runner.is_idle:
            break
    database.close()


def main(home: str, n: str, mode: str) -> None:
    shim = Shim(int(n), mode)
    turn_until_over(Settings(home=Path(home), cpus=4), shim)
    print(shim.count)


if __name__ == "__main__":
    main(*sys.argv[1:])
