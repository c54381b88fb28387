"""Of an upload only regular files with plain names are taken, and never too many or too large."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.packages.archive import (
    MAX_FILES,
    ArchiveError,
    check_files,
    digest_package,
    read_folder,
    read_upload,
)

CODE = b"def f(): ...\n"


def make_zip(*members: Any, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Members are (name or ZipInfo, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def encrypted() -> bytes:
    """The flag of encryption in both headers; there is no password to be asked for."""
    content = bytearray(make_zip(("a.py", CODE)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + offset] |= 1
    return bytes(content)


def renamed(name: bytes) -> bytes:
    """A member whose name is replaced by bytes that no library would write."""
    plain = b"x" * len(name) + b".py"
    return make_zip((plain.decode(), CODE)).replace(plain, name + b".py")


HOSTILE = {
    "parent": (make_zip(("../evil.py", CODE)), "archive.path"),
    "deep parent": (make_zip(("a/../../evil.py", CODE)), "archive.path"),
    "only dots": (make_zip(("..", CODE), ("a.py", CODE)), "archive.path"),
    "absolute": (make_zip(("/etc/evil.py", CODE), ("a.py", CODE)), "archive.absolute"),
    "drive": (make_zip(("C:/evil.py", CODE), ("a.py", CODE)), "archive.absolute"),
    "backslash": (renamed(b"..\\evil"), "archive.path"),
    "nul": (renamed(b"a\0b"), "archive.name"),
    "newline": (make_zip(("a\nb.py", CODE)), "archive.name"),
    "not UTF-8": (renamed(b"\xff\xfe"), "archive.name"),
    "reserved": (make_zip(("con.py", CODE)), "archive.name"),
    "long": (make_zip(("a" * 300 + ".py", CODE)), "archive.name"),
    "symlink": (make_zip((entry("a.py", stat.S_IFLNK | 0o777), b"/etc/passwd")), "archive.special"),
    "fifo": (make_zip((entry("a.py", stat.S_IFIFO | 0o644), b"")), "archive.special"),
    "device": (make_zip((entry("a.py", stat.S_IFCHR | 0o644), b"")), "archive.special"),
    "case twins": (make_zip(("a.py", CODE), ("A.py", CODE)), "archive.duplicate"),
    "encrypted": (encrypted(), "archive.encrypted"),
    "bomb": (make_zip(("a.py", CODE), ("data.bin", bytes(200 << 20))), "archive.too_large"),
    "many": (make_zip(*((f"f{i}.py", b"") for i in range(MAX_FILES + 1))), "archive.too_many"),
    "very many": (make_zip(*((f"f{i}", b"") for i in range(40_000))), "archive.too_many"),
    "no code": (make_zip(("readme.md", b"")), "archive.empty"),
    "empty": (make_zip(), "archive.empty"),
    "cut": (make_zip(("a.py", CODE * 100))[:-30], "archive.damaged"),
    "latin-1": (make_zip(("a.py", "é = 1".encode("latin-1"))), "archive.encoding"),
    "large source": (make_zip(("a.py", b"#" * (2 << 20))), "archive.too_large"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_by_name(name: str) -> None:
    content, code = HOSTILE[name]
    with pytest.raises(ArchiveError) as caught:
        read_upload(content, "x.zip")
    assert caught.value.code == code


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_in_the_zip_twice_is_refused() -> None:
    with pytest.raises(ArchiveError, match="twice") as caught:
        read_upload(make_zip(("a.py", CODE), ("a.py", b"other")), "x.zip")
    assert caught.value.code == "archive.duplicate"


def test_a_member_that_is_larger_than_it_says_is_refused() -> None:
    content = bytearray(make_zip(("a.py", CODE * 1000)))
    at = content.find(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<L", 5)
    with pytest.raises(ArchiveError) as caught:
        read_upload(bytes(content), "x.zip")
    assert caught.value.code == "archive.damaged"


@given(st.binary(max_size=300))
def test_any_bytes_give_files_or_a_clear_refusal(content: bytes) -> None:
    for upload in (content, b"PK\x03\x04" + content, make_zip(("a.py", CODE))[:60] + content):
        try:
            files, _ = read_upload(upload, "x.zip")
        except ArchiveError:
            continue
        assert all("/../" not in f"/{name}/" for name in files)


@given(st.data())
def test_a_flipped_byte_gives_the_same_files_or_a_clear_refusal(data: st.DataObject) -> None:
    whole = make_zip(("pkg/a.py", CODE), ("pkg/data.csv", b"1,2\n" * 50))
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = bytearray(whole)
    broken[at] ^= data.draw(st.integers(1, 255))
    try:
        files, _ = read_upload(bytes(broken), "x.zip")
    except ArchiveError:
        return
    assert set(files.values()) <= {CODE, b"1,2\n" * 50}


def test_a_zip_of_one_folder_is_that_folder() -> None:
    files, name = read_upload(make_zip(("my_pkg/a.py", CODE), ("my_pkg/d/x.csv", b"1")), "x.zip")
    assert (sorted(files), name) == (["a.py", "d/x.csv"], "my_pkg")


def test_what_tools_leave_beside_code_is_left_out() -> None:
    made = make_zip(
        ("p/a.py", CODE), ("p/.git/config", b""), ("p/__pycache__/a.pyc", b""), ("p/.env", b"s")
    )
    assert sorted(read_upload(made, "x.zip")[0]) == ["a.py"]


def test_one_file_a_zip_and_a_folder_of_it_have_one_digest(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_bytes(CODE)
    digests = {
        digest_package(read_upload(CODE, "f.py")[0]),
        digest_package(read_upload(make_zip(("f.py", CODE)), "any.zip")[0]),
        digest_package(read_folder(tmp_path)),
        digest_package(read_folder(tmp_path / "f.py")),
    }
    assert len(digests) == 1


def test_a_folder_with_a_link_or_a_pipe_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_bytes(CODE)
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    with pytest.raises(ArchiveError) as caught:
        read_folder(tmp_path)
    assert caught.value.code == "archive.special"
    (tmp_path / "link.py").unlink()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArchiveError):
        read_folder(tmp_path)


@pytest.mark.parametrize("name", ["../x.py", "/x.py", "a\\b.py", "", "a//b.py", ".x.py", "a/.."])
def test_files_by_name_are_held_to_the_same_rules(name: str) -> None:
    with pytest.raises(ArchiveError):
        check_files({name: CODE, "a.py": CODE})


@pytest.mark.parametrize("filename", ["x.txt", "x", "x.pyc", "x.tar.gz"])
def test_what_is_neither_zip_nor_python_is_refused(filename: str) -> None:
    with pytest.raises(ArchiveError) as caught:
        read_upload(CODE, filename)
    assert caught.value.code == "archive.type"
