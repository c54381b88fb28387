"""All components that are here: specs by name, and the files that could not be read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.database.engine import Database
from studio.database.specs import get_spec, put_spec
from studio.loader import digest_component, list_component_files, list_packages
from studio.packages.shelf import PackageShelf
from studio.spec import BrokenComponent, ComponentSpec, ComponentSpecs

Entry = ComponentSpec | BrokenComponent
ReadComponents = Callable[[list[Path]], list[Entry]]
_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Catalog:
    specs: ComponentSpecs
    broken: tuple[BrokenComponent, ...]


class CatalogReader:
    """Reads folders of packages; a file that has not changed is never read twice.

    read: reads the specs of files in another process, one entry a file, in order.
    shelf: the packages that people brought; none: built-in components only.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        database: Database,
        read: ReadComponents,
        shelf: PackageShelf | None = None,
    ) -> None:
        self._folders = list(folders)
        self._shelf = shelf
        self._database = database
        self._read = read
        self._lock = threading.Lock()
        self._known: dict[Path, tuple[_Stamp, Entry]] = {}

    def load(self) -> Catalog:
        with self._lock:
            files = [
                file
                for folder in self._folders
                for package in list_packages(folder)
                for file in list_component_files(package)
            ]
            stamps = {file: _stamp(file) for file in files}
            changed = [file for file in files if not self._is_known(file, stamps[file])]
            entries = {file: self._known[file][1] for file in files if file not in changed}
            entries |= self._find(changed)
            self._known = {file: (stamps[file], entries[file]) for file in files}
            brought, pinned = self._shelf.entries() if self._shelf else ([], {})
            return _catalog([*(entries[file] for file in files), *brought], pinned)

    def _is_known(self, file: Path, stamp: _Stamp) -> bool:
        return file in self._known and self._known[file][0] == stamp

    def _find(self, files: list[Path]) -> dict[Path, Entry]:
        """From the database what was read before, from the inspector the rest."""
        if not files:
            return {}
        digests = {file: digest_component(file) for file in files}
        with self._database.read() as connection:
            found = {file: get_spec(connection, digests[file], str(file)) for file in files}
        missing = [file for file, entry in found.items() if entry is None]
        if missing:
            read = dict(zip(missing, self._read(missing), strict=True))
            with self._database.begin() as connection:
                for file, entry in read.items():
                    put_spec(connection, digests[file], str(file), entry)
            found |= read
        return {file: entry for file, entry in found.items() if entry is not None}


def _stamp(file: Path) -> _Stamp:
    """Changes when the component's file or any file beside it has: nothing is read to know it."""
    return tuple(
        (path.name, (status := path.stat()).st_size, status.st_mtime_ns)
        for path in sorted(file.parent.glob("*.py"))
    )


def _catalog(entries: Sequence[Entry], pinned: Mapping[tuple[str, str], ComponentSpec]) -> Catalog:
    """The first component of a name has it; a second one is broken, and says so."""
    specs: dict[str, ComponentSpec] = {}
    broken: list[BrokenComponent] = []
    for entry in entries:
        if isinstance(entry, BrokenComponent):
            broken.append(entry)
        elif entry.name in specs:
            message = f"There is a component {entry.name!r} already: {specs[entry.name].file}."
            broken.append(BrokenComponent(file=entry.file, package=entry.package, message=message))
        else:
            specs[entry.name] = entry
    return Catalog(ComponentSpecs(specs, pinned), tuple(broken))
