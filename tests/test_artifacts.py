"""Digests, bundles and the store."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.artifacts import Model, canonical_json, digest_path
from studio.store import OutputError, Store, pack, read_tree, unpack

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: dict[str, object]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))


def test_a_bundle_is_read_as_it_was_written(tmp_path: Path) -> None:
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    Model({"a": [1, None, "é"]}, {"w": weights.T}).write(tmp_path)
    read = Model.read(tmp_path)
    assert read.document == {"a": [1, None, "é"]}
    assert (read.arrays["w"] == weights.T).all()
    assert not read.arrays["w"].flags.writeable


def fill(folder: Path, content: bytes = b"content") -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "a.bin").write_bytes(content)
    (folder / "sub" / "b.bin").write_bytes(b"b")
    return folder


def test_equal_content_is_stored_once_and_verified(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    digests = set()
    for name in ("one", "two"):
        folder = fill(tmp_path / name)
        tree = read_tree(folder)
        store.put(folder, tree)
        digests.add(tree.digest)
    (digest,) = digests
    assert store.verify(digest)
    path = store.path(digest) / "a.bin"
    path.chmod(0o600)
    path.write_bytes(b"contenT")
    assert not store.verify(digest)


def test_packing_and_unpacking_is_the_identity(tmp_path: Path) -> None:
    folder = fill(tmp_path / "one")
    unpack(pack(folder, read_tree(folder)), tmp_path / "two")
    assert digest_path(tmp_path / "two") == digest_path(folder)


def _symlink(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


@pytest.mark.parametrize("make", [_symlink, _fifo, _sparse])
def test_what_is_no_ordinary_file_is_refused_by_name(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    folder = fill(tmp_path / "one")
    make(folder / "bad")
    with pytest.raises(OutputError, match="bad"):
        read_tree(folder)
