"""All artifacts, by digest: a folder is put in place whole, once, by one atomic move.

A crash at any point leaves an artifact there or not there. Small ones never touch the disk here:
the caller keeps their packed content in the database row.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.artifacts import canonical_json, digest_tree, list_files, open_untrusted
from studio.errors import StudioError, say

INLINE_LIMIT = 16 << 10
MAX_FILES = 100_000
_CHUNK = 1 << 20


class OutputError(StudioError):
    """What a step left in an output folder cannot be kept."""

    code = "output.rejected"
    title = "An output was refused"


@dataclass(frozen=True)
class Tree:
    """The regular files below a folder: digest of each by relative path; size in bytes."""

    digest: str
    files: Mapping[str, str]
    size: int


def read_tree(folder: Path) -> Tree:
    """Hash what a step wrote, trusting nothing: links and special files are refused."""
    files, size = {}, 0
    for name in sorted(_output_names(folder)):
        files[name], length = _digest_output(folder, name)
        size += length
    return Tree(digest_tree(files), files, size)


def _output_names(folder: Path) -> list[str]:
    """Everything below a folder that is no folder, by relative path; a link is refused."""
    names, waiting = list[str](), [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(folder / prefix) as entries:
            for entry in entries:
                if entry.is_symlink():
                    raise OutputError(
                        say("Output {prefix!r} is a symbolic link.", prefix=prefix + entry.name)
                    )
                is_folder = entry.is_dir(follow_symlinks=False)
                (waiting if is_folder else names).append(prefix + entry.name + "/" * is_folder)
        if len(names) + len(waiting) > MAX_FILES:
            raise OutputError(
                say(
                    "More than {max_files:,} files in one output are not kept.", max_files=MAX_FILES
                )
            )
    return names


def _digest_output(folder: Path, name: str) -> tuple[str, int]:
    try:
        opened = open_untrusted(folder / name)
    except OSError as error:
        raise OutputError(
            say(
                "Output file {name!r} cannot be read: {strerror}.",
                name=name,
                strerror=error.strerror,
            )
        ) from None
    with opened as file:
        status = os.fstat(file.fileno())
        if status.st_size > (1 << 30) and status.st_blocks * 512 < status.st_size // 2:
            raise OutputError(say("Output file {name!r} is sparse: mostly holes.", name=name))
        checksum = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            checksum.update(chunk)
        os.fsync(file.fileno())
    return checksum.hexdigest(), status.st_size


class Store:
    """Artifacts larger than INLINE_LIMIT, as folders `sha256/ab/<digest>`."""

    def __init__(self, root: Path) -> None:
        self._root = root / "sha256"
        self._root.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest

    def has(self, digest: str) -> bool:
        return self.path(digest).is_dir()

    def put(self, folder: Path, tree: Tree) -> Path:
        """Move a folder that was read as `tree` into place, or leave it: equal content is there.

        What is there is as young as this, so that nobody takes it for forgotten.
        """
        target = self.path(tree.digest)
        with contextlib.suppress(FileNotFoundError):
            os.utime(target)
            return target
        _make_read_only(folder)
        target.parent.mkdir(exist_ok=True)
        try:
            folder.rename(target)
        except OSError:
            if not target.is_dir():  # another writer was faster: its content is the same
                raise
        os.utime(target)
        _sync(target)
        _sync(target.parent)
        return target

    def digests(self, older_than: float = 0.0) -> list[str]:
        """What lies here. older_than: seconds that it must have lain here at least."""
        latest = time.time() - older_than
        return sorted(
            path.name for path in self._root.glob("??/*") if path.stat().st_mtime <= latest
        )

    def remove(self, digest: str) -> None:
        """Moved away first, so that never half of it lies under its name; none is no error."""
        self.discard(digest)
        self.empty_trash()

    def discard(self, digest: str) -> None:
        """Move an artifact away, which is quick; `empty_trash` removes it."""
        self._trash.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            self.path(digest).rename(self._trash / f"{digest}-{uuid.uuid4().hex[:8]}")

    def empty_trash(self) -> None:
        shutil.rmtree(self._trash, ignore_errors=True)

    @property
    def _trash(self) -> Path:
        return self._root.parent / "trash"

    def verify(self, digest: str) -> bool:
        """True when the bytes on disk still have their digest."""
        return self.has(digest) and read_tree(self.path(digest)).digest == digest


def pack(folder: Path, tree: Tree) -> bytes:
    """The content of a small folder as bytes for a database row."""
    content = {name: (folder / name).read_bytes() for name in tree.files}
    return canonical_json({name: base64.b64encode(b).decode() for name, b in content.items()})


def unpack(content: bytes, folder: Path) -> None:
    """Write packed content into a new folder, read-only as in the store."""
    for name, text in json.loads(content).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(text))
    _make_read_only(folder)


def _make_read_only(folder: Path) -> None:
    for name in list_files(folder):
        (folder / name).chmod(0o444)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
