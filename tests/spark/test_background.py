"""The AOT cache is made when nothing runs, once, and never outlives the runner."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

import studio.runner.spark
from studio.runner.spark import SparkKeeper
from studio.settings import Settings
from studio.spark.background import CacheMaker
from studio.spark.command import cache_path
from tests.spark.helpers import wait_until

WITH_A_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_what_makes_the_cache_is_started_once_and_ends_with_its_children(tmp_path: Path) -> None:
    maker = CacheMaker(tmp_path, [sys.executable, "-c", WITH_A_CHILD])
    maker.start()
    log = tmp_path / "aot.log"
    wait_until(lambda: log.read_text().endswith("\n"), seconds=30)
    child = psutil.Process(int(log.read_text()))
    maker.start()
    assert maker.running()
    maker.stop()
    assert not maker.running()
    wait_until(lambda: not child.is_running() or child.status() == "zombie", seconds=10)


def test_a_machine_that_cannot_make_it_is_not_asked_again(tmp_path: Path) -> None:
    maker = CacheMaker(tmp_path, [sys.executable, "-c", "print('asked')"])
    maker.start()
    wait_until(lambda: not maker.running(), seconds=30)
    (tmp_path / "aot.log").unlink()
    maker.start()
    assert not (tmp_path / "aot.log").exists()


@pytest.mark.parametrize(
    ("cluster", "used", "idle"), [(True, True, 0.0), (False, False, 0.0), (False, True, 600.0)]
)
def test_no_cache_is_made_for_a_cluster_nor_before_spark_was_used_nor_at_once(
    cluster: bool, used: bool, idle: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.runner.spark, "_IDLE_SECONDS", idle)
    settings = Settings(home=tmp_path)
    if cluster:
        settings = replace(settings, spark_remote="sc://localhost:1")
    keeper = SparkKeeper(settings)
    try:
        if used:
            keeper.prepare()
        keeper.when_idle()
        assert not (tmp_path / "spark" / "aot.log").exists()
    finally:
        keeper.stop()


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_an_idle_runner_makes_the_cache_after_spark_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio.runner.spark, "_IDLE_SECONDS", 1.0)
    keeper = SparkKeeper(Settings(home=tmp_path))
    try:
        keeper.prepare()
        wait_until(lambda: keeper.endpoint() is not None, seconds=120)
        wait_until(lambda: made_when_idle(keeper, cache_path(tmp_path / "spark")), seconds=600)
    finally:
        keeper.stop()


def made_when_idle(keeper: SparkKeeper, cache: Path) -> bool:
    keeper.when_idle()
    return cache.exists()
