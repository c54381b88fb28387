"""The wheel, made from the source archive: installed elsewhere, it serves and runs by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[1]
UV = str(Path(sys.executable).with_name("uv"))


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--out-dir", folder, cwd=ROOT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def studio(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an installation that has nothing of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    requirements = folder / "requirements.txt"
    locked = ("--frozen", "--no-dev", "--no-emit-project", "--output-file", requirements)
    run(UV, "export", *locked, cwd=ROOT)
    run(UV, "venv", "--python", sys.executable, folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    options = ("--python", python, "--compile-bytecode")
    run(UV, "pip", "install", *options, "-r", requirements, wheel, cwd=folder)
    return python.with_name("studio")


def test_the_wheel_holds_what_the_studio_reads_and_nothing_that_builds_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "studio/_web/index.html",
        "studio/_builtin/components/ctr/train.py",
        "studio/_builtin/pipelines/deepfm.json",
        "studio/_builtin/pipelines/data/clicks.csv",
        "studio/database/migrations/versions/0001_the_first_tables.py",
        "studio/spark/log4j2.properties",
    ):
        assert needed in names
    assert sum(name.startswith("studio/_web/assets/") for name in names) >= 8
    assert not [name for name in names if "node_modules" in name or name.startswith("components/")]


def test_an_installed_studio_trains_deepfm_outside_of_the_checkout(
    studio: Path, tmp_path: Path
) -> None:
    home = {"STUDIO_HOME": str(tmp_path / "home")}
    builtin = next(studio.parents[1].glob("lib/*/site-packages/studio/_builtin"))
    listed = json.loads(run(studio, "components", "--json", cwd=tmp_path, **home))
    assert {"read_table", "train", "evaluate"} <= {item["name"] for item in listed}
    assert all(str(builtin) in item["file"] for item in listed)
    pipeline = builtin / "pipelines" / "deepfm.json"
    printed = run(studio, "run", pipeline, "--json", cwd=tmp_path, **home)
    answer = json.loads(printed.splitlines()[-1])
    assert answer["state"] == "succeeded"
    assert answer["metrics"]["auc"] > 0.75
