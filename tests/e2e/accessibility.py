"""axe-core in a page: no rule may be broken, but for those listed here with the reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"

# Advice for documents that does not fit.
_NOT_ASKED = {
    "region": {"enabled": False},  # tooltips and menus of the kit live beside the landmarks
    # dialogs and drawers of the kit have a <header> of their own
    "landmark-no-duplicate-banner": {"enabled": False},
    "landmark-unique": {"enabled": False},
}


@cache
def _source() -> str:
    if not AXE.is_file():
        pytest.fail("No axe-core: `python build_web.py run check-types` installs it.")
    return AXE.read_text(encoding="utf-8")


def check_accessibility(page: Page) -> None:
    """Fails with every broken rule, its elements, and what is wrong with them."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    options = {"resultTypes": ["violations"], "rules": _NOT_ASKED}
    found = page.evaluate("(options) => axe.run(document, options)", options)
    if found["violations"]:
        pytest.fail("\n".join(_told(rule) for rule in found["violations"]))


def _told(rule: dict[str, Any]) -> str:
    elements = "".join(f"\n  {n['html'][:160]}\n    {n['failureSummary']}" for n in rule["nodes"])
    return f"{rule['impact']}: {rule['id']}, {rule['help']}{elements}"
