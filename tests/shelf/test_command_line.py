"""From nothing to a component in the list, on the command line, with and without a studio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from studio.settings import Settings
from tests.server.helpers import serving

pytestmark = pytest.mark.slow

STUDIO = Path(sys.executable).with_name("studio")


def studio(home: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"STUDIO_HOME": str(home)}
    return subprocess.run(
        [str(STUDIO), *arguments], env=environment, cwd=cwd, capture_output=True, text=True
    )


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    made = studio(tmp_path / "home", "new", "component", "scale_up", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "scale_up"


def test_what_is_begun_works_and_passes_its_test(begun: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=begun,
        env=os.environ | {"PYTHONPATH": f"{begun}:{Path.cwd()}"},
        capture_output=True,
        text=True,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    again = studio(tmp_path / "home", "new", "component", "scale_up", cwd=tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (2, True)


def test_a_folder_is_uploaded_without_a_studio_and_listed(begun: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = studio(home, "upload", str(begun), "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    version = json.loads(done.stdout)
    assert (version["name"], version["approval"]["state"]) == ("scale_up", "not_approved")
    approved = studio(home, "upload", str(begun), "--approve", "--json", cwd=tmp_path)
    assert json.loads(approved.stdout)["approval"]["state"] == "approved"
    assert "scale_up" in studio(home, "components", cwd=tmp_path).stdout


def test_an_upload_goes_to_the_studio_that_is_running(begun: Path, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with serving(settings) as served:
        settings.address_file.write_text(json.dumps({"url": served.url}))
        done = studio(settings.home, "upload", str(begun), cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "scale_up version 1" in done.stdout
        assert served.client.get("/packages/scale_up").json()["files"] == 3


def test_what_is_wrong_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("def bad(:\n")
    done = studio(tmp_path / "home", "upload", str(file), cwd=tmp_path)
    assert done.returncode == 2
    assert "bad.py" in done.stderr
    assert "line 1" in done.stderr
