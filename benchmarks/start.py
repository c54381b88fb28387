"""How long it takes to begin: the command line, a cached run, a step on the warm host.

`make bench`, or `python -m benchmarks.start`: prints medians of several rounds, and the load.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        run = command("run", str(builtin_folder("pipelines") / "deepfm.json"), home=home)
        rows = {
            "studio --help": [seconds(command("--help", home=home)) for _ in range(ROUNDS)],
            "DeepFM, first run": [seconds(run)],
            "DeepFM, nothing changed": [seconds(run) for _ in range(ROUNDS)],
            "a step on the warm host": step_starts(home),
        }
    for name, values in rows.items():
        print(f"{name:<26}{statistics.median(values):8.3f} s  (median of {len(values)})")
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
