"""Packages as they are answered: rows of the database in the forms of `package_models`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection

from studio.database.environments import EnvironmentRecord
from studio.database.packages import (
    Approval,
    PackageRecord,
    PackageVersionRecord,
    find_approvals,
    get_package,
    get_version,
    list_packages,
    list_versions,
    newest_versions,
)
from studio.packages.environments import find_environment
from studio.server.package_models import (
    ApprovalItem,
    EnvironmentItem,
    PackageDetail,
    PackageItem,
    PackageVersionEntry,
    PackageVersionItem,
)


def approval_item(approval: Approval) -> ApprovalItem:
    return ApprovalItem(state=approval.state, actor=approval.actor, at=approval.at)


def package_item(
    package: PackageRecord, newest: PackageVersionRecord, approval: Approval
) -> PackageItem:
    return PackageItem(
        name=package.name,
        version=newest.version,
        digest=newest.digest,
        summary=newest.about["summary"],
        declared_version=newest.about["declared_version"],
        licence=newest.about["licence"],
        author=newest.about["author"],
        components=[spec.name for spec in newest.components],
        problems=len(newest.broken),
        approval=approval_item(approval),
        deprecated=package.deprecated,
        size=newest.size,
        created_at=package.created_at,
        updated_at=package.updated_at,
    )


def badge(record: PackageVersionRecord, component: str) -> Literal["passed", "failed"] | None:
    """How the conformance suite judged a component of this version; None: it has not run."""
    reports = {item["component"]: item for item in (record.report or {}).get("components", [])}
    found = reports.get(component)
    return None if found is None else "passed" if found["passed"] else "failed"


def package_items(connection: Connection) -> list[PackageItem]:
    packages, newest = list_packages(connection), newest_versions(connection)
    approvals = find_approvals(connection, [record.digest for record in newest.values()])
    return [
        package_item(package, newest[package.name], approvals[newest[package.name].digest])
        for package in packages
    ]


def version_item(connection: Connection, record: PackageVersionRecord) -> PackageVersionItem:
    package = get_package(connection, record.package)
    approval = find_approvals(connection, [record.digest])[record.digest]
    about = record.about
    return PackageVersionItem(
        name=record.package,
        version=record.version,
        newest_version=package.version,
        digest=record.digest,
        declared_version=about["declared_version"],
        summary=about["summary"],
        licence=about["licence"],
        author=about["author"],
        requirements=about["requirements"],
        network=record.network,
        files=record.files,
        size=record.size,
        components=[
            spec.model_copy(update={"environment": record.environment})
            for spec in record.components
        ],
        broken=record.broken,
        approval=approval_item(approval),
        environment=_environment(record, find_environment(connection, record)),
        report=record.report,
        deprecated=package.deprecated,
        note=record.note,
        uploaded_by=record.author,
        created_at=record.created_at,
    )


def package_detail(connection: Connection, name: str) -> PackageDetail:
    item = version_item(connection, get_version(connection, name))
    records = list_versions(connection, name)
    approvals = find_approvals(connection, [record.digest for record in records])
    entries = [_entry(record, approvals) for record in records]
    return PackageDetail(**dict(item), versions=entries)


def _entry(record: PackageVersionRecord, approvals: Mapping[str, Approval]) -> PackageVersionEntry:
    return PackageVersionEntry(
        version=record.version,
        digest=record.digest,
        approval=approval_item(approvals[record.digest]),
        note=record.note,
        created_at=record.created_at,
    )


def _environment(
    record: PackageVersionRecord, found: EnvironmentRecord | None
) -> EnvironmentItem | None:
    requirements = list(record.about["requirements"])
    if not requirements:
        return None
    if found is None:
        return EnvironmentItem(
            state="waiting", digest=None, requirements=requirements, message=None, size=0
        )
    return EnvironmentItem(
        state=found.state,
        digest=found.digest,
        requirements=requirements,
        message=found.message,
        size=found.size,
    )
