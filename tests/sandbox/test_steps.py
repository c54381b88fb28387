"""Steps of code that is not ours, through a real run: how each ends, and what it cannot do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from studio.database.runs import request_cancel
from studio.database.steps import StepRecord
from studio.sandbox.launch import find_mechanism
from studio.sandbox.probes import SandboxReport
from tests.conftest import Studio, pipeline

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() != "bubblewrap", reason="bubblewrap does not work here"),
]


def hostile(code: str, **node: Any) -> dict[str, Any]:
    parameters = {"code": code, **node.pop("parameters", {})}
    return pipeline({"hostile": {"component": "hostile", "parameters": parameters, **node}}, [])


def run(studio: Studio, code: str, **node: Any) -> StepRecord:
    return studio.execute(hostile(code, **node))["hostile"]


def said(step: StepRecord) -> dict[str, Any]:
    assert step.state == "succeeded", step.problems
    summary: dict[str, Any] = step.outputs["report"]["summary"]
    return summary


def test_a_step_in_the_sandbox_gives_outputs_like_any_other(studio: Studio) -> None:
    assert said(run(studio, "said['value'] = 6 * 7")) == {"value": 42}


def test_it_reports_progress_and_prints_into_its_log(studio: Studio) -> None:
    code = "from studio.component import context; context.progress(0.5, 'half'); print('printed')"
    record = studio.finish(studio.submit(hostile(code)))
    progress = [event.data for event in studio.events(record.id) if event.type == "progress"]
    assert progress == [{"node": "hostile", "share": 0.5, "message": "half"}]
    assert "printed" in (studio.settings.logs / record.id / "hostile.1.log").read_text()


MIB = 1 << 20
SPARSE = "import os; os.truncate(os.open('x', os.O_CREAT | os.O_RDWR), 1 << 40)"
SUBSTITUTE = """
import os
os.makedirs('outputs/report')
open('result.json', 'w').write('{"state": "succeeded"}')
%s
os._exit(0)
"""
ENDINGS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "an error": ("raise ValueError('mine')", "component.exception", "ValueError: mine", {}),
    "exit": ("import sys; sys.exit(3)", "step.lost", "code 3 and no result", {}),
    "os._exit(0)": ("import os; os._exit(0)", "step.lost", "code 0 and no result", {}),
    "a segmentation fault": ("import ctypes; ctypes.string_at(0)", "step.lost", "signal 11", {}),
    "abort": ("import os; os.abort()", "step.lost", "signal 6", {}),
    "a memory bomb": (
        "x = []\nwhile True: x.append(bytearray(1 << 22))",
        "step.killed_memory",
        "limit of 300 MiB",
        {"resources": {"memory": 300 * MIB}},
    ),
    "a fork bomb": (
        "import os\nwhile True:\n try: os.fork()\n except OSError: pass",
        "step.killed_processes",
        "too many processes",
        {},
    ),
    "a sparse file of 1 TiB": (SPARSE, "component.exception", "File too large", {}),
    "no output": (SUBSTITUTE % "os.rmdir('outputs/report')", "output.rejected", "nothing", {}),
    "nonsense for a result": (
        SUBSTITUTE % "open('result.json', 'w').write('[1, 2')",
        "step.result",
        "cannot be read",
        {},
    ),
    "a link for a result": (
        SUBSTITUTE % "os.unlink('result.json'); os.mkdir('result.json')",
        "step.result",
        "cannot be read",
        {},
    ),
    "a huge result": (
        SUBSTITUTE % "open('result.json', 'w').write(' ' * (64 << 20))",
        "step.result",
        "cannot be read",
        {},
    ),
    "a symbolic link": (
        "import os; os.symlink('/etc/passwd', 'outputs')",
        "component.exception",
        "denied",
        {},
    ),
    "a FIFO": ("import os; os.mkfifo('outputs')", "component.exception", "denied", {}),
    "a socket": (
        "import socket; socket.socket(socket.AF_UNIX).bind('outputs')",
        "component.exception",
        "denied",
        {},
    ),
}


@pytest.mark.parametrize("way", ENDINGS)
def test_every_bad_ending_is_a_failed_step_with_a_clear_problem(studio: Studio, way: str) -> None:
    code, expected, words, more = ENDINGS[way]
    step = run(studio, code, name="The hostile one", **more)
    assert step.state == "failed"
    problem = step.problems[0]
    assert problem["code"] == expected
    assert words in problem["message"]
    assert (problem["node"], problem["node_name"]) == ("hostile", "The hostile one")
    assert said(run(studio, "said['alive'] = True")) == {"alive": True}


def test_its_own_inputs_are_read_only(studio: Studio, tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    given.write_text("before")
    code = """
try:
    open(path, 'a')
except OSError as error:
    said['error'] = error.strerror
said['read'] = open(path).read()
"""
    answer = said(run(studio, code, parameters={"path": str(given)}))
    assert answer == {"error": "Read-only file system", "read": "before"}


@pytest.mark.parametrize("name", ["", "studio.db", "work", ".."])
def test_the_studios_own_files_cannot_be_asked_for(studio: Studio, name: str) -> None:
    studio.settings.work.mkdir(exist_ok=True)
    path = studio.settings.home / name
    problem = run(studio, "", parameters={"path": str(path)}).problems[0]
    assert (problem["code"], problem["node"]) == ("path.forbidden", "hostile")


def test_artifacts_of_earlier_steps_come_in(studio: Studio) -> None:
    document = pipeline(
        {
            "number": {"component": "number", "parameters": {"value": 3.0}},
            "hostile": {
                "component": "hostile",
                "parameters": {"code": "said['twice'] = 2 * report.document['value']"},
            },
        },
        ["number.report > hostile.report"],
    )
    assert said(studio.execute(document)["hostile"]) == {"twice": 6.0}


SLEEP = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"


def test_cancelling_ends_one_that_ignores_the_request(studio: Studio) -> None:
    record = studio.submit(hostile(SLEEP))
    studio.turn_until(lambda: studio.steps(record.id)["hostile"].state == "running")
    time.sleep(0.5)
    with studio.database.begin() as connection:
        request_cancel(connection, record.id)
    began = time.monotonic()
    assert studio.finish(record).state == "cancelled"
    assert time.monotonic() - began < 5


def test_a_timeout_ends_it(studio: Studio) -> None:
    problem = run(studio, SLEEP, timeout=0.5).problems[0]
    assert problem["code"] == "step.timeout"


def test_without_a_sufficient_sandbox_a_step_is_refused_and_says_why(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        studio.runner._sandbox, "report", lambda: SandboxReport("landlock", missing=("signal",))
    )
    problem = run(studio, "said['ran'] = True", name="Mine").problems[0]
    assert problem["code"] == "sandbox.unavailable"
    assert problem["node_name"] == "Mine"
    assert "does not deny: signal" in problem["message"]
