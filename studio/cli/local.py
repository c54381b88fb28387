"""`studio run` where no studio is running: the same runner, in this process."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from studio.catalog import Catalog, CatalogReader
from studio.database.audit import Actor
from studio.database.engine import Database, migrate, open_database
from studio.database.events import list_events
from studio.database.packages import PackageVersionRecord, get_version
from studio.database.pipelines import store_pipeline
from studio.database.runs import RunOrder, RunRecord, get_run, request_cancel
from studio.database.steps import list_steps
from studio.errors import StudioError
from studio.inspector import Inspector, SourceReader
from studio.inspector.conformance import ConformanceReport, check_package
from studio.packages.environments import Environments
from studio.packages.intake import Upload, keep_upload
from studio.packages.shelf import PackageShelf
from studio.packages.trust import Trust
from studio.pipeline import Pipeline
from studio.roles import LOCAL, OPERATOR
from studio.run import FINAL_RUN_STATES
from studio.runner.process import open_runner
from studio.settings import Settings, builtin_folder
from studio.submission import Submission

Json = dict[str, Any]


def operator(settings: Settings) -> Actor:
    """Who works on the data folder itself: the one user, or in a team whoever runs the studio."""
    return Actor(OPERATOR if settings.is_team else LOCAL)


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(settings.database)
    try:
        migrate(database)
        yield database
    finally:
        database.close()


@contextmanager
def opened_shelf(settings: Settings, database: Database) -> Iterator[PackageShelf]:
    """The packages that people brought, and the process that reads their sources."""
    sources = SourceReader()
    try:
        yield PackageShelf(settings.home, database, sources.read)
    finally:
        sources.stop()


def read_catalog(settings: Settings, database: Database) -> Catalog:
    """The built-in components, and those of packages."""
    folders = [builtin_folder("components")]
    with opened_shelf(settings, database) as shelf:
        return CatalogReader(folders, database, Inspector().read_components, shelf).load()


def upload_here(settings: Settings, upload: Upload, wants_approval: Callable[[Json], bool]) -> Json:
    """Keep a package where no studio is running; its libraries are installed before it ends."""
    with opened_database(settings) as database, opened_shelf(settings, database) as shelf:
        specs = read_catalog(settings, database).specs
        record, _ = keep_upload(shelf, specs, upload, actor=operator(settings))
        with suppress(StudioError):  # what is wrong with them stands in the version itself
            Environments(settings.home, database, settings.wheelhouse).build(record)
        found = _describe(database, record)
        if wants_approval(found):
            Trust(database, settings.is_team).decide_package(record, True, operator(settings))
            found = _describe(database, record)
        return found


def check_here(settings: Settings, content: bytes, filename: str) -> ConformanceReport:
    """Check a package without keeping it; its libraries are built in the studio's home."""
    with tempfile.TemporaryDirectory(prefix="studio-check-") as folder:
        scratch = replace(settings, home=Path(folder), database_url="")
        with opened_database(scratch) as database, opened_shelf(scratch, database) as shelf:
            record, _ = keep_upload(shelf, {}, Upload(content, filename), actor=operator(settings))
            environments = Environments(settings.home, database, settings.wheelhouse)
            made = environments.build(record)
            python = environments.python(made.digest) if made and made.digest else sys.executable
            return check_package(
                record.components, record.broken, shelf.folder(record), Path(python)
            )


def _describe(database: Database, record: PackageVersionRecord) -> Json:
    from studio.server.package_items import version_item

    with database.read() as connection:
        newest = get_version(connection, record.package, record.version)
        return version_item(connection, newest).model_dump(mode="json")


def submit_here(submission: Submission, pipeline: Pipeline, order: RunOrder) -> RunRecord:
    """Store a pipeline, and queue a run of it."""
    with submission.database.begin() as connection:
        submission.note_code(connection, pipeline, values=order.parameters)
        record = store_pipeline(connection, pipeline)
    return submission.submit(record, order, by_name=True)


def plan_here(settings: Settings, pipeline: Pipeline, order: RunOrder) -> Json:
    """What a run would do, in the form of the REST interface."""
    with opened_database(settings) as database:
        here = Submission(database, settings, read_catalog(settings, database), operator(settings))
        return here.plan(pipeline, order).to_json()


def run_here(
    settings: Settings, start: Callable[[Submission], RunRecord], show: Callable[[Json], None]
) -> tuple[Json, list[Json]]:
    """Run what `start` submits to its end; gives the run and its steps as JSON data."""
    with opened_database(settings) as database, open_runner(settings, database) as runner:
        catalog = read_catalog(settings, database)
        run = start(Submission(database, settings, catalog, operator(settings)))
        seen = 0
        while True:
            try:
                runner.turn()
            except KeyboardInterrupt:
                with database.begin() as connection:
                    request_cancel(connection, run.id)
            with database.read() as connection:
                for event in list_events(connection, seen, run.id):
                    seen = event.id
                    show(asdict(event))
                run = get_run(connection, run.id)
                if run.state in FINAL_RUN_STATES:
                    steps = [asdict(step) for step in list_steps(connection, run.id)]
                    return asdict(run), steps
