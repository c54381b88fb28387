"""An executor that runs steps at once, in the process of the test: for tests of many runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.catalog import CatalogReader
from studio.component import context
from studio.database.engine import migrate, open_database
from studio.executors.base import Signal, StepExited, StepLaunch
from studio.inspector import Inspector
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.settings import Settings
from studio.worker.main import run_step
from tests.conftest import PACKAGES, Studio


class InlineExecutor:
    """The worker's own code on the real folders, without a process."""

    def __init__(self) -> None:
        self._signals: list[Signal] = []
        self.started: list[str] = []

    def start(self, launch: StepLaunch) -> None:
        self.started.append(launch.id)
        pipe = os.open(os.devnull, os.O_WRONLY)
        try:
            self._signals.append(StepExited(launch.id, run_step(str(launch.folder), pipe)))
        finally:
            context._sink = (
                None  # a step ends with its process; here the next test would write to it
            )
            os.close(pipe)

    def poll(self, timeout: float) -> Sequence[Signal]:
        signals, self._signals = self._signals, []
        return signals

    def terminate(self, id: str) -> None:
        """A step is over as soon as it has begun."""

    def kill(self, id: str) -> None:
        """As above."""

    def stop(self) -> None:
        """There is nothing to end."""


class Workshop:
    """Makes studios with an inline executor, each with an empty database of its own.

    `packages` is a copy of the components for tests that may be changed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._template = folder / "template.db"
        self.packages = folder / "packages"
        shutil.copytree(PACKAGES, self.packages)
        database = open_database(f"sqlite:///{self._template}")
        migrate(database)
        database.close()
        specs = open_database(f"sqlite:///{folder / 'specs.db'}")
        migrate(specs)
        self.reader = CatalogReader([self.packages], specs, Inspector().read_components)

    def make(self) -> Studio:
        return self.open(self.folder_of_its_own(cpus=2))

    def folder_of_its_own(self, **more: Any) -> Settings:
        """A new data folder with an empty database."""
        self._made += 1
        settings = Settings(home=self._folder / str(self._made), **more)
        settings.home.mkdir()
        shutil.copy(self._template, settings.home / "studio.db")
        return settings

    def open(self, settings: Settings) -> Studio:
        """A studio on a folder that there is, as after a restart."""
        database = open_database(settings.database)
        runner = Runner(settings, database, InlineExecutor(), SparkKeeper(settings))
        runner.recover()
        return Studio(settings, database, self.reader.load(), runner)

    @contextmanager
    def touched(self, studio: Studio, component: str) -> Iterator[None]:
        """While another line stands in the source of a component."""
        source = Path(studio.catalog.specs[component].file)
        was = source.read_text()
        source.write_text(was + "\n# touched\n")
        studio.catalog = self.reader.load()
        try:
            yield
        finally:
            source.write_text(was)
            studio.catalog = self.reader.load()
