"""The same promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

import studio.database
from studio.database.engine import Database, DatabaseError, migrate, open_database
from studio.database.events import add_event, list_events
from studio.database.pipelines import create_pipeline, get_pipeline, list_pipelines, save_pipeline
from studio.database.runs import (
    RunOrder,
    claim_run,
    create_run,
    end_leases,
    finish_run,
    get_run,
    list_runs,
)
from studio.database.steps import (
    Closing,
    close_steps,
    finish_attempt,
    get_step,
    reopen_steps,
    start_attempt,
)
from studio.errors import ConflictError, NotFoundError
from studio.pipeline import load_pipeline
from studio.reason import Reason

MIGRATIONS = Path(studio.database.__file__).parent / "migrations"
PIPELINE = load_pipeline({"name": "p"})
# A run with a step, as the first versions wrote them.
_A_RUN_OF_BEFORE = (
    "INSERT INTO pipelines (id, name, version, created_at, updated_at) VALUES ('p', 'p', 1, 0, 0)",
    "INSERT INTO pipeline_versions VALUES ('p', 1, '{}', 'd', '', '', 0)",
    "INSERT INTO runs (id, pipeline_id, pipeline_version, state, parameters, cancel_requested,"
    " failures, problems, created_at) VALUES ('r', 'p', 1, 'succeeded', '{}', 0, 0, '[]', 0)",
    "INSERT INTO steps (run_id, node_id, position, bound, state, attempt, outputs, problems)"
    " VALUES ('r', 'a', 0, '{}', 'succeeded', 1, '{}', '[]')",
)
BOUND: list[tuple[str, dict[str, Any]]] = [("a", {"sources": {}}), ("b", {"sources": {}})]


def make_run(db: Database) -> str:
    with db.begin() as connection:
        record = create_pipeline(connection, PIPELINE)
        return create_run(connection, record.id, 1, RunOrder(), BOUND).id


def test_migrating_twice_changes_nothing(db: Database) -> None:
    migrate(db)


def test_a_database_is_copied_before_it_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "studio.db"
    database = open_database(f"sqlite:///{file}")
    migrate(database)
    assert list(tmp_path.glob("*.bak")) == [], "a new one has nothing to lose"
    run = make_run(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    migrate(database)
    database.close()
    (copy,) = tmp_path.glob("*.bak")
    kept = open_database(f"sqlite:///{copy}")
    with kept.read() as connection:
        assert connection.execute(text("SELECT id FROM runs")).scalar() == run
    kept.close()


def test_a_database_with_runs_is_brought_up_to_date_from_any_version(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'studio.db'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for row in _A_RUN_OF_BEFORE:
            connection.execute(text(row))
    migrate(database)
    with database.read() as connection:
        assert connection.execute(text("SELECT mode FROM runs")).scalar() == "EXECUTE_ALL"
        assert connection.execute(text("SELECT node_id FROM steps")).scalar() == "a"
    database.close()


def test_a_database_of_a_newer_studio_is_refused(db: Database) -> None:
    with db.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="9999"):
        migrate(db)


def test_a_save_based_on_an_old_version_is_refused_and_loses_nothing(db: Database) -> None:
    with db.begin() as connection:
        first = create_pipeline(connection, PIPELINE)
        save_pipeline(connection, first.id, load_pipeline({"name": "second"}), based_on=1)
    with pytest.raises(ConflictError, match="version 2"), db.begin() as connection:
        save_pipeline(connection, first.id, load_pipeline({"name": "third"}), based_on=1)
    with db.read() as connection:
        assert get_pipeline(connection, first.id).document["name"] == "second"
        assert get_pipeline(connection, first.id, 1).document["name"] == "p"
        assert [item.name for item in list_pipelines(connection)] == ["second"]


def test_what_is_not_there_is_named(db: Database) -> None:
    with db.read() as connection:
        for get in (get_pipeline, get_run):
            with pytest.raises(NotFoundError, match="nothing"):
                get(connection, "nothing")


def test_a_run_is_claimed_by_one_of_many(db: Database) -> None:
    ids = {make_run(db) for _ in range(20)}
    claimed: list[str] = []

    def claim(owner: str) -> None:
        while True:
            with db.begin() as connection:
                record = claim_run(connection, owner, 30)
            if record is None:
                return
            claimed.append(record.id)

    threads = [threading.Thread(target=claim, args=(f"owner{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(ids)


def test_a_run_whose_lease_has_ended_is_claimed_again(db: Database) -> None:
    run = make_run(db)
    with db.begin() as connection:
        assert claim_run(connection, "first", 30)
        assert claim_run(connection, "second", 30) is None
        end_leases(connection)
        again = claim_run(connection, "second", 30)
    assert again is not None
    assert (again.id, again.owner) == (run, "second")
    with db.begin() as connection:
        assert not finish_run(connection, run, "failed", "first")
        assert finish_run(connection, run, "succeeded", "second")
        assert get_run(connection, run).state == "succeeded"


def test_a_late_writer_of_an_old_attempt_changes_nothing(db: Database) -> None:
    run = make_run(db)
    with db.begin() as connection:
        start_attempt(connection, get_step(connection, run, "a"), "k", {}, Reason("never_run"))
        late = get_step(connection, run, "a")
        reopen_steps(connection, run)
        start_attempt(connection, get_step(connection, run, "a"), "k", {}, Reason("never_run"))
        with pytest.raises(ConflictError):
            close_steps(connection, [Closing(late, "succeeded", {"x": 1})])
        now = get_step(connection, run, "a")
        assert (now.state, now.attempt, now.outputs) == ("running", 2, {})
        finish_attempt(connection, now, "succeeded")
        (closed,) = close_steps(connection, [Closing(now, "succeeded", {"x": 2})])
        assert get_step(connection, run, "a") == closed


def test_events_are_read_in_order_from_any_point(db: Database) -> None:
    run = make_run(db)

    def write() -> None:
        for number in range(25):
            with db.begin() as connection:
                add_event(connection, run, "progress", number=number)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen, last = 0, 0
    while seen < 101:
        with db.read() as connection:
            for event in list_events(connection, last):
                assert event.id > last
                last, seen = event.id, seen + 1
    for thread in threads:
        thread.join()
    with db.read() as connection:
        assert list_events(connection, last) == []


def test_runs_are_listed_page_by_page_without_gap_or_repeat(db: Database) -> None:
    ids = [make_run(db) for _ in range(7)]
    found: list[str] = []
    before = None
    while True:
        with db.read() as connection:
            page = list_runs(connection, before=before, limit=3)
        if not page:
            break
        found += [run.id for run in page]
        before = (page[-1].created_at, page[-1].id)
    assert sorted(found) == sorted(ids)
    assert len(found) == 7
