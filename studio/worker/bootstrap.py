"""Run a step in an interpreter that is not the studio's: `bootstrap.py FOLDER PIPE TAG LIBRARY...`.

The worker's side of the studio is put before everything else; of what it needs, a LIBRARY
(`name=path`) is lent only where the environment has none of that name, and only to the Python
(TAG) that it was made for. Nothing here is on `sys.path`, so no other name of ours is seen.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

_STUDIO = Path(__file__).parent.parent


class Lender(MetaPathFinder):
    """Finds top-level modules at given paths: a package's folder, or a module's file."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = dict(paths)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        place = self._paths.get(name)
        if place is None:
            return None
        if place.suffix == ".py":
            return importlib.util.spec_from_file_location(name, place)
        return importlib.util.spec_from_file_location(
            name, place / "__init__.py", submodule_search_locations=[str(place)]
        )


def main() -> int:
    folder, pipe, tag, *libraries = sys.argv[1:]
    sys.meta_path.insert(0, Lender({"studio": _STUDIO}))
    if sys.implementation.cache_tag == tag:
        pairs = (library.partition("=") for library in libraries)
        sys.meta_path.append(Lender({name: Path(path) for name, _, path in pairs}))
    from studio.worker.main import run_step

    return run_step(folder, int(pipe))


if __name__ == "__main__":
    sys.exit(main())
