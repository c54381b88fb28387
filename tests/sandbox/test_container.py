"""Inside a container bubblewrap fails: Landlock, seccomp and a subreaper confine alone.

The container is emulated by a filter like Docker's, installed before the launch path begins.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.sandbox import landlock
from studio.sandbox.attacks import ATTACKS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(landlock.abi() == 0, reason="this kernel has no Landlock"),
]

PROBE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from studio.sandbox.probes import run_probes
print(json.dumps(asdict(run_probes(Path(sys.argv[1])))))
"""

RUN = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from studio.sandbox.confinement import Confinement, Limits
from studio.sandbox.launch import run
code, work, limits = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])
done = run(
    Confinement(Path(sys.executable), work=work, limits=Limits(**limits)),
    [sys.executable, "-I", "-c", code],
    timeout=30,
)
print(json.dumps({**asdict(done.ended), "output": done.output.decode(), "log": done.log}))
"""


def in_container(program: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.sandbox.container", sys.executable, "-c", program]
    done = subprocess.run(
        [*command, *arguments], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def run_python(code: str, work: Path, **limits: int) -> dict[str, Any]:
    return in_container(RUN, code, str(work), json.dumps(limits))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return in_container(PROBE, str(tmp_path_factory.mktemp("probes")))


def test_bubblewrap_fails_there_and_landlock_takes_its_place(report: dict[str, Any]) -> None:
    assert report["mechanism"] == "landlock"
    assert not report["has_network"]


@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_denied(report: dict[str, Any], name: str) -> None:
    if name == "signal" and landlock.abi() < landlock.SCOPES_SIGNALS_FROM:
        assert report["details"][name].startswith("PermissionError")
    assert report["details"][name] != "allowed"
    assert name not in report["missing"]


LIMITS: dict[str, tuple[str, dict[str, int]]] = {
    "memory": ("x = bytearray(b'x') * (1 << 30)", {"memory": 200 << 20}),
    "processes": (
        "import os\nwhile True:\n try: os.fork()\n except OSError: pass",
        {"processes": 32},
    ),
    "output": (
        "import tempfile, time\nf = open(tempfile.mkdtemp() + '/x', 'wb')\n"
        "f.write(bytes(64 << 20)); f.flush(); time.sleep(20)",
        {"scratch": 16 << 20},
    ),
    "cpu": ("while True: pass", {"cpu_seconds": 1}),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_the_limits_hold(limit: str, tmp_path: Path) -> None:
    code, limits = LIMITS[limit]
    assert run_python(code, tmp_path, **limits)["reason"] == limit


def test_a_process_that_left_its_session_dies_with_the_command(tmp_path: Path) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open('pid', 'w').write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
while not os.path.exists('pid') or not os.path.getsize('pid'):
    time.sleep(0.01)
"""
    assert run_python(code, tmp_path)["status"] == 0
    assert not Path("/proc", (tmp_path / "pid").read_text()).exists()


LIBRARIES = {
    "duckdb": "duckdb.connect().sql('select 42').fetchall()",
    "polars": "polars.DataFrame({'a': [42]}).lazy().sum().collect()",
    "pandas": "pandas.DataFrame({'a': [42]}).sum()",
    "pyarrow": "pyarrow.table({'a': [42]})",
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_libraries_work_there(library: str, tmp_path: Path) -> None:
    done = run_python(f"import {library}; print({LIBRARIES[library]})", tmp_path)
    assert "42" in done["output"], done["log"]
