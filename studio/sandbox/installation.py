"""What has to be readable for an interpreter to run: its environment and its installation."""

from __future__ import annotations

import sys
from pathlib import Path

_PARTS = ("bin", "lib", "lib64", "share", "Frameworks", "Python")
PACKAGE = Path(__file__).resolve().parent.parent


def bare_interpreter() -> Path:
    """The studio's own `python`, without the studio's environment."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def installation_folders(interpreter: Path) -> list[Path]:
    """The virtual environment of a `python`, if it is in one, and the Python that it stands on.

    Of an installation only the parts that Python needs: its folder may be somebody's home.
    """
    folders: list[Path] = []
    environment = interpreter.parent.parent
    if (environment / "pyvenv.cfg").is_file():
        folders.append(environment)
    for binary in {interpreter.resolve(), *_links(interpreter)}:
        if binary.parent.parent != environment or not folders:
            folders += _parts(binary.parent.parent)
    return folders


def _links(path: Path) -> list[Path]:
    """Each file that a chain of links leads through."""
    found = []
    while path.is_symlink():
        path = path.parent / path.readlink()
        found.append(path)
    return found


def _parts(prefix: Path) -> list[Path]:
    if str(prefix) in ("/", "/usr"):
        return []
    return [prefix / name for name in _PARTS if (prefix / name).exists()]
