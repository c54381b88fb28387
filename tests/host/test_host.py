"""The warm host: fast, safe forks, and nothing left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.executors.base import StepExited, StepLaunch
from studio.executors.local import LocalExecutor
from studio.host.client import LIBRARIES
from studio.host.protocol import Refused

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExecutor]:
    """A host with every library of the real one."""
    executor = LocalExecutor(tmp_path_factory.mktemp("host"), LIBRARIES, "tests.host.bodies:run")
    executor.prepare()
    yield executor
    executor.stop()


def launch(executor: LocalExecutor, folder: Path, body: str, id: str = "step") -> StepLaunch:
    step = StepLaunch(id, folder, folder / f"{id}.log", {"STUDIO_TEST_BODY": body})
    executor.start(step)
    return step


def wait(executor: LocalExecutor, count: int = 1, seconds: float = 180) -> list[StepExited]:
    exited: list[StepExited] = []
    deadline = time.monotonic() + seconds
    while len(exited) < count:
        assert time.monotonic() < deadline, "a step did not end"
        exited += [item for item in executor.poll(0.1) if isinstance(item, StepExited)]
    return exited


def test_a_thousand_forks_all_end_well(warm: LocalExecutor, tmp_path: Path) -> None:
    for start in range(0, 1000, 50):
        for number in range(start, start + 50):
            launch(warm, tmp_path, "nothing", str(number))
        assert {item.status for item in wait(warm, 50)} == {0}
    assert not warm._steps


def test_a_step_starts_within_a_tenth_of_a_second(warm: LocalExecutor, tmp_path: Path) -> None:
    took = []
    launch(warm, tmp_path, "nothing")
    wait(warm)
    for _ in range(20):
        began = time.monotonic()
        launch(warm, tmp_path, "nothing")
        wait(warm)
        took.append(time.monotonic() - began)
    assert min(took) < 0.1  # the machine may be busy with other things


@pytest.mark.parametrize("body", ["tensorflow", "duckdb", "arrow", "pandas", "polars"])
def test_forked_children_compute_with_what_the_host_imported(
    warm: LocalExecutor, tmp_path: Path, body: str
) -> None:
    for number in range(4):
        launch(warm, tmp_path, body, f"{body}{number}")
    assert {item.status for item in wait(warm, 4)} == {0}


def test_the_host_refuses_to_fork_with_more_threads_than_its_imports_made(
    tmp_path: Path,
) -> None:
    from studio.host.client import HostClient
    from studio.host.protocol import Launch, Ready

    host = HostClient("tests.host.bodies:run", tmp_path / "log", ["tests.host.threading_library"])
    try:
        assert isinstance(host.receive(), Ready)
        time.sleep(0.5)  # the library starts its thread late
        _, write = os.pipe()
        host.launch(Launch("late", str(tmp_path)), write, write)
        assert isinstance(host.receive(), Refused)
    finally:
        host.stop()


def test_a_refused_step_is_spawned_instead(tmp_path: Path) -> None:
    executor = LocalExecutor(tmp_path, ["tests.host.threading_library"], "tests.host.bodies:run")
    try:
        launch(executor, tmp_path, "nothing", "first")
        wait(executor)
        time.sleep(0.5)
        launch(executor, tmp_path, "nothing", "second")
        assert [item.status for item in wait(executor)] == [0]
    finally:
        executor.stop()


def test_a_lost_host_is_replaced_and_its_steps_are_reported(tmp_path: Path) -> None:
    executor = LocalExecutor(tmp_path, ["json"], "tests.host.bodies:run")
    try:
        launch(executor, tmp_path, "sleep", "lost")
        while executor._steps.get("lost") is None or executor._steps["lost"].pid is None:
            executor.poll(0.05)
        assert executor._host is not None
        os.kill(executor._host.pid, 9)
        assert wait(executor)[0].status == -9
        launch(executor, tmp_path, "nothing", "next")
        assert wait(executor)[0].status == 0
    finally:
        executor.stop()


def test_a_step_has_no_capabilities_and_gains_none(warm: LocalExecutor, tmp_path: Path) -> None:
    launch(warm, tmp_path, "capabilities")
    wait(warm)
    lines = dict(
        line.split(":\t")
        for line in (tmp_path / "step.log").read_text().splitlines()
        if ":\t" in line
    )
    assert int(lines["CapEff"], 16) == 0
    assert int(lines["CapBnd"], 16) == 0 or os.geteuid() != 0
    assert lines["NoNewPrivs"] == "1"


def test_ended_steps_leave_no_process_and_no_descriptor(
    warm: LocalExecutor, tmp_path: Path
) -> None:
    launch(warm, tmp_path, "nothing")
    wait(warm)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(10):
        launch(warm, tmp_path, "nothing")
        wait(warm)
    assert len(os.listdir("/proc/self/fd")) <= before
