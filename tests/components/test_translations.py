"""Every built-in component and parameter, and every reason, has Chinese words; none is left over.

Chinese stands in `components/<package>/zh.json` and in `web/src/shared/problems-zh.json`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.inspector import Inspector
from studio.reason import WORDS
from studio.spec import ComponentSpec

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = sorted(file.parent.name for file in (ROOT / "components").glob("*/zh.json"))


@pytest.fixture(scope="module")
def specs() -> dict[str, ComponentSpec]:
    files = [file for file in (ROOT / "components").glob("*/*.py") if file.name[0] != "_"]
    inspector = Inspector()
    inspector.start()
    entries = inspector.read_components(files)
    inspector.stop()
    return {entry.name: entry for entry in entries if isinstance(entry, ComponentSpec)}


def _texts(package: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads((ROOT / "components" / package / "zh.json").read_text())
    return texts


def test_every_component_and_parameter_has_chinese_words(specs: dict[str, ComponentSpec]) -> None:
    missing = []
    for spec in specs.values():
        texts = _texts(spec.package).get(spec.name, {})
        missing += [f"{spec.name}: {part}" for part in ("title", "summary") if not texts.get(part)]
        told = texts.get("parameters", {})
        names = spec.parameters.get("properties", {})
        missing += [f"{spec.name}.{name}" for name in names if not told.get(name, {}).get("title")]
    assert missing == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_words_are_for_what_is_not_there(package: str, specs: dict[str, ComponentSpec]) -> None:
    for name, texts in _texts(package).items():
        assert name in specs
        assert set(texts["parameters"]) <= set(specs[name].parameters.get("properties", {}))


def _last(text: str | list[str]) -> str:
    """Of several texts for a code the last, which wants nothing but what a reason tells."""
    return text if isinstance(text, str) else text[-1]


def test_every_reason_has_chinese_words_with_the_same_arguments() -> None:
    told = json.loads((ROOT / "web" / "src" / "shared" / "problems-zh.json").read_text())
    assert set(WORDS) <= set(told)
    for code, english in WORDS.items():
        names = {part.partition("}")[0] for part in english.split("{")[1:]}
        assert {part.partition("}}")[0] for part in _last(told[code]).split("{{")[1:]} == names
