"""The pages on REST and on the pipeline document: what they show runs, what there is they name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.pipeline import Node, Pipeline, load_pipeline
from tests.conftest import Studio
from tests.server.helpers import serving
from tests.server.test_census import CLOSED

DOCS = Path(__file__).parents[1] / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text()
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.slow
def test_the_program_of_the_rest_page_runs(builtin: Studio, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("\n".join(blocks("rest.md", "python")))
    over = threading.Event()
    runner = threading.Thread(target=lambda: _turn(builtin, over))
    with serving(builtin.settings) as served:
        token = builtin.settings.token_file.read_text().strip()
        environment = {**os.environ, "STUDIO_URL": served.url, "STUDIO_TOKEN": token}
        runner.start()
        try:
            done = subprocess.run(
                [sys.executable, program],
                env=environment,
                capture_output=True,
                text=True,
                timeout=200,
                check=False,
            )
        finally:
            over.set()
            runner.join(30)
    assert done.returncode == 0, done.stderr[-3000:]


def _turn(studio: Studio, over: threading.Event) -> None:
    while not over.is_set():
        studio.runner.turn(0.05)


def test_the_rest_page_names_every_address() -> None:
    text = (DOCS / "rest.md").read_text()
    ends = {route.rpartition("/")[2] for route in CLOSED if "/api/v1/" in route}
    words = {end for end in ends if not end.startswith("{")}
    assert sorted(word for word in words if not re.search(rf"[/`]{word}\b", text)) == []


def test_the_document_of_the_pipeline_page_is_one() -> None:
    (text,) = blocks("pipeline-json.md", "json")
    document = json.loads(text)
    assert load_pipeline(document).dump() == document


def test_the_pipeline_page_names_every_field() -> None:
    text = (DOCS / "pipeline-json.md").read_text()
    fields = {*Pipeline.model_fields, *Node.model_fields}
    assert sorted(field for field in fields if f"`{field}`" not in text) == []


def test_the_page_of_the_command_line_names_every_command() -> None:
    from studio.cli.main import main

    text = (DOCS / "command-line.md").read_text()
    assert [name for name in main.commands if f"`studio {name}" not in text] == []


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\(([\w/.-]+\.md)\)", page.read_text(encoding="utf-8")):
            assert (DOCS / target).is_file(), f"{page.name}: {target}"
