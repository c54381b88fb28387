"""The conformance suite on versions of packages: when it is asked for, and in the background.

A version is checked once its code may run, one after another; until then it has no badge.
"""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from studio.database.engine import Database
from studio.database.packages import PackageVersionRecord, get_version, set_report
from studio.errors import ConflictError, NotFoundError
from studio.inspector.conformance import check_package
from studio.packages.environments import Environments
from studio.packages.shelf import PackageShelf
from studio.packages.trust import Trust
from studio.spec import ComponentSpec

_LIBRARIES_SECONDS = 600.0

log = logging.getLogger("studio.server")


@dataclass(frozen=True)
class _Asked:
    package: str
    version: int
    person: str


@dataclass
class Checks:
    """Thread-safe."""

    database: Database
    shelf: PackageShelf
    environments: Environments
    trust: Trust
    _queue: SimpleQueue[_Asked] = field(default_factory=SimpleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def check(self, record: PackageVersionRecord, person: str) -> None:
        """Run the suite and keep the report. Raises ConflictError where the code may not run."""
        for spec in _placed(record):
            problem = self.trust.package_problem(spec, person)
            if problem is not None:
                raise ConflictError(problem.message, hint=problem.hint, code=problem.code)
        self.shelf.files(record)  # refuses files that were changed on disk
        interpreter = Path(sys.executable)
        if record.environment is not None:
            self.environments.check(record.environment)
            interpreter = self.environments.python(record.environment)
        folder = self.shelf.folder(record)
        report = check_package(record.components, record.broken, folder, interpreter)
        with self.database.begin() as connection:
            set_report(connection, record.digest, report.model_dump(mode="json"))

    def ask(self, record: PackageVersionRecord, person: str) -> None:
        """Have a version checked in the background; what was checked already is not again."""
        if record.report is not None:
            return
        self._queue.put(_Asked(record.package, record.version, person))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            asked = self._queue.get()
            try:
                self._check(asked)
            except (ConflictError, NotFoundError) as error:  # not to run yet, or not there any more
                log.info("package %s is not checked: %s", asked.package, error.message)
            except Exception:  # the thread goes on with the next one
                log.exception("package %s could not be checked", asked.package)

    def _check(self, asked: _Asked) -> None:
        record = self._record(asked)
        self.environments.wait(record, _LIBRARIES_SECONDS)
        record = self._record(asked)
        if record.report is None:
            self.check(record, asked.person)

    def _record(self, asked: _Asked) -> PackageVersionRecord:
        with self.database.read() as connection:
            return get_version(connection, asked.package, asked.version)


def _placed(record: PackageVersionRecord) -> list[ComponentSpec]:
    """The specs as the catalog has them, with their libraries."""
    asked = tuple(record.about["requirements"])
    known = {"requirements": asked, "environment": record.environment}
    return [spec.model_copy(update=known) for spec in record.components]
