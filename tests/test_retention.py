"""What is removed: results that no kept run needs, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from studio.database.runs import pin_run
from studio.database.tables import artifacts, runs
from studio.retention import Collected, Retention, collect_garbage
from studio.store import Store
from tests.conftest import Studio, pipeline

pytestmark = pytest.mark.slow


def rows(studio: Studio, count: int) -> dict[str, Any]:
    """Two tables that are too large for a row of the database."""
    file = studio.settings.home / f"{count}.txt"
    file.write_text("\n".join(str(n * n % 9973) for n in range(count)))
    return pipeline({"rows": {"component": "rows", "parameters": {"path": str(file)}}}, [])


def collect(studio: Studio, keep: Retention, dry_run: bool = False) -> Collected:
    store = Store(studio.settings.store)
    return collect_garbage(studio.database, store, studio.settings.logs, keep, dry_run)


def digest_of(studio: Studio, document: dict[str, Any]) -> tuple[str, str]:
    """Run it; the run, and one of the two artifacts that it made."""
    run = studio.finish(studio.submit(document))
    return run.id, studio.steps(run.id)["rows"].outputs["frame"]["digest"]


def is_kept(studio: Studio, digest: str) -> bool:
    with studio.database.read() as connection:
        row = connection.execute(artifacts.select().where(artifacts.c.digest == digest)).first()
    return row is not None and (row.content is not None or Store(studio.settings.store).has(digest))


def age(studio: Studio, run: str, days: float) -> None:
    with studio.database.begin() as connection:
        then = time.time() - days * 24 * 3600
        connection.execute(update(runs).where(runs.c.id == run).values(created_at=then))


def test_results_of_old_runs_go_and_those_of_young_ones_stay(studio: Studio) -> None:
    old, gone = digest_of(studio, rows(studio, 20_000))
    _, kept = digest_of(studio, rows(studio, 30_000))
    age(studio, old, days=31)
    collected = collect(studio, Retention(days=30, runs=0))
    assert (collected.runs, collected.artifacts) == (1, 2)
    assert collected.bytes > 16 << 10
    assert not is_kept(studio, gone)
    assert is_kept(studio, kept)
    assert not studio.settings.step_log(old, "rows", 1).exists()


def test_what_a_kept_run_shares_with_an_old_one_stays(studio: Studio) -> None:
    old, digest = digest_of(studio, rows(studio, 20_000))
    digest_of(studio, rows(studio, 20_000))
    age(studio, old, days=31)
    collect(studio, Retention(days=30, runs=0))
    assert is_kept(studio, digest)


def test_pinned_runs_and_the_newest_of_a_pipeline_stay_whatever_their_age(studio: Studio) -> None:
    pinned, digest = digest_of(studio, rows(studio, 20_000))
    age(studio, pinned, days=365)
    with studio.database.begin() as connection:
        pin_run(connection, pinned, True)
    assert collect(studio, Retention(days=0, runs=0)).artifacts == 0
    with studio.database.begin() as connection:
        pin_run(connection, pinned, False)
    assert collect(studio, Retention(days=0, runs=1)).artifacts == 0
    assert is_kept(studio, digest)
    assert collect(studio, Retention(days=0, runs=0)).artifacts == 2


def test_a_dry_run_tells_and_removes_nothing(studio: Studio) -> None:
    _, digest = digest_of(studio, rows(studio, 20_000))
    told = collect(studio, Retention(days=0, runs=0), dry_run=True)
    assert is_kept(studio, digest)
    assert collect(studio, Retention(days=0, runs=0)) == told


def test_a_removed_result_is_made_again_when_it_is_needed(studio: Studio) -> None:
    _, digest = digest_of(studio, rows(studio, 20_000))
    collect(studio, Retention(days=0, runs=0))
    run = studio.finish(studio.submit(rows(studio, 20_000)))
    assert studio.steps(run.id)["rows"].state == "succeeded"
    assert is_kept(studio, digest)


def test_a_folder_that_nobody_knows_goes_after_an_hour(studio: Studio) -> None:
    orphan = Path(studio.settings.store) / "sha256" / "ab" / ("ab" * 32)
    orphan.mkdir(parents=True)
    assert collect(studio, Retention()).orphans == 0
    os.utime(orphan, (time.time() - 7200, time.time() - 7200))
    assert collect(studio, Retention()).orphans == 1
    assert not orphan.exists()
