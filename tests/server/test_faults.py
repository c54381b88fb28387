"""When something behind the server fails it is told as a problem, with a name to look it up by."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from studio.database.engine import open_database
from studio.server.problems import from_database_error
from studio.settings import Settings
from tests.server.helpers import Served, problem, serving


@pytest.mark.slow
def test_a_database_that_is_away_is_503_and_comes_back(tmp_path: Path) -> None:
    """A folder takes the place of the file: no connection can be opened until it is gone."""
    with serving(Settings(home=tmp_path / "home")) as served:
        file, aside = tmp_path / "home" / "studio.db", tmp_path / "aside.db"
        served.database.engine.dispose()
        file.rename(aside)
        file.mkdir()
        told = served.client.get("/runs")
        problem(told, 503)
        assert told.headers["retry-after"] == "2"
        assert served.stranger.get("/readyz").status_code == 503
        assert served.stranger.get("/readyz").json() == {"state": "starting"}
        assert served.stranger.get("/healthz").status_code == 200
        file.rmdir()
        aside.rename(file)
        assert served.client.get("/runs").status_code == 200
        assert served.stranger.get("/readyz").status_code == 200


def test_a_locked_database_is_503_and_a_full_one_507(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        with database.read() as other:
            other.exec_driver_sql("PRAGMA busy_timeout = 1")
            with pytest.raises(OperationalError) as locked:
                other.exec_driver_sql("INSERT INTO t VALUES (1)")
        refusal = from_database_error(locked.value)
        assert (refusal.status, dict(refusal.headers)) == (503, {"Retry-After": "2"})
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(OperationalError) as full:
            connection.exec_driver_sql("INSERT INTO t VALUES (randomblob(1000000))")
        assert from_database_error(full.value).status == 507
    database.close()


def test_a_fault_of_ours_is_500_and_only_the_log_says_more(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    uploads = served.settings.home / "uploads"
    uploads.rmdir()
    try:
        with caplog.at_level(logging.ERROR):
            told = problem(served.client.put("/datasets/fault", content=b"a"), 500)
    finally:
        uploads.mkdir()
    assert str(uploads) not in str(told)
    assert "FileNotFoundError" not in str(told)
    record = next(item for item in caplog.records if told["request_id"] in item.getMessage())
    assert record.exc_info is not None
    assert record.exc_info[0] is FileNotFoundError
