"""What many tests need: a studio of their own, with components made for tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from studio.catalog import Catalog, CatalogReader
from studio.database.engine import Database, migrate, open_database
from studio.database.events import Event, list_events
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunOrder, RunRecord, get_run
from studio.database.steps import StepRecord, list_steps
from studio.executors.local import LocalExecutor
from studio.inspector import Inspector
from studio.pipeline import load_pipeline
from studio.planning import Plan
from studio.run import FINAL_RUN_STATES
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.settings import Settings, builtin_folder
from studio.submission import Submission

PACKAGES = Path(__file__).parent / "packages"
LIBRARIES = ("numpy", "pandas", "pyarrow.parquet", "ibis.backends.duckdb")

Json = dict[str, Any]


def pipeline(nodes: dict[str, Json], edges: list[str], **more: Any) -> Json:
    """A short way to write a document: edges are "node.port > node.port"."""
    ends = [[end.strip().split(".") for end in edge.split(">")] for edge in edges]
    return {
        "schema_version": 1,
        "name": "test",
        "nodes": [{"id": id, **node} for id, node in nodes.items()],
        "edges": [
            {"source": {"node": s[0], "port": s[1]}, "target": {"node": t[0], "port": t[1]}}
            for s, t in ends
        ],
        **more,
    }


@dataclass
class Studio:
    """A runner with its database, without a server."""

    settings: Settings
    database: Database
    catalog: Catalog
    runner: Runner

    @property
    def submission(self) -> Submission:
        return Submission(self.database, self.settings, self.catalog)

    def submit(self, document: Json, values: Json | None = None, **how: Any) -> RunRecord:
        """Queue a run; `how` are fields of RunOrder."""
        with self.database.begin() as connection:
            record = create_pipeline(connection, load_pipeline(document))
        return self.submission.submit(record, RunOrder(values or {}, **how), by_name=True)

    def plan(self, document: Json, values: Json | None = None, **how: Any) -> Plan:
        return self.submission.plan(load_pipeline(document), RunOrder(values or {}, **how))

    def finish(self, run: RunRecord, seconds: float = 180) -> RunRecord:
        self.turn_until(lambda: self.run(run.id).state in FINAL_RUN_STATES, seconds)
        return self.run(run.id)

    def turn_until(self, condition: Callable[[], bool], seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the run did not come this far in time"
            self.runner.turn(0.02)

    def execute(
        self, document: Json, values: Json | None = None, **how: Any
    ) -> dict[str, StepRecord]:
        run = self.finish(self.submit(document, values, **how))
        return self.steps(run.id)

    def run(self, id: str) -> RunRecord:
        with self.database.read() as connection:
            return get_run(connection, id)

    def steps(self, run_id: str) -> dict[str, StepRecord]:
        with self.database.read() as connection:
            return {step.node_id: step for step in list_steps(connection, run_id)}

    def events(self, run_id: str) -> list[Event]:
        with self.database.read() as connection:
            return list_events(connection, run_id=run_id)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", cpus=2, cancel_grace_seconds=1.0)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings.database)
    migrate(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExecutor]:
    """One warm host for all tests; each test's runner ends its own steps."""
    executor = LocalExecutor(tmp_path_factory.mktemp("host"), LIBRARIES)
    yield executor
    executor.stop()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> SandboxKeeper:
    """Probed once for all tests, when first asked."""
    return SandboxKeeper(tmp_path_factory.mktemp("sandbox"))


@pytest.fixture
def studio(
    settings: Settings, database: Database, executor: LocalExecutor, sandbox: SandboxKeeper
) -> Studio:
    settings = replace(settings)
    catalog = CatalogReader([PACKAGES], database, Inspector().read_components).load()
    runner = Runner(settings, database, executor, SparkKeeper(settings), sandbox)
    return Studio(settings, database, catalog, runner)


@pytest.fixture
def builtin(settings: Settings, database: Database, executor: LocalExecutor) -> Studio:
    """A studio with the components that are shipped."""
    read = Inspector().read_components
    catalog = CatalogReader([builtin_folder("components")], database, read).load()
    settings = replace(settings)
    runner = Runner(settings, database, executor, SparkKeeper(settings))
    return Studio(settings, database, catalog, runner)
