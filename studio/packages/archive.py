"""What is taken from an upload: regular files with plain names, within limits; the rest is refused.

A `.py` file, a zip or a folder becomes the same thing: files by their relative path, whose digest
is that of the package version. Nothing is written to disk here, so nothing can be written outside.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from studio.artifacts import digest_bytes, digest_tree
from studio.errors import Problem, StudioError, say

Files = dict[str, bytes]

MAX_UPLOAD = 32 << 20
MAX_FILES = 1000
_MAX_SIZE = 64 << 20
_MAX_FILE = 16 << 20
_MAX_SOURCE = 1 << 20
_MAX_PATH = 200
_MAX_DIRECTORY = 1 << 20
_CHUNK = 1 << 16

_PART = re.compile(r"[\w][\w.,+@ ()-]*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# Left out without a word: what tools leave beside code, never part of it.
_IGNORED = frozenset({"__pycache__", "__MACOSX", "node_modules", "venv", "Thumbs.db"})


class ArchiveError(StudioError):
    """An upload that cannot be a package; `member` is the file that is wrong."""

    status = 422
    code = "archive.invalid"
    title = "The upload cannot be a package"

    def __init__(
        self, code: str, message: str, *, member: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=f"archive.{code}")
        self._member = member

    def problems(self) -> tuple[Problem, ...]:
        return (Problem(self.code, self.message, hint=self.hint, field=self._member),)


def digest_package(files: Mapping[str, bytes]) -> str:
    """The digest of a package version: of the names and bytes of all its files."""
    return digest_tree({name: digest_bytes(content) for name, content in files.items()})


def read_upload(content: bytes, filename: str) -> tuple[Files, str]:
    """The files of an upload, and the name that it suggests for the package."""
    stem = PurePosixPath(filename.replace("\\", "/")).name
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        files, folder = _without_top_folder(dict(_read_zip(content)))
        return _checked(files), folder or stem.removesuffix(".zip")
    if not stem.endswith(".py"):
        raise ArchiveError("type", "The upload is neither a zip nor a .py file.")
    name = stem.removesuffix(".py")
    return _checked({f"{name}.py": content}), name


def read_folder(folder: Path) -> Files:
    """The files of a folder on this machine; links are refused, hidden files left out."""
    if folder.is_file():
        return read_upload(folder.read_bytes(), folder.name)[0]
    files: Files = {}
    for directory, names, found in os.walk(folder):
        names[:] = sorted(name for name in names if not _is_ignored(name))
        for name in sorted(found):
            path = Path(directory) / name
            member = path.relative_to(folder).as_posix()
            if _is_ignored(name):
                continue
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                raise ArchiveError(
                    "special", say("{member} is no regular file.", member=member), member=member
                )
            _check_size(member, status.st_size, sum(map(len, files.values())))
            files[member] = path.read_bytes()
    return _checked(files)


def check_files(files: Mapping[str, bytes]) -> Files:
    """Files that came by name, such as from the editor in the browser, held to the same rules."""
    for name in files:
        _check_name(name)
    return _checked(dict(files))


def _checked(files: Files) -> Files:
    """No two names that one file system would take for the same; sources within their limit."""
    if len(files) > MAX_FILES:
        raise ArchiveError(
            "too_many",
            say(
                "{count:,} files; {max_files:,} are taken at most.",
                count=len(files),
                max_files=MAX_FILES,
            ),
        )
    seen: dict[str, str] = {}
    total = 0
    for name, content in files.items():
        _check_name(name)
        _check_size(name, len(content), total)
        total += len(content)
        key = unicodedata.normalize("NFC", name).casefold()
        if key in seen:
            message = say(
                "{seen} and {name} are one file on some machines.", seen=seen[key], name=name
            )
            raise ArchiveError("duplicate", message, member=name, hint="Rename one of them.")
        seen[key] = name
        _check_source(name, content)
    if not any(name.endswith(".py") for name in files):
        raise ArchiveError("empty", "There is no .py file in the upload.")
    return dict(sorted(files.items()))


def _check_source(name: str, content: bytes) -> None:
    if not name.endswith(".py"):
        return
    if len(content) > _MAX_SOURCE:
        message = say(
            "{name} has {count:,} bytes; a source file may have {max_source:,}.",
            name=name,
            count=len(content),
            max_source=_MAX_SOURCE,
        )
        raise ArchiveError("too_large", message, member=name)
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = say("{name} is not UTF-8: the byte at {start}.", name=name, start=error.start)
        raise ArchiveError("encoding", message, member=name, hint="Save it as UTF-8.") from None


def _check_name(name: str) -> None:
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise ArchiveError("absolute", say("{name!r} is an absolute path.", name=name), member=name)
    parts = name.split("/")
    if ".." in parts or "\\" in name:
        raise ArchiveError(
            "path", say("{name!r} leads out of the package.", name=name), member=name
        )
    plain = all(_PART.fullmatch(part) and not _RESERVED.fullmatch(part) for part in parts)
    if not plain or len(name) > _MAX_PATH or name.endswith((".", " ")):
        message = say("{name!r} cannot be the name of a file.", name=name[:_MAX_PATH])
        hint = "Use letters, digits, spaces and . _ - and 200 characters at most."
        raise ArchiveError("name", message, member=name[:_MAX_PATH], hint=hint)


def _check_size(member: str, size: int, before: int) -> None:
    if size > _MAX_FILE or before + size > _MAX_SIZE:
        message = say(
            "{member}: a file may have {max_file:,} bytes, a package {max_size:,}.",
            member=member,
            max_file=_MAX_FILE,
            max_size=_MAX_SIZE,
        )
        hint = "Data belongs into datasets, not into a package."
        raise ArchiveError("too_large", message, member=member, hint=hint)


def _read_zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    _check_directory(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_members(members)
            total = 0
            for member in members:
                if member.is_dir() or any(map(_is_ignored, member.filename.split("/"))):
                    continue
                data = _read_member(archive, member, total)
                total += len(data)
                yield member.filename, data
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise ArchiveError(
            "damaged", say("The zip cannot be read: {error}.", error=error)
        ) from None
    except (struct.error, ValueError, OverflowError, RuntimeError) as error:
        raise ArchiveError(
            "damaged", say("The zip cannot be read: {error}.", error=error)
        ) from None


def _check_directory(content: bytes) -> None:
    """A million entries are refused by the size of their list, before it is read."""
    at = content.rfind(b"PK\x05\x06", max(0, len(content) - (1 << 16) - 22))
    if at < 0 or len(content) < at + 22:
        raise ArchiveError("damaged", "The zip has no list of its files.")
    (size,) = struct.unpack_from("<L", content, at + 12)
    if size > _MAX_DIRECTORY:
        raise ArchiveError(
            "too_many", say("The zip holds more than {max_files:,} files.", max_files=MAX_FILES)
        )


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > 2 * MAX_FILES:
        raise ArchiveError(
            "too_many",
            say(
                "{count:,} entries; {max_files:,} are taken.",
                count=len(members),
                max_files=MAX_FILES,
            ),
        )
    names = [member.filename for member in members]
    for member in members:
        name = member.filename
        if member.orig_filename != name or "\0" in member.orig_filename:
            shown = member.orig_filename.replace("\0", "\\0")
            raise ArchiveError("name", say("{shown!r} is no plain name.", shown=shown), member=name)
        if not member.flag_bits & 0x800 and not name.isascii():
            message = say("{name!r} is not written in UTF-8.", name=name)
            raise ArchiveError("name", message, member=name, hint="Use plain letters in names.")
        if member.flag_bits & 0x1:
            raise ArchiveError("encrypted", say("{name} is encrypted.", name=name), member=name)
        mode = member.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ArchiveError(
                "special", say("{name} is a link or a special file.", name=name), member=name
            )
        if names.count(name) > 1:
            raise ArchiveError(
                "duplicate", say("{name} is in the zip twice.", name=name), member=name
            )
        if not any(map(_is_ignored, name.split("/"))):
            _check_name(name.removesuffix("/"))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, before: int) -> bytes:
    """At most as much as is taken, whatever the archive says that it holds."""
    data = bytearray()
    with archive.open(member) as file:
        while chunk := file.read(_CHUNK):
            data += chunk
            _check_size(member.filename, len(data), before)
    return bytes(data)


def _without_top_folder(files: Files) -> tuple[Files, str | None]:
    """A zip of one folder is that folder, whose name is then suggested."""
    tops = {name.partition("/")[0] for name in files}
    if len(tops) != 1 or any("/" not in name for name in files):
        return files, None
    top = tops.pop()
    return {name.partition("/")[2]: content for name, content in files.items()}, top


def _is_ignored(name: str) -> bool:
    hidden = name.startswith(".") and not name.startswith("..")
    return hidden or name in _IGNORED
