"""What brought code costs: from upload to palette, reading a source, a step in the sandbox.

`python -m benchmarks.packages`: medians of interleaved rounds, and the load. A step is compared
with the same interpreter making the same imports and reading and writing the same table.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, median_of, show, show_load
from studio.catalog import CatalogReader
from studio.client import Client
from studio.database.engine import migrate, open_database
from studio.database.steps import list_steps
from studio.executors.local import LocalExecutor
from studio.inspector import Inspector, SourceReader
from studio.packages.environments import Environments
from studio.packages.shelf import PackageShelf
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.settings import Settings
from tests.conftest import PACKAGES, Studio
from tests.server.helpers import serving
from tests.shelf.test_runs import Bench, chain, needs, source

ROUNDS = 10
# What the worker imports and does for a table of pandas, without a sandbox around it.
_BARE = """
import sys; sys.path.insert(0, {root!r})
import studio.worker.main, pandas, pyarrow.parquet as pq
frame = pq.read_table({table!r}).to_pandas()
import pyarrow; pq.write_table(pyarrow.Table.from_pandas(frame * 2), {output!r})
"""


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        palette, read = measure_upload(folder / "served")
        yield median_of("from upload to palette", palette)
        yield median_of("a source read for the editor", read)
        bench = make_bench(folder / "home")
        rows = folder / "numbers.txt"
        rows.write_text("\n".join(map(str, range(1000))))
        for what, head in (
            ("the studio's libraries", ""),
            ("libraries of its own", needs("numpy==1.26.4")),
        ):
            ours, bare = measure_steps(bench, "plain" if not head else "own", head, rows, folder)
            yield median_of(f"a step with {what}", ours)
            yield median_of("  the same interpreter, bare", bare)
            pairs = zip(ours, bare, strict=True)
            yield median_of("  the difference, in pairs", [a - b for a, b in pairs])
        bench.studio.runner.stop()


def measure_upload(home: Path) -> tuple[list[float], list[float]]:
    palette, read = [], []
    with serving(Settings(home=home)) as served:
        client = Client(served.url, served.settings.token_file.read_text().strip())
        for number in range(ROUNDS):
            name = f"mine_{number}"
            began = time.monotonic()
            client.upload_package(source(name, "return table").encode(), f"{name}.py")
            found = client.components()["components"]
            palette.append(time.monotonic() - began)
            assert any(item["name"] == name for item in found)
            began = time.monotonic()
            served.client.post("/packages/read", json={"source": source("x", f"return {number}")})
            read.append(time.monotonic() - began)
    return palette, read


def make_bench(home: Path) -> Bench:
    settings = Settings(home=home, cpus=2)
    database = open_database(settings.database)
    migrate(database)
    shelf = PackageShelf(home, database, SourceReader().read)
    reader = CatalogReader([PACKAGES], database, Inspector().read_components, shelf)
    executor = LocalExecutor(settings.logs, ("numpy", "pandas", "pyarrow.parquet"))
    executor.prepare()
    runner = Runner(settings, database, executor, SparkKeeper(settings))
    bench = Bench(Studio(settings, database, reader.load(), runner), reader, shelf)
    bench.environments = Environments(home, database)
    return bench


def measure_steps(
    bench: Bench, name: str, head: str, rows: Path, folder: Path
) -> tuple[list[float], list[float]]:
    """Seconds of steps as the runner sees them, and of the bare interpreter, in turns."""
    text = source(name, "return table * factor", head, "*, factor: int = 1")
    bench.add(name, text)
    environment = bench.studio.catalog.specs[name].environment
    python = bench.environments.python(environment) if environment else Path(sys.executable)
    table = folder / "table.parquet"
    make_table(table)
    bare = _BARE.format(root=str(Path.cwd()), table=str(table), output=str(folder / "out.parquet"))
    ours, alone = [], []
    for number in range(ROUNDS + 1):
        run = bench.studio.submit(chain(name, rows=rows, parameters={"factor": number + 2}))
        bench.studio.finish(run)
        with bench.studio.database.read() as connection:
            step = next(s for s in list_steps(connection, run.id) if s.node_id == name)
        assert step.state == "succeeded", step.problems
        assert step.started_at is not None
        assert step.finished_at is not None
        ours.append(step.finished_at - step.started_at)
        began = time.monotonic()
        subprocess.run([str(python), "-B", "-c", bare], check=True)
        alone.append(time.monotonic() - began)
    return ours[1:], alone[1:]  # the first of each fills the disk's cache


def make_table(file: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"n": list(range(1000)), "half": [n / 2 for n in range(1000)]}), file)


if __name__ == "__main__":
    show("Packages", measure())
    show_load()
