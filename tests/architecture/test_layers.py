"""What is written of the layers is what import-linter holds, and no module is left out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def contract(name: str) -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    found: dict[str, Any] = next(c for c in settings["contracts"] if c["name"] == name)
    return found


def modules() -> set[str]:
    """The modules and packages of `studio`; private folders hold what is built."""
    names = {path.stem for path in (ROOT / "studio").glob("*.py")}
    names |= {path.parent.name for path in (ROOT / "studio").glob("*/__init__.py")}
    return {name for name in names if not name.startswith("_")}


def test_the_page_of_the_architecture_has_the_layers_of_the_contract() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    block = re.search(r"## Layers.*?```\n(.*?)```", page, re.DOTALL)
    assert block is not None
    told = [re.split(r"\s{2,}", line)[0] for line in block[1].splitlines() if line[0] != " "]
    layers = contract("Each layer imports only what stands below it")["layers"]
    assert told == layers
    assert {name for line in layers for name in line.split(" | ")} == modules()


def test_components_are_kept_from_every_module_but_their_own() -> None:
    forbidden = set(contract("Components see studio.component only")["forbidden_modules"])
    assert forbidden == {f"studio.{name}" for name in modules() - {"component"}}
