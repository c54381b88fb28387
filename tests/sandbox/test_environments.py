"""A step in an environment that holds none of the studio's libraries."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.artifacts import digest_file, digest_tree
from studio.executors.base import Signal, StepExited, StepLaunch, StepMessage
from studio.executors.local import LocalExecutor
from studio.sandbox.confinement import Confinement
from studio.sandbox.launch import find_mechanism
from studio.spec import ComponentSpec, PortSpec
from studio.step import ORDER_FILE, StepOrder, read_result, write_document
from tests.conftest import PACKAGES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() == "none", reason="this machine has no sandbox"),
]

FILE = PACKAGES / "hostile" / "hostile.py"
CODE = """
import importlib.util, sys
import numpy
said['numpy'] = numpy.__version__
said['prefix'] = sys.prefix
said['there'] = [n for n in ('pandas', 'duckdb', 'psutil', 'sqlalchemy', 'components', 'tests')
                 if importlib.util.find_spec(n)]
said['lent'] = [n for n in ('pydantic', 'pyarrow') if importlib.util.find_spec(n)]
from studio.component import context
context.progress(0.5, 'half')
"""


@pytest.fixture(scope="module")
def old_numpy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with numpy 1.26 and nothing else."""
    folder = tmp_path_factory.mktemp("environments") / "old"
    uv = str(Path(sys.executable).with_name("uv"))
    python = folder / "bin" / "python"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), "numpy==1.26.4"],
    ):
        subprocess.run(command, check=True, timeout=200)
    return python


def order() -> StepOrder:
    report = PortSpec(name="report", kind="report", receives="Report")
    digest = digest_tree({FILE.name: digest_file(FILE)})
    spec = ComponentSpec(
        name="hostile", package="hostile", version="1.0", title="", category="", summary="",
        documentation="", inputs=(), outputs=(report,), parameters={}, digest=digest,
        file=str(FILE),
    )  # fmt: skip
    return StepOrder(
        run_id="r", node_id="n", attempt=1, spec=spec, parameters={"code": CODE},
        engine="python", inputs={}, threads=1,
    )  # fmt: skip


def test_a_step_runs_with_numpy_1_26_and_without_our_libraries(
    old_numpy: Path, executor: LocalExecutor, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    write_document(folder, ORDER_FILE, order())
    confinement = Confinement(old_numpy, read_only=[FILE.parent])
    executor.start(StepLaunch("step", folder, tmp_path / "log", confinement=confinement))
    signals: list[Signal] = []
    deadline = time.monotonic() + 60
    while not any(isinstance(signal, StepExited) for signal in signals):
        assert time.monotonic() < deadline
        signals += executor.poll(0.05)
    result = read_result(folder)
    assert result is not None, (tmp_path / "log").read_text()
    assert result.state == "succeeded", result.problems
    said = json.loads((folder / "outputs" / "report" / "report.json").read_bytes())
    assert said["numpy"] == "1.26.4"
    assert said["prefix"] == str(old_numpy.parent.parent)
    assert said["there"] == []
    assert said["lent"] == ["pydantic", "pyarrow"]
    assert any(isinstance(signal, StepMessage) for signal in signals)
