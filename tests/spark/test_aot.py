"""The AOT cache: made once, used, faster, and not used where it does not fit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import studio.spark.command
from studio.spark.aot import build_cache, cache_path, why_unusable
from studio.spark.server import SparkServer
from tests.spark.helpers import java_of, new_session

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

KEY_AND_REASON = """
import sys
from pathlib import Path
from studio.spark.aot import cache_path, why_unusable
print(cache_path(Path(sys.argv[1]).parent.parent) == Path(sys.argv[1]))
print(why_unusable(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aot")
    (folder / "aot").mkdir()
    (folder / "aot" / "of-an-older-spark.aot").touch()
    build_cache(folder)
    return folder


def seconds_to_first_answer(server: SparkServer) -> float:
    start = time.monotonic()
    server.start()
    assert new_session(server.ready(120)).range(10).count() == 10
    return time.monotonic() - start


def test_the_cache_is_made_once_and_nothing_else_is_left(folder: Path) -> None:
    before = cache_path(folder).stat()
    assert build_cache(folder) == cache_path(folder)
    assert cache_path(folder).stat() == before
    assert list((folder / "aot").iterdir()) == [cache_path(folder)]


def test_a_server_with_the_cache_answers_in_less_than_three_quarters_of_the_time(
    folder: Path, tmp_path: Path
) -> None:
    with_cache, without = SparkServer(folder, cores=2), SparkServer(tmp_path, cores=2)
    slow = seconds_to_first_answer(without)
    without.stop()
    fast = seconds_to_first_answer(with_cache)
    mapped = {m.path for m in java_of(with_cache).memory_maps()}
    with_cache.stop()
    assert str(cache_path(folder)) in mapped
    assert "[error" not in with_cache.log.read_text()
    assert fast < 0.75 * slow


def test_a_cache_that_is_damaged_is_found_out(folder: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.aot"
    damaged.write_bytes(cache_path(folder).read_bytes()[: 1 << 20])
    assert why_unusable(cache_path(folder)) is None
    assert "Unable to use AOT cache" in str(why_unusable(damaged))


@pytest.mark.parametrize("jars_are", ["the same", "newer"])
def test_a_cache_fits_the_jars_it_was_made_for_and_no_others(
    jars_are: str, folder: Path, tmp_path: Path
) -> None:
    """Here the jars lie under another path; Java looks at their names, sizes and times."""
    copy_pyspark(tmp_path)
    if jars_are == "newer":
        os.utime(next((tmp_path / "pyspark" / "jars").glob("spark-core*.jar")))
    run = subprocess.run(
        [sys.executable, "-c", KEY_AND_REASON, str(cache_path(folder))],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    is_ours, reason = run.stdout.split("\n", maxsplit=1)
    assert is_ours == str(jars_are == "the same")
    assert (reason.strip() == "None") == (jars_are == "the same")


def copy_pyspark(folder: Path) -> None:
    jars = Path(studio.spark.command._jars()[0]).parent
    shutil.copytree(jars, folder / "pyspark" / "jars")
    (folder / "pyspark" / "__init__.py").touch()
