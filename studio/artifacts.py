"""What an artifact is: a folder whose digest says its content, and the values kept in one.

Every kind but `table` and `file` is a *bundle*: one JSON document `<kind>.json` and named arrays
`<name>.npy`. Nothing in an artifact is ever unpickled, so reading one cannot run code.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args

if TYPE_CHECKING:  # numpy is imported when an array is touched: the worker side is light
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

Kind = Literal["table", "feature_map", "examples", "embedding", "logit", "model", "report", "file"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_CHUNK = 1 << 20


def canonical_json(value: object) -> bytes:
    """The one spelling of a JSON value: sorted keys, no spaces, UTF-8, no NaN or infinity."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest_json(value: object) -> str:
    return digest_bytes(canonical_json(value))


def digest_file(path: Path) -> str:
    checksum = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            checksum.update(chunk)
    return checksum.hexdigest()


def open_untrusted(path: Path) -> io.FileIO:
    """Open a file that anybody may have made: no link is followed, no pipe is waited for.

    Raises OSError, also for what is no regular file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return io.FileIO(descriptor)


def digest_tree(files: Mapping[str, str]) -> str:
    """Digest of a folder, from the digest of each file by its relative POSIX path."""
    return digest_json(sorted(files.items()))


def digest_path(path: Path) -> str:
    """Digest of a file by its bytes, of a folder by the files below it."""
    if path.is_file():
        return digest_file(path)
    return digest_tree({name: digest_file(path / name) for name in list_files(path)})


def list_files(folder: Path) -> list[str]:
    """Relative POSIX paths of the files below a folder, sorted; symlinks are not followed."""
    names = []
    for directory, _, files in os.walk(folder):
        names += [(Path(directory) / file).relative_to(folder).as_posix() for file in files]
    return sorted(names)


class Arrays(Mapping[str, "Array"]):
    """The `.npy` files of a bundle as memory-mapped, read-only arrays, opened when asked for."""

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.npy"))}

    def __getitem__(self, name: str) -> Array:
        import numpy as np

        return np.load(self._paths[name], mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


@dataclass(frozen=True)
class Bundle:
    """A JSON document and named arrays. `digest` is set by the platform on what it hands in."""

    kind: ClassVar[Kind]
    document: Mapping[str, Any]
    arrays: Mapping[str, Array] = field(default_factory=dict)
    digest: str | None = None

    @classmethod
    def read(cls, folder: Path, digest: str | None = None) -> Self:
        document = json.loads((folder / f"{cls.kind}.json").read_bytes())
        return cls(document=document, arrays=Arrays(folder), digest=digest)

    def write(self, folder: Path) -> None:
        import numpy as np

        (folder / f"{self.kind}.json").write_bytes(canonical_json(self.document))
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)


class FeatureMap(Bundle):
    """What every field of a table becomes: its indices, vocabularies and statistics."""

    kind = "feature_map"


class Examples(Bundle):
    """Encoded rows, ready to train on: `feat_index`, `feat_value` (n, F), `label` (n,), ..."""

    kind = "examples"


class Embedding(Bundle):
    """A description of an embedding block; no weights."""

    kind = "embedding"


class Logit(Bundle):
    """A description of the blocks that end in one logit; no weights."""

    kind = "logit"


class Model(Bundle):
    """A trained model: its blocks, its feature map, and its weights as arrays."""

    kind = "model"


class Report(Bundle):
    """Numbers and series to look at."""

    kind = "report"


@dataclass(frozen=True)
class File:
    """One file of any format, kept as it is."""

    kind: ClassVar[Kind] = "file"
    path: Path
    digest: str | None = None


BUNDLES: tuple[type[Bundle], ...] = (FeatureMap, Examples, Embedding, Logit, Model, Report)
