"""Who lets which code run: approvals by digest, and the audit log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query

from studio.database.audit import Actor, add_audit, list_audit
from studio.database.packages import PackageVersionRecord, get_version, set_report
from studio.errors import ConflictError
from studio.inspector.conformance import check_package
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
from studio.spec import ComponentSpec

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
    problems = (parts.trust.package_problem(spec, person.name) for spec in _placed(record))
    for problem in filter(None, problems):
        raise ConflictError(problem.message, hint=problem.hint, code=problem.code)
    parts.shelf.files(record)  # refuses files that were changed on disk
    interpreter = Path(sys.executable)
    if record.environment is not None:
        parts.environments.check(record.environment)
        interpreter = parts.environments.python(record.environment)
    folder = parts.shelf.folder(record)
    report = check_package(record.components, record.broken, folder, interpreter)
    with parts.database.begin() as connection:
        set_report(connection, record.digest, report.model_dump(mode="json"))
        return version_item(connection, get_version(connection, name, version))


def _placed(record: PackageVersionRecord) -> list[ComponentSpec]:
    """The specs as the catalog has them, with their libraries."""
    asked = tuple(record.about["requirements"])
    known = {"requirements": asked, "environment": record.environment}
    return [spec.model_copy(update=known) for spec in record.components]


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
    with parts.database.read() as connection:
        return version_item(connection, record)
