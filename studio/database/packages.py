"""Packages and their versions: every upload or edit is a new version, none is ever changed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from studio.database.tables import approvals, package_versions, packages
from studio.errors import ConflictError, NotFoundError, say
from studio.spec import BrokenComponent, ComponentSpec

ApprovalState = Literal["not_approved", "approved", "revoked"]
Entry = ComponentSpec | BrokenComponent


@dataclass(frozen=True)
class PackageRecord:
    """`version` is the newest; `deprecated` says why it should not be used any more."""

    name: str
    version: int
    deprecated: str | None
    created_at: float
    updated_at: float


@dataclass(frozen=True)
class PackageVersionRecord:
    """One version. entries: its specs and broken files, with `file` relative to the package."""

    package: str
    version: int
    digest: str
    about: dict[str, Any]
    entries: list[dict[str, Any]]
    files: int
    size: int
    environment: str | None
    report: dict[str, Any] | None
    note: str
    author: str
    created_at: float

    @property
    def components(self) -> list[ComponentSpec]:
        found = [item for item in self.entries if "message" not in item]
        return [ComponentSpec.model_validate(item) for item in found]

    @property
    def network(self) -> list[str]:
        """Each `host:port` that one of its components asks for; approving it lets them."""
        return sorted({host for spec in self.components for host in spec.network})

    @property
    def broken(self) -> list[BrokenComponent]:
        found = [item for item in self.entries if "message" in item]
        return [BrokenComponent.model_validate(item) for item in found]


@dataclass(frozen=True)
class Approval:
    """Whether code with this digest may run. actor None: nobody has decided yet."""

    digest: str
    state: ApprovalState = "not_approved"
    actor: str | None = None
    at: float | None = None


def add_version(
    connection: Connection, record: PackageVersionRecord, based_on: int | None = None
) -> tuple[PackageVersionRecord, bool]:
    """Store a version as the next one, and say that it is new; equal content is not.

    based_on: the version that was changed; another one since then is a conflict.
    """
    now = time.time()
    newest = connection.execute(
        select(packages.c.version).where(packages.c.name == record.package)
    ).scalar()
    if based_on is not None and newest != based_on:
        message = say(
            "Package {package!r} is at version {newest}, not {based_on}.",
            package=record.package,
            newest=newest,
            based_on=based_on,
        )
        raise ConflictError(message, hint="Load the newest version.", code="package.stale")
    same = _find_digest(connection, record.package, record.digest)
    if same is not None:
        return same, False
    if newest is None:
        row = {"name": record.package, "version": 1, "created_at": now, "updated_at": now}
        connection.execute(insert(packages).values(row))
    else:
        where = packages.c.name == record.package
        values = {"version": newest + 1, "updated_at": now}
        connection.execute(update(packages).where(where).values(values))
    stored = replace(record, version=(newest or 0) + 1, created_at=now)
    connection.execute(insert(package_versions).values(stored.__dict__))
    return stored, True


def _find_digest(connection: Connection, name: str, digest: str) -> PackageVersionRecord | None:
    query = select(package_versions).where(
        package_versions.c.package == name, package_versions.c.digest == digest
    )
    row = connection.execute(query.order_by(package_versions.c.version.desc())).mappings().first()
    return PackageVersionRecord(**row) if row else None


def get_package(connection: Connection, name: str) -> PackageRecord:
    row = connection.execute(select(packages).where(packages.c.name == name)).mappings().first()
    if row is None:
        raise NotFoundError(say("There is no package {name!r}.", name=name), code="package.unknown")
    return PackageRecord(**row)


def list_packages(connection: Connection) -> list[PackageRecord]:
    query = select(packages).order_by(packages.c.name)
    return [PackageRecord(**row) for row in connection.execute(query).mappings()]


def get_version(
    connection: Connection, name: str, version: int | None = None
) -> PackageVersionRecord:
    """A version of a package; None: the newest."""
    wanted = get_package(connection, name).version if version is None else version
    query = select(package_versions).where(
        package_versions.c.package == name, package_versions.c.version == wanted
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        message = say("Package {name!r} has no version {wanted}.", name=name, wanted=wanted)
        raise NotFoundError(message, code="package.version_unknown")
    return PackageVersionRecord(**row)


def list_versions(connection: Connection, name: str | None = None) -> list[PackageVersionRecord]:
    """Versions of one package, or of all, the newest of each first."""
    query = select(package_versions).order_by(
        package_versions.c.package, package_versions.c.version.desc()
    )
    if name is not None:
        query = query.where(package_versions.c.package == name)
    return [PackageVersionRecord(**row) for row in connection.execute(query).mappings()]


def newest_versions(connection: Connection) -> dict[str, PackageVersionRecord]:
    """The newest version of each package, by name."""
    newest: dict[str, PackageVersionRecord] = {}
    for record in list_versions(connection):
        newest.setdefault(record.package, record)
    return newest


def packages_stamp(connection: Connection) -> tuple[Any, ...]:
    """Changes whenever the list of packages or versions does; cheap to ask for."""
    query = select(
        func.count(), func.max(package_versions.c.created_at), func.sum(package_versions.c.version)
    )
    row = connection.execute(query).one()
    return (*row, connection.execute(select(func.max(packages.c.updated_at))).scalar())


def set_deprecated(connection: Connection, name: str, reason: str | None) -> None:
    values = {"deprecated": reason, "updated_at": time.time()}
    connection.execute(update(packages).where(packages.c.name == name).values(values))


def set_environment(connection: Connection, digest: str, environment: str | None) -> None:
    """Which environment the versions with this digest run in; known once it is locked."""
    where = package_versions.c.digest == digest
    connection.execute(update(package_versions).where(where).values(environment=environment))
    names = select(package_versions.c.package).where(where)
    changed = packages.c.name.in_(names.scalar_subquery())
    connection.execute(update(packages).where(changed).values(updated_at=time.time()))


def set_report(connection: Connection, digest: str, report: dict[str, Any]) -> None:
    where = package_versions.c.digest == digest
    connection.execute(update(package_versions).where(where).values(report=report))


def delete_version(connection: Connection, name: str, version: int) -> None:
    """Forget a version; the package goes with its last one."""
    where = (package_versions.c.package == name) & (package_versions.c.version == version)
    connection.execute(delete(package_versions).where(where))
    rest = select(func.max(package_versions.c.version)).where(package_versions.c.package == name)
    newest = connection.execute(rest).scalar()
    here = packages.c.name == name
    if newest is None:
        connection.execute(delete(packages).where(here))
    else:
        values = {"version": newest, "updated_at": time.time()}
        connection.execute(update(packages).where(here).values(values))


def is_digest_known(connection: Connection, digest: str) -> bool:
    query = select(package_versions.c.digest).where(package_versions.c.digest == digest)
    return connection.execute(query).first() is not None


def find_authors(connection: Connection, digest: str) -> set[str]:
    """Everybody who has uploaded exactly this content, under whatever name."""
    query = select(package_versions.c.author).where(package_versions.c.digest == digest)
    return set(connection.execute(query).scalars())


def get_approval(connection: Connection, digest: str) -> Approval:
    return find_approvals(connection, [digest])[digest]


def find_approvals(connection: Connection, digests: Iterable[str]) -> dict[str, Approval]:
    """The decision on each digest; a digest that nobody has decided on is not approved."""
    wanted: Sequence[str] = list(digests)
    query = select(approvals).where(approvals.c.digest.in_(wanted))
    found = {row["digest"]: Approval(**row) for row in connection.execute(query).mappings()}
    return {digest: found.get(digest, Approval(digest)) for digest in wanted}


def put_approval(connection: Connection, digest: str, state: ApprovalState, actor: str) -> Approval:
    approval = Approval(digest, state, actor, time.time())
    connection.execute(delete(approvals).where(approvals.c.digest == digest))
    connection.execute(insert(approvals).values(approval.__dict__))
    return approval
