"""docs/python-client.md, run block by block against a studio that is served."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.client import find_studio
from studio.errors import StudioError
from studio.notebook import connect
from studio.settings import Settings, builtin_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

STUDIO = str(Path(sys.executable).with_name("studio"))
PAGE = Path(__file__).parents[2] / "docs" / "python-client.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "STUDIO_HOME": str(home)}
    process = subprocess.Popen([STUDIO, "serve", "--port", "8780"], env=environment)
    deadline = time.monotonic() + 60
    while find_studio(Settings(home=home)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield home
    process.send_signal(signal.SIGINT)
    process.wait(30)


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(home))
    monkeypatch.chdir(builtin_folder("pipelines"))


@pytest.mark.usefixtures("here")
def test_the_blocks_of_the_page_run_in_order() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)
    assert 0.6 < names["auc"] < 1
    assert {"prediction_score", "clicked"} <= set(names["frame"].columns)
    assert len(names["run"].table("predict").to_polars()) == len(names["frame"])
    assert "<table>" in names["run"]._repr_html_()


@pytest.mark.usefixtures("here")
def test_a_run_that_fails_raises_the_first_problem() -> None:
    studio = connect()
    pipeline = studio.pipeline("fails")
    pipeline.read_table(path="no-such-file.csv")
    with pytest.raises(StudioError, match=r"no-such-file\.csv"):
        studio.run(pipeline)
