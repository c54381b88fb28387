"""The digest of an environment on disk, and a quick look that tells whether it was touched.

The digest is over names, bytes, modes and links, so that a `.pth` file that was dropped or a
module that was changed is seen. Reading all of it takes a second; the mark is over sizes, inodes
and times, which nothing but the clock's owner can set back, and takes milliseconds.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from studio.artifacts import digest_file, digest_json


def digest_environment(folder: Path) -> tuple[str, int]:
    """Digest and size in bytes of everything below a folder."""
    items: dict[str, str] = {}
    size = 0
    for name, status in _walk(folder):
        path = folder / name
        if stat.S_ISLNK(status.st_mode):
            items[name] = f"link {path.readlink()}"
        elif stat.S_ISREG(status.st_mode):
            items[name] = f"{stat.S_IMODE(status.st_mode):o} {digest_file(path)}"
            size += status.st_size
        else:
            items[name] = f"special {stat.S_IFMT(status.st_mode)}"
    return digest_json(sorted(items.items())), size


def mark_environment(folder: Path) -> str:
    """Changes with any change below a folder, bytes unread."""
    return digest_json([(name, *_touched(status)) for name, status in sorted(_walk(folder))])


def _touched(status: os.stat_result) -> tuple[int, ...]:
    times = status.st_mtime_ns, status.st_ctime_ns
    return (status.st_mode, status.st_size, status.st_ino, *times)


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Everything but folders, by relative path; links are not followed."""
    waiting = [""]
    while waiting:
        prefix = waiting.pop()
        with os.scandir(folder / prefix) as entries:
            for entry in entries:
                name = f"{prefix}{entry.name}"
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(name + "/")
                else:
                    yield name, status
