"""The commit of outputs: wherever a call of the operating system fails, it is done or not done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio.catalog import CatalogReader
from studio.database.artifacts import find_artifacts
from studio.database.engine import Database, migrate, open_database
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunOrder, list_runs
from studio.database.steps import StepRecord, list_steps
from studio.database.tables import artifacts, runs
from studio.inspector import Inspector
from studio.pipeline import load_pipeline
from studio.run import FINAL_RUN_STATES
from studio.settings import Settings
from studio.store import Store, read_tree
from studio.submission import Submission
from tests.conftest import PACKAGES, pipeline
from tests.runner.commit_world import turn_until_over

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
NODES = pipeline(
    {
        "small": {"component": "number"},
        "large": {"component": "number"},
        "after": {"component": "total"},
    },
    ["small.report > after.reports", "large.report > after.reports"],
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one queued run."""
    home = tmp_path_factory.mktemp("template") / "home"
    settings = Settings(home=home)
    database = open_database(settings.database)
    migrate(database)
    catalog = CatalogReader([PACKAGES], database, Inspector().read_components).load()
    with database.begin() as connection:
        record = create_pipeline(connection, load_pipeline(NODES))
    Submission(database, settings, catalog).submit(record, RunOrder())
    database.close()
    return home


def spoil(home: Path, n: int, mode: str) -> int:
    """How many calls were made, or minus the exit code of a process that did not end well."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.runner.commit_world", str(home), str(n), mode],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return int(done.stdout) if done.returncode == 0 else -done.returncode


def steps_of(database: Database) -> tuple[str, dict[str, StepRecord]]:
    with database.read() as connection:
        (run,) = list_runs(connection)
        return run.state, {step.node_id: step for step in list_steps(connection, run.id)}


def check_nothing_is_half_done(home: Path) -> None:
    """Every recorded artifact is whole; every step that is said to be done has its artifacts."""
    database, store = open_database(f"sqlite:///{home}/studio.db"), Store(home / "store")
    with database.read() as connection:
        for row in connection.execute(artifacts.select()).mappings():
            assert row["content"] is not None or store.verify(row["digest"])
        _, steps = steps_of(database)
        for step in steps.values():
            if step.state == "succeeded":
                digests = [output["digest"] for output in step.outputs.values()]
                found = find_artifacts(connection, digests)
                assert digests
                assert found.keys() == set(digests)
    database.close()
    for folder in (home / "store" / "sha256").glob("*/*"):
        assert read_tree(folder).digest == folder.name, "what lies under a digest has it"


@pytest.mark.parametrize("mode", ["fail", "full", "die"])
def test_whichever_call_fails_the_commit_is_done_or_not_done(
    mode: str, template: Path, tmp_path: Path
) -> None:
    shutil.copytree(template, tmp_path / "counted")
    calls = spoil(tmp_path / "counted", 0, mode)
    assert calls > 20
    endings = set()
    for n in range(1, calls + 1):
        home = tmp_path / str(n)
        shutil.copytree(template, home)
        ended = spoil(home, n, mode)
        check_nothing_is_half_done(home)
        settings = Settings(home=home, cpus=4)
        turn_until_over(settings)
        database = open_database(settings.database)
        state, steps = steps_of(database)
        database.close()
        check_nothing_is_half_done(home)
        assert state in FINAL_RUN_STATES, n
        if mode == "die":
            assert (ended, state) == (-9, "succeeded"), n
        assert all(step.problems for step in steps.values() if step.state == "failed"), n
        endings.add(state)
        shutil.rmtree(home)
    assert "succeeded" in endings


@pytest.mark.soak
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("call", ["fsync", "fdatasync", "rename", "write,pwrite64", "openat"])
def test_whichever_system_call_fails_below_sqlite_too_nothing_is_half_done(
    call: str, template: Path, tmp_path: Path
) -> None:
    """With the kernel's own calls, so those of SQLite are among them."""
    for n in range(1, 400, 1 if call in ("fsync", "fdatasync", "rename") else 13):
        home = tmp_path / str(n)
        shutil.copytree(template, home)
        trace = tmp_path / "trace"
        command = ["strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={call}"]
        command += ["-e", f"inject={call}:error=EIO:when={n}"]
        command += [sys.executable, "-m", "tests.runner.commit_world", str(home), "0", "fail"]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120)
        check_nothing_is_half_done(home)
        turn_until_over(Settings(home=home, cpus=4))
        check_nothing_is_half_done(home)
        database = open_database(f"sqlite:///{home}/studio.db")
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            (state,) = connection.execute(runs.select()).mappings().all()
        assert state["state"] in FINAL_RUN_STATES
        database.close()
        shutil.rmtree(home)
        if "(INJECTED)" not in trace.read_text(errors="replace"):
            return  # there are fewer calls than n
