"""A GPU reaches a step when its node asks and the studio's owner allows; on made-up devices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.database.steps import StepRecord
from studio.errors import PipelineError
from studio.executors.local import LocalExecutor
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.sandbox.launch import find_mechanism
from tests.conftest import Studio, pipeline

pytestmark = pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here")

LOOK = """
import os
said["devices"] = sorted(os.listdir({folder!r})) if os.path.exists({folder!r}) else []
said["visible"] = os.environ.get("CUDA_VISIBLE_DEVICES")
"""


class Machine:
    """A studio that allows some GPUs, on a machine whose device files are files of ours."""

    def __init__(self, studio: Studio, executor: LocalExecutor, sandbox: SandboxKeeper) -> None:
        self.studio, self._executor, self._sandbox = studio, executor, sandbox

    def allow(self, *gpus: int) -> None:
        studio = self.studio
        studio.settings = settings = replace(studio.settings, gpus=gpus, cpus=8)
        spark = SparkKeeper(settings)
        studio.runner = Runner(settings, studio.database, self._executor, spark, self._sandbox)

    def run(self, code: str, *asked: int) -> dict[str, StepRecord]:
        nodes: dict[str, Any] = {
            f"step_{number}": {
                "component": "hostile",
                "parameters": {"code": f"{code}\n# {number}"},
                "resources": {"gpu": gpu},
            }
            for number, gpu in enumerate(asked)
        }
        return self.studio.execute(pipeline(nodes, []))


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "dev"
    folder.mkdir()
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "sda"):
        (folder / name).touch()
    monkeypatch.setattr("studio.gpus._DEVICES", folder)
    return folder


@pytest.fixture
def machine(studio: Studio, executor: LocalExecutor, sandbox: SandboxKeeper) -> Machine:
    return Machine(studio, executor, sandbox)


def said(step: StepRecord) -> dict[str, Any]:
    assert step.state == "succeeded", step.problems
    summary: dict[str, Any] = step.outputs["report"]["summary"]
    return summary


@pytest.mark.skipif(find_mechanism() != "bubblewrap", reason="every device file is to be seen here")
def test_a_step_that_asks_sees_its_own_gpu_and_one_that_does_not_sees_none(
    machine: Machine, devices: Path
) -> None:
    machine.allow(1)
    steps = machine.run(LOOK.format(folder=str(devices)), 1, 0)
    own = ["nvidia-uvm", "nvidia1", "nvidiactl"]
    assert said(steps["step_0"]) == {"devices": own, "visible": None}
    assert said(steps["step_1"]) == {"devices": [], "visible": ""}


def test_two_steps_never_have_one_gpu_at_the_same_time(machine: Machine, devices: Path) -> None:
    machine.allow(0)
    code = """
import time
said["from"] = time.monotonic()
time.sleep(0.3)
said["to"] = time.monotonic()
"""
    spans = sorted((said(s)["from"], said(s)["to"]) for s in machine.run(code, 1, 1).values())
    assert spans[0][1] <= spans[1][0]


def test_more_than_is_allowed_is_refused_before_a_run_is_made(
    machine: Machine, devices: Path
) -> None:
    with pytest.raises(PipelineError) as raised:
        machine.run("", 1)
    (problem,) = raised.value.problems()
    assert (problem.code, problem.node, problem.field) == (
        "gpu.not_allowed",
        "step_0",
        "resources.gpu",
    )
    assert "asks for GPUs: 1; steps may use 0" in problem.message


def test_a_gpu_that_is_not_there_is_told(machine: Machine, devices: Path) -> None:
    machine.allow(7)
    problem = machine.run("", 1)["step_0"].problems[0]
    assert problem["code"] == "gpu.missing"
    assert str(devices / "nvidia7") in problem["message"]
