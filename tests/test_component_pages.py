"""Every component has a page that is up to date, with an example that runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from docs import make_component_pages as pages

from .conftest import Studio

EXAMPLES = sorted((pages.DOCS / "examples").glob("*.json"))


def test_every_page_says_what_the_component_says() -> None:
    assert pages.stale_pages() == [], "run `make docs`"


def test_every_component_has_an_example() -> None:
    without = [spec.name for spec in pages.read_specs() if pages.find_example(spec.name) is None]
    assert without == [], "add a node to a pipeline in docs/examples or pipelines"


def test_every_component_says_its_shapes_units_errors_and_source() -> None:
    lacking = {
        spec.name: lacks
        for spec in pages.read_specs()
        if (lacks := [s for s in pages.SECTIONS if f"\n{s}:" not in spec.documentation])
    }
    assert lacking == {}


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_runs(builtin: Studio, example: Path) -> None:
    steps = builtin.execute(json.loads(example.read_text(encoding="utf-8")))
    problems = [problem for step in steps.values() for problem in step.problems]
    assert problems == []
    assert {step.state for step in steps.values()} == {"succeeded"}
