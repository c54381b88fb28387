"""The packages of a studio: their rows in the database, their files under the home by digest."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from studio.artifacts import digest_path
from studio.database.audit import Actor, add_audit
from studio.database.engine import Database
from studio.database.packages import (
    PackageVersionRecord,
    add_version,
    get_approval,
    is_digest_known,
    list_versions,
    packages_stamp,
)
from studio.errors import ConflictError, PipelineError, Problem, StudioError, say
from studio.packages.archive import ArchiveError, Files, digest_package
from studio.packages.metadata import read_about
from studio.spec import BrokenComponent, ComponentSpec

Entry = ComponentSpec | BrokenComponent
# Python files by path, the package's name, its digest -> components and problems.
ReadSources = Callable[[Mapping[str, str], str, str], list[Entry]]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Files beside components that are not components.
_NO_COMPONENT = re.compile(r"(_.*|test_.*|.*_test|conftest|setup|noxfile)\.py")


class PackageError(StudioError):
    status = 422
    code = "package.invalid"
    title = "The package cannot be kept"


class UnreadableError(PipelineError):
    """No component of an upload can be read: every problem with its file, line and column."""

    code = "package.unreadable"
    title = "The package cannot be read"


class PackageShelf:
    """Thread-safe. read: reads the sources of a package in another process."""

    def __init__(self, home: Path, database: Database, read: ReadSources) -> None:
        self.root = home / "packages"
        self._database = database
        self._read = read
        self._stamp: tuple[object, ...] | None = None
        self._entries: tuple[list[Entry], dict[tuple[str, str], ComponentSpec]] = ([], {})

    def add(
        self,
        files: Files,
        name: str,
        taken: Mapping[str, str],
        *,
        actor: Actor,
        note: str = "",
        based_on: int | None = None,
    ) -> tuple[PackageVersionRecord, bool]:
        """Keep a version, and say whether it is new; what was there already is given as it was.

        taken: components of other packages, by name -> what has the name.
        Raises UnreadableError, PackageError, ArchiveError, or ConflictError for a name taken.
        """
        about = read_about(files)
        digest = digest_package(files)
        entries = self.read_entries(files, name, digest)
        _check_entries(entries, taken)
        self._keep(files, name, digest)
        record = PackageVersionRecord(
            package=name,
            version=0,
            digest=digest,
            about=about.model_dump(mode="json"),
            entries=[entry.model_dump(mode="json") for entry in entries],
            files=len(files),
            size=sum(map(len, files.values())),
            environment=None,
            report=None,
            note=note,
            author=actor.name,
            created_at=0.0,
        )
        with self._database.begin() as connection:
            stored, is_new = add_version(connection, record, based_on)
            if is_new:
                where = f"package:{name}"
                add_audit(connection, actor, "upload", where, version=stored.version, digest=digest)
        return stored, is_new

    def read_entries(self, files: Files, name: str, digest: str) -> list[Entry]:
        """The components of a package's top folder; nothing of it is run."""
        sources = {
            file: content.decode("utf-8-sig")
            for file, content in files.items()
            if file.endswith(".py") and "/" not in file and not _NO_COMPONENT.fullmatch(file)
        }
        return _without_repeats(self._read(sources, name, digest))

    def folder(self, record: PackageVersionRecord) -> Path:
        return self.root / record.digest / record.package

    def files(self, record: PackageVersionRecord) -> Files:
        """The files of a version, as they were uploaded; raises when they have been changed."""
        folder = self.folder(record)
        if not is_intact(folder, record.digest):
            raise _tampered(record.package, record.digest)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def remove_files(self, record: PackageVersionRecord) -> None:
        """Remove the files of a version that the database no longer knows."""
        with self._database.read() as connection:
            if is_digest_known(connection, record.digest):
                return
        shutil.rmtree(self.root / record.digest, ignore_errors=True)

    def entries(self) -> tuple[list[Entry], dict[tuple[str, str], ComponentSpec]]:
        """What stands in the catalog: of each package the newest version's entries; and every
        spec of every version by name and digest, for the pipelines that pin one."""
        with self._database.read() as connection:
            stamp = packages_stamp(connection)
            if stamp == self._stamp:
                return self._entries
            records = list_versions(connection)
        newest: dict[str, list[Entry]] = {}
        pinned: dict[tuple[str, str], ComponentSpec] = {}
        for record in records:
            specs = [self._placed(record, spec) for spec in record.components]
            newest.setdefault(record.package, [*specs, *record.broken])
            for spec in specs:
                pinned.setdefault((spec.name, spec.digest), spec)
        self._entries = [entry for entries in newest.values() for entry in entries], pinned
        self._stamp = stamp
        return self._entries

    def _placed(self, record: PackageVersionRecord, spec: ComponentSpec) -> ComponentSpec:
        file = str(self.folder(record) / spec.file)
        asked = tuple(record.about["requirements"])
        return spec.model_copy(
            update={"file": file, "requirements": asked, "environment": record.environment}
        )

    def _keep(self, files: Files, name: str, digest: str) -> None:
        """Files first, rows after: a crash between leaves files that nobody names."""
        target = self.root / digest / name
        if target.is_dir():
            if is_intact(target, digest):
                return
            shutil.rmtree(target)  # what was changed by hand is replaced by what was uploaded
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=self.root, prefix=".new-"))
        for member, content in files.items():
            _write(temporary / member, content)
        temporary.chmod(0o755)
        try:
            temporary.rename(target)
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)
            if not target.is_dir():
                raise


def package_name(text: str, given: str | None = None) -> str:
    """The name of a package as Python writes names, from what it is called."""
    name = re.sub(r"[\s.-]+", "_", (given or text).strip()).lower()
    if not _NAME.fullmatch(name):
        raise PackageError(
            say("{given!r} cannot be the name of a package.", given=(given or text)[:100]),
            hint="Begin with a letter; letters, digits and _ follow, 64 at most.",
            code="package.name",
        )
    return name


def is_intact(folder: Path, digest: str) -> bool:
    """Whether the files of a package are those that its digest names: no more, no less."""
    links = [path for path in folder.rglob("*") if path.is_symlink()]
    return folder.is_dir() and not links and digest_path(folder) == digest


def check_approved(database: Database, spec: ComponentSpec) -> Problem | None:
    """Why code that a person brought may not run now; None: it may."""
    if spec.origin != "package":
        return None
    with database.read() as connection:
        approval = get_approval(connection, spec.digest)
    if approval.state == "approved":
        return check_libraries(spec)
    short = spec.digest[:12]
    if approval.state == "revoked":
        message = say(
            "{name} of package {package} ({short}…) was revoked by {actor}.",
            name=spec.name,
            package=spec.package,
            short=short,
            actor=approval.actor,
        )
        return Problem("package.revoked", message, hint="Use another version of it.")
    message = say(
        "{name} of package {package} ({short}…) has not been approved to run.",
        name=spec.name,
        package=spec.package,
        short=short,
    )
    return Problem("package.not_approved", message, hint="Look at its code, then approve it.")


def check_libraries(spec: ComponentSpec) -> Problem | None:
    """Why a component's libraries keep it from running; None: they do not."""
    if spec.requirements and spec.brings_layers:
        message = say(
            "{name} gives a layer, but package {package} has libraries of its own.",
            name=spec.name,
            package=spec.package,
        )
        hint = "A layer runs within `train`, with the studio's libraries: put it into a package"
        return Problem("block.requirements", message, hint=f"{hint} without requirements.")
    if not spec.requirements or spec.environment is not None:
        return None
    message = say("The libraries of package {package} are not installed yet.", package=spec.package)
    hint = "Wait until they are; the page of the package says how far they are, or what is wrong."
    return Problem("environment.not_ready", message, hint=hint)


def _check_entries(entries: list[Entry], taken: Mapping[str, str]) -> None:
    specs = [entry for entry in entries if isinstance(entry, ComponentSpec)]
    broken = [entry for entry in entries if isinstance(entry, BrokenComponent)]
    if not specs and broken:
        raise UnreadableError(map(broken_problem, broken))
    if not specs:
        raise PackageError(
            "There is no component in the package.",
            hint="Write a typed function, named like its file or marked with @component.",
            code="package.no_component",
        )
    for spec in specs:
        if spec.name in taken:
            raise ConflictError(
                say(
                    "There is a component {name!r} already: {taken}.",
                    name=spec.name,
                    taken=taken[spec.name],
                ),
                hint="Give the function another name.",
                code="component.name_taken",
            )


def broken_problem(entry: BrokenComponent) -> Problem:
    return Problem(
        "source.invalid",
        entry.message,
        field=Path(entry.file).name,
        line=entry.line,
        column=entry.column,
    )


def _without_repeats(entries: list[Entry]) -> list[Entry]:
    seen: set[str] = set()
    kept: list[Entry] = []
    for entry in entries:
        if isinstance(entry, ComponentSpec) and entry.name in seen:
            message = say("There are two components {name!r} in this package.", name=entry.name)
            entry = BrokenComponent(file=entry.file, package=entry.package, message=message)
        elif isinstance(entry, ComponentSpec):
            seen.add(entry.name)
        kept.append(entry)
    return kept


def _tampered(name: str, digest: str) -> ArchiveError:
    return ArchiveError(
        "tampered",
        say(
            "The files of package {name} on this machine are not those of {digest}… any more.",
            name=name,
            digest=digest[:12],
        ),
        hint="Upload the package again.",
    )


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o444)
