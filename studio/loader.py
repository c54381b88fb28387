"""Find and load the files of a component package; built-in and uploaded ones pass this one door."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from studio.artifacts import digest_bytes, digest_file, digest_tree
from studio.signature import SignatureError, is_component

# Packages are loaded under this name, so that no generic name enters the interpreter.
_ROOT = "studio_packages"


def list_packages(folder: Path) -> list[Path]:
    """The package folders in a folder of packages, in name order."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isidentifier())


def list_component_files(package: Path) -> list[Path]:
    """One file, one component; files that begin with `_` are helpers of the package."""
    return sorted(path for path in package.glob("*.py") if not path.name.startswith("_"))


def digest_component(file: Path) -> str:
    """Digest of a component file and of the files of its package that it imports."""
    return digest_tree({path.name: digest_file(path) for path in component_files(file)})


def component_files(file: Path) -> list[Path]:
    """A component file and, transitively, its siblings named in relative imports."""
    found: dict[Path, None] = {}
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            waiting += _imported_siblings(path)
    return sorted(found)


def _imported_siblings(file: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return  # a broken file has no siblings; reading its spec will say what is wrong
    for item in ast.walk(tree):
        if isinstance(item, ast.ImportFrom) and item.level == 1:
            names = [item.module.split(".")[0]] if item.module else [a.name for a in item.names]
            for name in names:
                sibling = file.parent / f"{name}.py"
                if sibling.is_file():
                    yield sibling


def load_component(file: Path) -> Callable[..., Any]:
    """Import a component file and return its function, which bears the file's name."""
    function = load_function(file, file.stem)
    if not is_component(function):
        raise SignatureError(f"{file.name} defines no component {file.stem!r}.")
    return function


def load_function(file: Path, name: str) -> Callable[..., Any]:
    """Import a file of a package and return a function of it, whether it is marked or not."""
    module = importlib.import_module(f"{_load_package(file.parent)}.{file.stem}")
    function: Any = getattr(module, name, None)
    if not callable(function):
        raise SignatureError(f"{file.name} defines no function {name!r}.")
    return cast("Callable[..., Any]", function)


def _load_package(folder: Path) -> str:
    """Make the folder a package in `sys.modules`, without touching `sys.path`."""
    name = f"{_ROOT}.{folder.name}"
    if name in sys.modules and sys.modules[name].__path__ != [str(folder)]:
        name += f"_{digest_bytes(str(folder).encode())[:16]}"  # another of its name, or version
    if name not in sys.modules:
        root = sys.modules.setdefault(_ROOT, types.ModuleType(_ROOT))
        root.__path__ = []
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name
