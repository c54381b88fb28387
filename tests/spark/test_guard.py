"""The guard, with small children in place of the JVM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import studio.spark.guard
from tests.spark.helpers import wait_until

GUARD = studio.spark.guard.__file__

STARTER = """
import os, subprocess, sys, time
guard = subprocess.Popen(
    [sys.executable, "-I", "-S", sys.argv[1], str(os.getpid()), "/bin/sleep", "300"],
    stdin=subprocess.PIPE, start_new_session=True)
if sys.argv[2] == "forks":
    if os.fork() == 0:
        time.sleep(300)
print(guard.pid, flush=True)
time.sleep(300)
"""


def guard(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", GUARD, str(os.getpid()), *command],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 128 + 9)]
)
def test_the_guard_ends_as_its_child_ends(script: str, code: int) -> None:
    with guard("/bin/sh", "-c", script) as process:
        assert process.wait(10) == code


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with guard(str(tmp_path / "java")) as process:
        assert process.wait(10) == 127
        assert process.stderr
        assert f"{tmp_path / 'java'}: No such file" in process.stderr.read().decode()


def test_the_guard_passes_sigterm_on_and_waits() -> None:
    script = "trap 'sleep 0.3; exit 5' TERM; while :; do sleep 0.05; done"
    with guard("/bin/sh", "-c", script) as process:
        wait_until(lambda: len(psutil.Process(process.pid).children(recursive=True)) > 1, seconds=5)
        process.terminate()
        assert process.wait(10) == 5


@pytest.mark.slow
@pytest.mark.parametrize("starter_does", ["nothing", "forks"])
def test_kill_9_of_the_starter_ends_guard_and_child(starter_does: str) -> None:
    """Also when a process that the starter forked still holds the guard's pipe open."""
    command = [sys.executable, "-c", STARTER, GUARD, starter_does]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as starter:
        assert starter.stdout
        process = psutil.Process(int(starter.stdout.readline()))
        wait_until(lambda: process.children() != [], seconds=5)
        held = [process, *process.children()]
        forked = [p for p in psutil.Process(starter.pid).children() if p != process]
        starter.kill()
        _, left = psutil.wait_procs(held, timeout=5)
        for fork in forked:
            fork.kill()
    assert left == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a parent-death signal")
def test_kill_9_of_the_guard_ends_its_child() -> None:
    with guard("/bin/sleep", "300") as process:
        wait_until(
            lambda: [p.name() for p in psutil.Process(process.pid).children()] == ["sleep"],
            seconds=5,
        )
        children = psutil.Process(process.pid).children()
        os.kill(process.pid, signal.SIGKILL)
        _, left = psutil.wait_procs(children, timeout=5)
    assert left == []
