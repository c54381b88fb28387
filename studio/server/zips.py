"""A folder as a zip archive, made while it is sent: it may be larger than the memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from studio.artifacts import list_files

_CHUNK = 1 << 20


class _Pipe(io.RawIOBase):
    """Takes what the archive writes, and gives it on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._parts.append(bytes(data))  # type: ignore[call-overload]
        return len(self._parts[-1])

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def zip_folder(folder: Path) -> Iterator[bytes]:
    """The archive in chunks; equal folders give equal bytes. Not packed: our formats are."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:
        for name in list_files(folder):
            # A backslash would be a folder where the archive is opened on Windows.
            entry = zipfile.ZipInfo(name.replace("\\", "_"))
            entry.external_attr = 0o644 << 16
            with (
                (folder / name).open("rb") as file,
                archive.open(entry, "w", force_zip64=True) as target,
            ):
                while chunk := file.read(_CHUNK):
                    target.write(chunk)
                    yield pipe.take()
    yield pipe.take()
