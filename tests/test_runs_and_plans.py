"""What docs/runs-and-plans.md shows works as it stands there."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from studio.cli.main import main
from studio.reason import WORDS
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.selection import RUN_MODES
from studio.settings import Settings
from tests.inline import InlineExecutor
from tests.server.helpers import Served, serving

PAGE = (Path(__file__).parents[1] / "docs" / "runs-and-plans.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the page speaks of, in the folder where its commands are typed."""
    (text,) = blocks("json")
    document = json.loads(text)
    changed = json.loads(text)
    changed["nodes"][1]["parameters"]["fraction"] = 0.25
    other = json.loads(text) | {"name": "Others"}
    other["nodes"][0]["parameters"]["path"] = "others.csv"
    for name, content in (("rows", document), ("changed", changed), ("other", other)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "rows.csv").write_text("id,y\n1,0\n2,1\n3,1\n4,0\n")
    (tmp_path / "others.csv").write_text("id,y\n5,0\n6,1\n7,1\n8,0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path


def test_every_reason_and_every_mode_is_told() -> None:
    for code, words in WORDS.items():
        assert f"| `{code}` | {words} |" in PAGE
    assert set(re.findall(r"^\| `(EXECUTE_\w+)`", PAGE, re.MULTILINE)) == set(RUN_MODES)


@pytest.mark.slow
@pytest.mark.usefixtures("files")
def test_the_commands_print_what_the_page_shows() -> None:
    compared = 0
    for block in blocks("console"):
        for part in re.split(r"^\$ studio ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            done = CliRunner().invoke(main, command.split())
            if shown:
                assert _words(done.output) == _words(shown), command
                compared += 1
            else:
                assert done.exit_code == 0, done.output
    assert compared >= 4


def _words(text: str) -> list[str]:
    """The words, with all times alike."""
    return re.sub(r"\d+\.\d\d s", "N.NN s", text).split()


@pytest.mark.slow
def test_the_python_of_the_page_runs(files: Path) -> None:
    settings = Settings(home=files / "home")
    with serving(settings) as served, _running(served):
        settings.address_file.write_text(json.dumps({"url": served.url}))
        names: dict[str, Any] = {}
        for block in blocks("python"):
            exec(block, names)
        states = [step["state"] for step in names["client"].get_run(names["run"]["id"])["steps"]]
        assert states == ["succeeded", "succeeded"]
        assert names["resumed"]["resumed_from"] == names["stopped"]["id"]


@contextmanager
def _running(served: Served) -> Iterator[None]:
    """A runner beside the server."""
    runner = Runner(
        served.settings, served.database, InlineExecutor(), SparkKeeper(served.settings)
    )
    stopping = threading.Event()

    def turn() -> None:
        while not stopping.is_set():
            runner.turn(0.02)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
