"""What the sandbox costs a step: the same worker, interpreter and imports, confined and bare.

`python -m benchmarks.sandbox [ROUNDS]`; the two take turns, and turns in being first, so that a
busy machine slows both. Time on the clock and processor time are of all processes of a step; the
difference is the median of that of each pair.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.figures import Figure, in_words, median_of, show, show_load
from studio.executors.base import StepExited, StepLaunch
from studio.executors.confined import lent_libraries
from studio.executors.local import LocalExecutor
from studio.loader import digest_component
from studio.sandbox.confinement import Confinement
from studio.sandbox.installation import PACKAGE
from studio.spec import ComponentSpec, PortSpec
from studio.step import ORDER_FILE, StepOrder, read_result, write_document

COMPONENT = '''
import pandas
from studio.component import Report, component

@component(title="Nothing", category="Benchmark")
def nothing() -> Report:
    """Import pandas, and be done."""
    return Report({"rows": len(pandas.DataFrame())})
'''


def measure(rounds: int = 20) -> Iterator[Figure]:
    home = Path(tempfile.mkdtemp(prefix=".benchmark-", dir=Path.home()))
    executor = LocalExecutor(home)
    try:
        file = home / "package" / "nothing.py"
        file.parent.mkdir()
        file.write_text(COMPONENT)
        ways: dict[str, Callable[[Path], float]] = {
            "bare": run_bare,
            "confined": lambda folder: run_confined(executor, folder, file.parent),
        }
        clock: dict[str, list[float]] = {name: [] for name in ways}
        processor: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(rounds + 1):
            for name in sorted(ways, reverse=number % 2 == 0):
                before = processor_time()
                seconds = ways[name](work(home, file, f"{name}-{number}"))
                if number:  # the first round warms the disk cache
                    clock[name].append(seconds)
                    processor[name].append(processor_time() - before)
        yield from figures("on the clock", clock)
        yield from figures("of the processor", processor)
    finally:
        executor.stop()
        shutil.rmtree(home)


def processor_time() -> float:
    """Seconds that this process and all that it has waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(item.ru_utime + item.ru_stime for item in used)


def figures(kind: str, times: dict[str, list[float]]) -> Iterator[Figure]:
    """Medians, and the median and the quartiles of the difference of each pair."""
    yield median_of(f"a step, bare, {kind}", times["bare"])
    yield median_of(f"a step, confined, {kind}", times["confined"])
    differences = [a - b for a, b in zip(times["confined"], times["bare"], strict=True)]
    low, middle, high = statistics.quantiles(differences, n=4)
    quartiles = f"quartiles {in_words(low)} and {in_words(high)}"
    yield Figure(f"  the difference, {kind}", in_words(middle), quartiles)


def work(home: Path, file: Path, name: str) -> Path:
    """A folder with the order of a step."""
    folder = home / name
    folder.mkdir()
    report = PortSpec(name="report", kind="report", receives="Report")
    spec = ComponentSpec(
        name=file.stem, package="package", version="1.0", title="", category="", summary="",
        documentation="", inputs=(), outputs=(report,), parameters={},
        digest=digest_component(file), file=str(file),
    )  # fmt: skip
    order = StepOrder(
        run_id="r", node_id="n", attempt=1, spec=spec, parameters={}, engine="python",
        inputs={}, threads=1,
    )  # fmt: skip
    write_document(folder, ORDER_FILE, order)
    return folder


def run_bare(folder: Path) -> float:
    """The same bootstrap and interpreter, without the sandbox."""
    libraries = [f"{name}={path}" for name, path in lent_libraries().items()]
    bootstrap = str(PACKAGE / "worker" / "bootstrap.py")
    tag = str(sys.implementation.cache_tag)
    command = [sys.executable, "-I", "-B", bootstrap, str(folder), "1", tag, *libraries]
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _checked(folder, time.monotonic() - began)


def run_confined(executor: LocalExecutor, folder: Path, code: Path) -> float:
    began = time.monotonic()
    confinement = Confinement(Path(sys.executable), read_only=[code])
    executor.start(StepLaunch("step", folder, folder.parent / "log", confinement=confinement))
    while not any(isinstance(signal, StepExited) for signal in executor.poll(1.0)):
        pass
    return _checked(folder, time.monotonic() - began)


def _checked(folder: Path, seconds: float) -> float:
    result = read_result(folder)
    assert result is not None
    assert result.state == "succeeded", result.problems
    return seconds


if __name__ == "__main__":
    show("The sandbox", measure(*map(int, sys.argv[1:])))
    show_load()
