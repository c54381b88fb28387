"""Every command is documented, is completed by the shell, and says by its code how it went."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from studio.cli.main import main
from tests.conftest import pipeline

PAGE = (Path(__file__).parents[2] / "docs/command-line.md").read_text()
GOOD = pipeline({"log": {"component": "generate_click_log", "parameters": {"rows": 100}}}, [])
BAD = pipeline({"log": {"component": "generate_click_log", "parameters": {"rows": -1}}}, [])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder on which no studio runs, with two documents beside it."""
    for name, document in (("good", GOOD), ("bad", BAD)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path


def studio(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environment, prog_name="studio")


def commands(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


ALL = list(commands(main))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_tells_its_use_and_refuses_what_it_does_not_know(
    words: tuple[str, ...],
) -> None:
    told = studio(*words, "--help")
    assert told.exit_code == 0
    assert "Usage: studio " + " ".join(words) in told.stdout
    assert len(told.stdout.splitlines()[2].strip()) > 10, "it says what it does"
    assert studio(*words, "--no-such-option").exit_code == 2


def test_every_command_is_on_the_page_of_the_command_line() -> None:
    shown = set(re.findall(r"`studio ([a-z]+)", PAGE))
    assert shown == {words[0] for words in ALL}


REFUSED: dict[str, tuple[str, ...]] = {
    "no studio runs: open": ("open",),
    "no studio runs: runs": ("runs",),
    "no studio runs: logs": ("logs", "r", "n"),
    "no studio runs: artifacts": ("artifacts", "r"),
    "a file that is not there: run": ("run", "none.json"),
    "a file that is not there: plan": ("plan", "none.json"),
    "a file that is not there: check": ("check", "none.py"),
    "a file that is not there: upload": ("upload", "none.py"),
    "a pipeline with problems: validate": ("validate", "bad.json"),
    "a pipeline with problems: plan": ("plan", "bad.json"),
    "a value that is none": ("run", "good.json", "-p", "rows"),
    "a parameter that it has not": ("plan", "good.json", "-p", "rows=1"),
    "a node that it has not": ("plan", "good.json", "--to", "none"),
    "a folder that is there": ("new", "component", "mine"),
    "a secret that is not there": ("secret", "remove", "none"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_ends_with_2_and_words(home: Path, case: str) -> None:
    done = studio(*REFUSED[case])
    assert done.exit_code == 2, done.output
    assert len(done.stderr.strip()) > 10
    assert "Traceback" not in done.output


def test_what_was_begun_is_named_as_it_was_written(home: Path) -> None:
    told = studio("new", "component", "My-Part").stdout
    assert "studio check my_part, then studio upload my_part" in told
    assert (home / "my_part" / "my_part.py").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    ["validate good.json", "plan good.json", "components", "gc", "secret list", "doctor"],
)
def test_what_is_done_ends_with_0(home: Path, line: str) -> None:
    done = studio(*line.split())
    assert done.exit_code == 0, done.output


@pytest.mark.slow
def test_doctor_tells_what_the_attacks_on_the_sandbox_came_to(home: Path) -> None:
    from studio.sandbox.keeper import load_report

    report = load_report(home / "home")
    told = studio("doctor").stdout
    assert f"confined by {report.mechanism}" in told or report.mechanism == "none"
    assert [name for name in report.missing if f"Not denied: {name}." not in told] == []
    if report.is_sufficient:
        assert f"{len(report.denied)} of {len(report.details)} attacks were denied" in told


@pytest.mark.slow
def test_doctor_names_what_a_weak_sandbox_lets_through(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.sandbox import keeper
    from studio.sandbox.probes import SandboxReport

    weak = SandboxReport("landlock", ("network",), ("environ",), {"environ": "read the token"})
    monkeypatch.setattr(keeper, "load_report", lambda _: weak)
    told = studio("doctor")
    assert told.exit_code == 0, "the studio's own components run all the same"
    assert "! Not denied: environ. read the token" in told.stdout
    assert "such code does not run" in told.stdout
    allowed = studio("doctor", STUDIO_ALLOW_WEAK_SANDBOX="1").stdout
    assert "such code runs, as you allow" in allowed


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("do", {"doctor"}), ("new co", {"component"}), ("run --fr", {"--from", "--fresh"})],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(
    shell: str, typed: str, completed: set[str]
) -> None:
    words = ["studio", *typed.split()]
    environment: dict[str, Any] = {
        "_STUDIO_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    told = studio(**environment).stdout
    assert set(re.findall(r"[a-z-]{5,}", told)) & {*completed, "gc", "serve"} == completed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_line_for_each_shell_is_on_the_page(shell: str) -> None:
    assert f"_STUDIO_COMPLETE={shell}_source studio" in PAGE
    assert "_STUDIO_COMPLETE" in studio(_STUDIO_COMPLETE=f"{shell}_source").stdout
