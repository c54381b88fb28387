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
from studio.errors import ComponentError, NotFoundError
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
    """

    def __init__(self, folders: Sequence[Path], database: Database, store: Store) -> None:
        self._folders = list(folders)
        self._database = database
        self._store = store
        self._known: dict[str, ResolvedPath] = {}

    def resolve(self, paths: Mapping[str, str]) -> dict[str, ResolvedPath]:
        """paths: parameter -> what it names. Raises ComponentError when one is not there."""
        return {name: self._find(name, text) for name, text in paths.items()}

    def _find(self, parameter: str, text: str) -> ResolvedPath:
        if text not in self._known:
            found = _resolve(parameter, text, self._folders, self._database, self._store)
            self._known[text] = found
        return self._known[text]


def _resolve(
    parameter: str, text: str, folders: list[Path], database: Database, store: Store
) -> ResolvedPath:
    if text.startswith(DATASET_PREFIX):
        return _resolve_dataset(parameter, text.removeprefix(DATASET_PREFIX), database, store)
    written = Path(text).expanduser()
    for path in [written] if written.is_absolute() else [folder / written for folder in folders]:
        if os.path.isfile(path):  # noqa: PTH113 - a name that no file can have is no error here
            return ResolvedPath(path, _file_digest(path, database))
        if os.path.isdir(path):  # noqa: PTH112
            files = {name: _file_digest(path / name, database) for name in list_files(path)}
            return ResolvedPath(path, digest_tree(files))
    looked = ", ".join(str(folder) for folder in folders)
    raise ComponentError(
        f"There is no file or folder {_shortened(text)!r}.",
        hint="Check the path." if written.is_absolute() else f"It was looked for in: {looked}.",
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
