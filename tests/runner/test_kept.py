"""What a lost attempt leaves for the next one."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from studio.runner.process import open_runner
from studio.settings import Settings

from ..conftest import Studio, pipeline


def remember(**parameters: Any) -> dict[str, Any]:
    return pipeline({"step": {"component": "remember", "parameters": parameters}}, [])


def metrics(studio: Studio, document: dict[str, Any]) -> dict[str, Any]:
    step = studio.execute(document)["step"]
    assert step.state == "succeeded", step.problems
    found: dict[str, Any] = step.outputs["report"]["summary"]["metrics"]
    return found


def test_the_next_attempt_finds_what_a_killed_one_left(studio: Studio) -> None:
    assert metrics(studio, remember(losses=2))["attempts"] == 3


def test_nothing_stays_of_a_step_that_succeeded(studio: Studio) -> None:
    folder = Path(metrics(studio, remember(losses=0, tag="gone"))["folder"])
    assert folder.parent == studio.settings.kept
    assert not folder.exists()


def test_a_new_run_goes_on_from_a_step_that_was_lost_for_good(studio: Studio) -> None:
    document = remember(losses=4, tag="again")
    assert studio.execute(document)["step"].state == "failed"
    assert metrics(studio, document)["attempts"] == 5


def test_steps_of_other_keys_do_not_meet(studio: Studio) -> None:
    assert studio.execute(remember(losses=9, tag="a"))["step"].state == "failed"
    assert metrics(studio, remember(losses=1, tag="b"))["attempts"] == 2


def test_what_nobody_asks_for_within_a_week_is_forgotten(studio: Studio) -> None:
    settings: Settings = studio.settings
    for name, days in (("old", 8), ("recent", 6)):
        folder = settings.kept / name
        folder.mkdir(parents=True)
        then = time.time() - days * 86400
        os.utime(folder, (then, then))
    with open_runner(settings, studio.database):
        assert [path.name for path in settings.kept.iterdir()] == ["recent"]
