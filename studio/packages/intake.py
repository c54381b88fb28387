"""What becomes of an upload or an edit: files, a name, and then a version on the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.database.audit import Actor
from studio.database.packages import PackageVersionRecord
from studio.packages.archive import Files, read_upload
from studio.packages.metadata import read_about
from studio.packages.shelf import PackageShelf, package_name
from studio.spec import ComponentSpec


@dataclass(frozen=True)
class Upload:
    """The bytes of a zip or a .py file, what it is called, and what the package shall be called.

    name None: as the project says, else as the file is called.
    """

    content: bytes
    filename: str
    name: str | None = None
    note: str = ""


def keep_upload(
    shelf: PackageShelf, specs: Mapping[str, ComponentSpec], upload: Upload, actor: Actor
) -> tuple[PackageVersionRecord, bool]:
    """Keep an upload as a version, and say whether it is new. specs: all that is there now."""
    files, suggested = read_upload(upload.content, upload.filename)
    name = package_name(read_about(files).name or suggested, upload.name)
    return keep_files(shelf, specs, files, name, actor=actor, note=upload.note)


def keep_files(
    shelf: PackageShelf,
    specs: Mapping[str, ComponentSpec],
    files: Files,
    name: str,
    *,
    actor: Actor,
    note: str = "",
    based_on: int | None = None,
) -> tuple[PackageVersionRecord, bool]:
    """Keep the files of a package as a version; based_on: the version that was changed."""
    taken = {
        spec.name: f"it is of package {spec.package}"
        for spec in specs.values()
        if spec.package != name or spec.origin == "builtin"
    }
    return shelf.add(files, name, taken, actor=actor, note=note, based_on=based_on)
