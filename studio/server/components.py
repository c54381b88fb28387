"""Components: what can be placed in a pipeline."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from studio.database.packages import find_approvals, list_packages, newest_versions
from studio.errors import NotFoundError, say
from studio.parameters import nearest
from studio.server.json_route import JsonRoute
from studio.server.models import ComponentItem, ComponentList
from studio.server.package_items import badge
from studio.server.parts import PartsDep
from studio.spec import ComponentSpec

router = APIRouter(prefix="/components", tags=["components"], route_class=JsonRoute)


@router.get("", summary="List the components, and the files that cannot be read")
def list_components(parts: PartsDep) -> ComponentList:
    catalog = parts.catalog.load()
    specs = sorted(catalog.specs.values(), key=lambda spec: (spec.category, spec.name))
    with parts.database.read() as connection:
        packages = {package.name: package for package in list_packages(connection)}
        newest = newest_versions(connection)
        approvals = find_approvals(connection, [record.digest for record in newest.values()])

    def item(spec: ComponentSpec) -> ComponentItem:
        record = newest.get(spec.package)
        if spec.origin == "builtin" or record is None:
            return ComponentItem(**dict(spec))
        return ComponentItem(
            **dict(spec),
            package_version=record.version,
            approval=approvals[record.digest].state,
            deprecated=packages[spec.package].deprecated,
            badge=badge(record, spec.name),
        )

    return ComponentList(components=[item(spec) for spec in specs], broken=list(catalog.broken))


@router.get("/{name}", summary="Describe a component: its ports, its parameters, its documentation")
def get_component(name: Annotated[str, Path(max_length=200)], parts: PartsDep) -> ComponentSpec:
    specs = parts.catalog.load().specs
    if name not in specs:
        hint = nearest(name, specs) or "See the list of components."
        raise NotFoundError(
            say("There is no component {name!r}.", name=name), hint=hint, code="component.unknown"
        )
    return specs[name]
