"""Packages: listed, described, compared, deprecated, removed. Nothing here runs their code."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query
from fastapi.responses import StreamingResponse

from studio.database.audit import add_audit
from studio.database.packages import (
    PackageVersionRecord,
    get_version,
    set_deprecated,
)
from studio.packages.changes import compare_components, compare_files
from studio.packages.removal import remove_package, remove_version
from studio.packages.update import update_nodes
from studio.packages.uses import find_uses
from studio.server.json_route import JsonRoute
from studio.server.models import MAX_VERSION
from studio.server.package_items import package_detail, package_items, version_item
from studio.server.package_models import (
    ComponentChange,
    FileChange,
    NodeChange,
    NodesUpdate,
    PackageDeprecation,
    PackageDetail,
    PackageDiff,
    PackageList,
    PackageName,
    PackageVersionItem,
    PackageVersionNumber,
    PipelineUse,
    UpdatedPipeline,
    WhereUsed,
)
from studio.server.parts import Parts, PartsDep, PersonDep
from studio.server.zips import zip_folder

VERSION = "/{name}/versions/{version}"

router = APIRouter(prefix="/packages", tags=["packages"], route_class=JsonRoute)

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("", summary="List the packages by name")
def list_all_packages(parts: PartsDep) -> PackageList:
    with parts.database.read() as connection:
        return PackageList(packages=package_items(connection))


@router.post("/update", summary="Bring nodes of a pipeline to the newest versions; stores nothing")
def update_pipeline_nodes(request: NodesUpdate, parts: PartsDep) -> UpdatedPipeline:
    specs = parts.catalog.load().specs
    pipeline, updates = update_nodes(request.pipeline, specs, request.nodes)
    changes = [NodeChange(**asdict(update)) for update in updates]
    return UpdatedPipeline(pipeline=pipeline.dump(), changes=changes)


@router.get("/{name}", summary="Describe a package: its newest version, and the list of all")
def read_package(name: PackageName, parts: PartsDep) -> PackageDetail:
    with parts.database.read() as connection:
        return package_detail(connection, name)


@router.delete("/{name}", summary="Remove a package; refused while a pipeline needs it")
def delete_package(name: PackageName, parts: PartsDep, person: PersonDep) -> PackageList:
    remove_package(parts.database, parts.shelf, name, person)
    return list_all_packages(parts)


@router.post("/{name}/deprecate", summary="Say that a package should not be used any more")
def deprecate_package(
    name: PackageName,
    request: Annotated[PackageDeprecation, Body()],
    parts: PartsDep,
    person: PersonDep,
) -> PackageDetail:
    with parts.database.begin() as connection:
        get_version(connection, name)
        set_deprecated(connection, name, request.reason)
        add_audit(connection, person, "deprecate", f"package:{name}", reason=request.reason)
        return package_detail(connection, name)


@router.get(VERSION, summary="Describe one version of a package")
def read_package_version(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep
) -> PackageVersionItem:
    with parts.database.read() as connection:
        return version_item(connection, get_version(connection, name, version))


@router.delete(VERSION, summary="Remove a version; refused while a pipeline needs it")
def delete_package_version(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep, person: PersonDep
) -> PackageList:
    remove_version(parts.database, parts.shelf, _record(parts, name, version), person)
    return list_all_packages(parts)


@router.get(
    VERSION + "/export",
    summary="The files of a version, as a zip",
    response_class=StreamingResponse,
    responses=_ZIP,
)
def export_package(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep
) -> StreamingResponse:
    record = _record(parts, name, version)
    parts.shelf.files(record)  # refuses files that were changed on disk
    headers = {"Content-Disposition": f'attachment; filename="{name}-{version}.zip"'}
    content = zip_folder(parts.shelf.folder(record))
    return StreamingResponse(content, headers=headers, media_type="application/zip")


@router.get(VERSION + "/diff", summary="What differs from another version, and what it breaks")
def diff_package(
    name: PackageName,
    version: PackageVersionNumber,
    parts: PartsDep,
    to: Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="Null: the newest.")] = None,
) -> PackageDiff:
    before, after = _record(parts, name, version), _record(parts, name, to)
    files = compare_files(parts.shelf.files(before), parts.shelf.files(after))
    components = compare_components(before.components, after.components)
    asked = [set(record.about["requirements"]) for record in (before, after)]
    return PackageDiff(
        name=name,
        before=before.version,
        after=after.version,
        files=[FileChange(**asdict(change)) for change in files],
        components=[ComponentChange.model_validate(asdict(change)) for change in components],
        requirements=[
            *(f"- {item}" for item in sorted(asked[0] - asked[1])),
            *(f"+ {item}" for item in sorted(asked[1] - asked[0])),
        ],
    )


@router.get(VERSION + "/where-used", summary="Pipelines that use the components of a package")
def find_package_uses(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep
) -> WhereUsed:
    with parts.database.read() as connection:
        newest = get_version(connection, name).digest
        components = get_version(connection, name, version).components
        uses = find_uses(connection, {spec.name: newest for spec in components})
    return WhereUsed(pipelines=[_use(asdict(use)) for use in uses])


def _use(document: dict[str, Any]) -> PipelineUse:
    return PipelineUse.model_validate({**document, "nodes": list(document["nodes"])})


def _record(parts: Parts, name: str, version: int | None) -> PackageVersionRecord:
    with parts.database.read() as connection:
        return get_version(connection, name, version)
