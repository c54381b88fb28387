"""`studio gc` and `studio doctor` on a data folder without a running studio."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.database.artifacts import add_artifact
from studio.database.engine import migrate, open_database
from studio.store import Store, read_tree

pytestmark = pytest.mark.slow

STUDIO = str(Path(sys.executable).with_name("studio"))


def studio(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [STUDIO, *arguments],
        env={"STUDIO_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def keep_artifact(home: Path) -> str:
    """A large artifact in the store and in the database; its digest."""
    folder = home / "made"
    folder.mkdir(parents=True)
    (folder / "table.parquet").write_bytes(b"x" * 100_000)
    tree = read_tree(folder)
    Store(home / "store").put(folder, tree)
    database = open_database(f"sqlite:///{home}/studio.db")
    migrate(database)
    with database.begin() as connection:
        add_artifact(connection, tree.digest, "table", tree.size, None)
    database.close()
    return tree.digest


def test_a_healthy_folder_is_said_to_be_so(tmp_path: Path) -> None:
    keep_artifact(tmp_path)
    done = studio(tmp_path, "doctor", "--verify")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in (
        "is whole",
        "GB are free",
        "Java",
        "confined by",
        "1 artifacts have their digest",
    ):
        assert words in done.stdout


def test_a_damaged_artifact_is_found_and_removed_on_demand(tmp_path: Path) -> None:
    digest = keep_artifact(tmp_path)
    file = Store(tmp_path / "store").path(digest) / "table.parquet"
    file.chmod(0o644)
    file.write_bytes(b"y" * 100_000)
    assert studio(tmp_path, "doctor").returncode == 0, "only --verify reads"
    found = studio(tmp_path, "doctor", "--verify")
    assert found.returncode == 1
    assert "was changed on disk" in found.stdout
    assert studio(tmp_path, "doctor", "--repair").returncode == 0
    assert not Store(tmp_path / "store").has(digest)
    assert "not in the store" in studio(tmp_path, "doctor").stdout


def test_gc_removes_what_no_run_needs(tmp_path: Path) -> None:
    digest = keep_artifact(tmp_path)
    told = studio(tmp_path, "gc", "--dry-run")
    assert "1 artifacts (0.1 MB)" in told.stdout
    assert "would be removed" in told.stdout
    assert Store(tmp_path / "store").has(digest)
    assert "removed." in studio(tmp_path, "gc").stdout
    assert not Store(tmp_path / "store").has(digest)
