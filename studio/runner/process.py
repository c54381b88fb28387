"""The runner as a process: `python -m studio.runner`, until SIGTERM."""

from __future__ import annotations

import logging
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.database.engine import Database, open_database
from studio.errors import StudioError
from studio.executors.local import LocalExecutor
from studio.host.isolation import die_with_parent, hide_memory, relax_collector
from studio.runner.lock import only_runner
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.settings import Settings, load_settings
from studio.startup import check_startup

_KEPT_SECONDS = 7 * 86400.0


@contextmanager
def open_runner(settings: Settings, database: Database) -> Iterator[Runner]:
    """A runner that holds its data folder, with a host that is being warmed."""
    check_startup(settings)
    with only_runner(settings.home):
        # Work folders of an earlier runner: its steps have ended with it.
        shutil.rmtree(settings.work, ignore_errors=True)
        _forget_old(settings.kept)
        executor = LocalExecutor(settings.logs)
        executor.prepare()
        sandbox = SandboxKeeper(settings.home, settings.runs_in_weak_sandbox)
        sandbox.prepare()
        runner = Runner(settings, database, executor, SparkKeeper(settings), sandbox)
        try:
            runner.recover()
            yield runner
        finally:
            runner.stop()


def _forget_old(kept: Path) -> None:
    """Remove what steps left that nobody has run again for a week."""
    for folder in kept.iterdir() if kept.is_dir() else ():
        if folder.stat().st_mtime < time.time() - _KEPT_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    die_with_parent()
    hide_memory()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    relax_collector()
    settings = load_settings()
    database = open_database(settings.database)
    try:
        with open_runner(settings, database) as runner:
            while not stopping:
                runner.turn()
            runner.drain(lambda: len(stopping) > 1)
    except StudioError as error:
        print(f"{error.message} {error.hint or ''}", file=sys.stderr)
        return 4
    finally:
        database.close()
    return 0
