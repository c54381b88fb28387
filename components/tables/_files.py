"""Which files a path means, which format they have, and the bytes in one of them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Literal, cast

from studio.component import ComponentError, say

Format = Literal["csv", "parquet", "jsonl"]

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_MAGIC = b"\x1f\x8b"


def list_data_files(path: Path) -> list[Path]:
    """The file, or a folder's files in name order, without those that begin with . or _."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise ComponentError(
            say("There is no file or folder {name!r}.", name=path.name),
            hint=say("Looked for {path}. Upload the file, or correct the path.", path=path),
            parameter="path",
            code="file.missing",
        )
    files = sorted(file for file in path.iterdir() if file.is_file() and file.name[0] not in "._")
    if not files:
        raise ComponentError(
            say("The folder {name!r} holds no files.", name=path.name),
            parameter="path",
            code="file.missing",
        )
    return files


def format_of(files: list[Path], chosen: str) -> Format:
    """The format that was chosen, or the one that every file name tells."""
    if chosen != "auto":
        return cast(Format, chosen)
    formats = {file.name: _format_of_name(file) for file in files}
    if len(set(formats.values())) > 1:
        told = ", ".join(f"{name} ({format})" for name, format in list(formats.items())[:5])
        raise ComponentError(
            say("The folder mixes formats: {told}.", told=told),
            hint="Keep files of one format in a folder, or choose the format.",
            parameter="path",
            code="file.mixed_formats",
        )
    return next(iter(formats.values()))


def _format_of_name(file: Path) -> Format:
    name = file.with_suffix("") if file.suffix == ".gz" else file
    if name.suffix.lower() in _FORMATS:
        return _FORMATS[name.suffix.lower()]
    raise ComponentError(
        say("The name {name!r} does not tell its format.", name=file.name),
        hint=say(
            "Set the format, or use one of the endings {formats}.", formats=", ".join(_FORMATS)
        ),
        parameter="format",
        code="file.format",
    )


def read_bytes(file: Path) -> bytes:
    """The content of a file, unpacked where it is packed with gzip."""
    content = file.read_bytes()
    if not content.startswith(_MAGIC):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ComponentError(
            say("{name} is a damaged gzip file: {error}.", name=file.name, error=error),
            hint="Copy or pack the file again.",
            parameter="path",
            code="file.gzip",
        ) from error
