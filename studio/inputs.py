"""What a step reads: files and datasets named by parameters, and artifacts of earlier steps."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.artifacts import digest_file, digest_tree, list_files
from studio.database.artifacts import (
    ArtifactRecord,
    get_dataset,
    get_file_digest,
    put_file_digest,
)
from studio.database.engine import Database
from studio.errors import ComponentError, NotFoundError, say
from studio.settings import Settings
from studio.store import Store, unpack

DATASET_PREFIX = "dataset:"


@dataclass(frozen=True)
class ResolvedPath:
    """A file or folder that exists, and the digest of its content now."""

    path: Path
    digest: str


class PathResolver:
    """Finds what parameters name: `dataset:NAME`, an absolute path, or one below a folder.

    Looks at each once: make a new one to see what has changed since.
    readable: the folders below which files may be read; None: any that the studio's user may read.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        database: Database,
        store: Store,
        readable: Readable | None = None,
    ) -> None:
        self._folders = list(folders)
        self._readable = readable
        self._database = database
        self._store = store
        self._known: dict[str, ResolvedPath] = {}

    def resolve(self, paths: Mapping[str, str]) -> dict[str, ResolvedPath]:
        """paths: parameter -> what it names. Raises ComponentError when one is not there."""
        return {name: self._find(name, text) for name, text in paths.items()}

    def _find(self, parameter: str, text: str) -> ResolvedPath:
        if text not in self._known:
            self._known[text] = self._look(parameter, text)
        return self._known[text]

    def _look(self, parameter: str, text: str) -> ResolvedPath:
        if text.startswith(DATASET_PREFIX):
            name = text.removeprefix(DATASET_PREFIX)
            return _resolve_dataset(parameter, name, self._database, self._store)
        written = Path(text).expanduser()
        paths = [folder / written for folder in self._folders]
        paths = [written] if written.is_absolute() else paths
        if self._readable is not None:
            allowed = [path for path in paths if self._readable.allows(path)]
            if not allowed:
                raise _forbidden(parameter, text)
            paths = allowed
        return _resolve(parameter, text, paths, self._folders, self._database)


@dataclass(frozen=True)
class Readable:
    """In a team: below these folders, wherever links lead, and never the studio's own files."""

    folders: tuple[Path, ...]
    home: Path

    def allows(self, path: Path) -> bool:
        try:
            real, home = path.resolve(), self.home.resolve()
        except (OSError, ValueError, RuntimeError):
            return False
        is_ours = real.is_relative_to(home) or home.is_relative_to(real)
        return not is_ours and any(real.is_relative_to(item.resolve()) for item in self.folders)


def path_resolver(
    settings: Settings, folders: Sequence[Path], database: Database, store: Store
) -> PathResolver:
    """As the settings say. folders: where relative paths are looked for first."""
    readable = settings.readable_folders
    allowed = None if readable is None else Readable(readable, settings.home)
    return PathResolver([*folders, *settings.input_folders], database, store, allowed)


def _forbidden(parameter: str, text: str) -> ComponentError:
    return ComponentError(
        say(
            "{text!r} is in no folder that this studio may read for its team.",
            text=_shortened(text),
        ),
        hint="Upload the file as a dataset, or ask the operator (STUDIO_DATA_FOLDERS).",
        parameter=parameter,
        code="path.forbidden",
    )


def _resolve(
    parameter: str, text: str, paths: list[Path], folders: list[Path], database: Database
) -> ResolvedPath:
    for path in paths:
        if os.path.isfile(path):  # noqa: PTH113 - a name that no file can have is no error here
            return ResolvedPath(path, _file_digest(path, database))
        if os.path.isdir(path):  # noqa: PTH112
            files = {name: _file_digest(path / name, database) for name in list_files(path)}
            return ResolvedPath(path, digest_tree(files))
    looked = ", ".join(str(folder) for folder in folders)
    is_absolute = Path(text).expanduser().is_absolute()
    raise ComponentError(
        say("There is no file or folder {text!r}.", text=_shortened(text)),
        hint="Check the path."
        if is_absolute
        else say("It was looked for in: {looked}.", looked=looked),
        parameter=parameter,
        code="path.missing",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"


def _resolve_dataset(parameter: str, name: str, database: Database, store: Store) -> ResolvedPath:
    try:
        with database.read() as connection:
            dataset = get_dataset(connection, name)
    except NotFoundError as error:
        raise ComponentError(
            error.message, hint=error.hint, parameter=parameter, code=error.code
        ) from None
    return ResolvedPath(next(store.path(dataset.digest).iterdir()), dataset.digest)


def _file_digest(path: Path, database: Database) -> str:
    """The digest of a file, read again only when its size or time has changed."""
    status = path.stat()
    key = (str(path), status.st_size, status.st_mtime_ns)
    with database.read() as connection:
        known = get_file_digest(connection, *key)
    if known is not None:
        return known
    digest = digest_file(path)
    with database.begin() as connection:
        put_file_digest(connection, *key, digest)
    return digest


def place_artifact(artifact: ArtifactRecord, folder: Path, store: Store) -> Path:
    """Where an artifact can be read: in the store, or unpacked into `folder`."""
    if artifact.content is None:
        return store.path(artifact.digest)
    if not folder.exists():
        folder.mkdir(parents=True)
        unpack(artifact.content, folder)
    return folder
