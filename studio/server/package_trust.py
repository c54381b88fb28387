"""Who lets which code run: approvals by digest, and the audit log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from studio.database.audit import Actor, add_audit, list_audit
from studio.database.packages import get_version
from studio.server.json_route import JsonRoute
from studio.server.package_items import version_item
from studio.server.package_models import (
    AuditItem,
    AuditList,
    PackageName,
    PackageVersionItem,
    PackageVersionNumber,
)
from studio.server.packages import VERSION
from studio.server.paging import Limit
from studio.server.parts import Parts, PartsDep, PersonDep

router = APIRouter(prefix="/packages", tags=["packages"], route_class=JsonRoute)
audit = APIRouter(prefix="/audit", tags=["packages"], route_class=JsonRoute)


@router.post(VERSION + "/approve", summary="Let the code of this digest run")
def approve_package(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep, person: PersonDep
) -> PackageVersionItem:
    return _decide(parts, name, version, True, person)


@router.post(VERSION + "/revoke", summary="Let no new step run the code of this digest")
def revoke_package(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep, person: PersonDep
) -> PackageVersionItem:
    return _decide(parts, name, version, False, person)


@router.post(VERSION + "/repair", summary="Build the libraries of a version anew from their lock")
def repair_package(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep, person: PersonDep
) -> PackageVersionItem:
    with parts.database.begin() as connection:
        record = get_version(connection, name, version)
        add_audit(connection, person, "repair", f"package:{name}", digest=record.digest)
    parts.environments.repair(record)
    with parts.database.read() as connection:
        return version_item(connection, record)


@router.post(VERSION + "/check", summary="Run the conformance suite on a version, in the sandbox")
def check_package_version(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep, person: PersonDep
) -> PackageVersionItem:
    with parts.database.read() as connection:
        record = get_version(connection, name, version)
    parts.checks.check(record, person.name)
    with parts.database.read() as connection:
        return version_item(connection, get_version(connection, name, version))


@audit.get("", summary="What was done, and by whom, the newest first")
def list_audit_log(
    parts: PartsDep,
    object: Annotated[str | None, Query(max_length=200)] = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Limit = 50,
) -> AuditList:
    with parts.database.read() as connection:
        page = list_audit(connection, object, before, limit + 1)
    entries = [AuditItem(**record.__dict__) for record in page[:limit]]
    return AuditList(entries=entries, next=entries[-1].id if len(page) > limit else None)


def _decide(
    parts: Parts, name: str, version: int, approved: bool, actor: Actor
) -> PackageVersionItem:
    with parts.database.read() as connection:
        record = get_version(connection, name, version)
    parts.trust.decide_package(record, approved, actor)
    if approved:
        parts.checks.ask(record, actor.name)
    with parts.database.read() as connection:
        return version_item(connection, record)
