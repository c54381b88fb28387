"""The page that compares the canvas: every test and file that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "canvas-compared.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (?!feature|-)(.+) \|$", PAGE, re.MULTILINE)


def test_every_row_has_a_witness_or_says_that_it_is_missing() -> None:
    assert len(ROWS) == 21
    for row in ROWS:
        _, ours, witness, *marks = row.split(" | ")
        assert len(marks) == 4, row
        assert set(marks) <= {"Y", "P", "N", "?"}, row
        assert ours.startswith("**missing**") if witness == "–" else witness.startswith("`"), row


def test_every_witness_is_there() -> None:
    named = re.findall(r"`((?:tests|web|docs)/[\w./-]+)(?:::(\w+))?`", "\n".join(ROWS))
    assert len(named) > 15
    for path, function in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in text, f"{path} has no {function}"
    for image in re.findall(r"\]\((images/[\w-]+\.png)\)", PAGE):
        assert (ROOT / "docs" / image).is_file()
