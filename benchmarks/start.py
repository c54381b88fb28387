"""How long it takes to begin: the command line, a cached run, a step on the warm host.

`python -m benchmarks.start`: medians of several rounds, and the load.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, median_of, show, show_load
from studio.executors.base import StepExited, StepLaunch
from studio.executors.local import LocalExecutor
from studio.settings import builtin_folder

ROUNDS = 5
STUDIO = str(Path(sys.executable).with_name("studio"))
NOTHING = "tests.host.bodies:run"


def seconds(action: Callable[[], object]) -> float:
    began = time.monotonic()
    action()
    return time.monotonic() - began


def command(*arguments: str, home: Path) -> Callable[[], object]:
    environment = {**os.environ, "STUDIO_HOME": str(home)}
    return lambda: subprocess.run(
        [STUDIO, *arguments], check=True, capture_output=True, env=environment
    )


def step_starts(folder: Path) -> list[float]:
    """Seconds from the request until the end of a step that does nothing."""
    executor = LocalExecutor(folder, entry=NOTHING)

    def one() -> None:
        environment = {"STUDIO_TEST_BODY": "nothing"}
        executor.start(StepLaunch("step", folder, folder / "step.log", environment))
        while not any(isinstance(item, StepExited) for item in executor.poll(0.1)):
            pass

    try:
        one()  # the first one waits for the imports
        return [seconds(one) for _ in range(20)]
    finally:
        executor.stop()


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run = command("run", str(builtin_folder("pipelines") / "deepfm.json"), home=home)
        help_ = command("--help", home=home)
        yield median_of("studio --help", [seconds(help_) for _ in range(ROUNDS)])
        yield median_of("DeepFM, first run, Spark included", [seconds(run)])
        yield median_of("DeepFM again, nothing changed", [seconds(run) for _ in range(ROUNDS)])
        yield median_of("start of a built-in step on the warm host", step_starts(home))


if __name__ == "__main__":
    show("How long it takes to begin", measure())
    show_load()
