"""The built interface: small, whole, and part of what is delivered."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "studio" / "_web" / "assets"
FIRST_LOAD_BYTES = 360 * 1024

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    subprocess.run([sys.executable, "build_web.py"], cwd=ROOT, check=True)


def _closure(*names: str) -> set[str]:
    """Scripts that are loaded before these can run."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            text = (ASSETS / name).read_text(encoding="utf-8")
            waiting += re.findall(r"(?:from|import)\s*[\"']\./([\w.-]+\.js)[\"']", text)
    return found


def _one(pattern: str) -> str:
    (file,) = ASSETS.glob(pattern)
    return file.name


def test_the_first_load_of_the_editor_is_at_most_360_kb_of_script() -> None:
    page = (ASSETS.parent / "index.html").read_text(encoding="utf-8")
    entries = re.findall(r"assets/([\w.-]+\.js)", page)
    names = _closure(*entries, _one("editor-page-*.js"), _one("texts-en-*.js"))
    sizes = {name: len(gzip.compress((ASSETS / name).read_bytes(), 9)) for name in names}
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, sorted(sizes.items(), key=lambda x: -x[1])[:8]


def test_code_editor_and_charts_wait_until_they_are_needed() -> None:
    names = _closure(_one("editor-page-*.js"))
    assert not [name for name in names if re.match("echarts|code-field|components-page", name)]


def test_the_page_loads_nothing_from_elsewhere_and_runs_no_inline_script() -> None:
    page = (ASSETS.parent / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|//\w|<script(?![^>]*\bsrc=)", page)
    for file in ASSETS.glob("*.css"):
        assert not re.search(r"@import|url\((?!data:|\./|#)", file.read_text(encoding="utf-8"))


def test_wheel_and_source_archive_contain_the_interface(tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "build", "-q", "-o", tmp_path], cwd=ROOT, check=True)
    (wheel,), (archive,) = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
    names = zipfile.ZipFile(wheel).namelist()
    assert "studio/_web/index.html" in names
    assert len([name for name in names if name.startswith("studio/_web/assets/")]) >= 8
    with tarfile.open(archive) as sources:
        kept = [name.partition("/")[2] for name in sources.getnames()]
    assert "studio/_web/index.html" in kept
    assert "web/package-lock.json" in kept
    assert not [name for name in kept if "node_modules" in name]
