"""Remove versions that nothing needs: no pipeline, and no run that is not over."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from studio.database.audit import Actor, add_audit
from studio.database.engine import Database
from studio.database.packages import PackageVersionRecord, delete_version, list_versions
from studio.database.tables import runs, steps
from studio.errors import ConflictError, NotFoundError, say
from studio.packages.shelf import PackageShelf
from studio.packages.uses import PipelineUse, find_uses
from studio.run import FINAL_RUN_STATES


def remove_package(database: Database, shelf: PackageShelf, name: str, actor: Actor) -> None:
    """All versions of a package. Raises ConflictError with the pipelines that need it."""
    with database.begin() as connection:
        records = list_versions(connection, name)
        if not records:
            raise NotFoundError(
                say("There is no package {name!r}.", name=name), code="package.unknown"
            )
        names = {spec.name for record in records for spec in record.components}
        uses = find_uses(connection, dict.fromkeys(names, ""))
        _refuse(connection, name, uses, {record.digest for record in records})
        for record in records:
            _forget(connection, record, actor)
    for record in records:
        shelf.remove_files(record)


def remove_version(
    database: Database, shelf: PackageShelf, record: PackageVersionRecord, actor: Actor
) -> None:
    """One version. Nodes that pin another digest do not need it."""
    with database.begin() as connection:
        others = [
            other
            for other in list_versions(connection, record.package)
            if other.version != record.version
        ]
        left = {spec.name for other in others for spec in other.components}
        uses = find_uses(connection, {spec.name: "" for spec in record.components})
        needed = [use for use in uses if _needs(use, record, left)]
        _refuse(connection, record.package, needed, {record.digest})
        _forget(connection, record, actor)
    shelf.remove_files(record)


def _needs(use: PipelineUse, record: PackageVersionRecord, left: Collection[str]) -> bool:
    """A node needs the version that it pins, or the last one that has its component."""
    return any(
        node.digest == record.digest or (node.digest is None and node.component not in left)
        for node in use.nodes
    )


def _refuse(
    connection: Connection, name: str, uses: list[PipelineUse], digests: Collection[str]
) -> None:
    if uses:
        listed = ", ".join(
            f"{use.name} ({', '.join(node.node_name for node in use.nodes)})" for use in uses[:20]
        )
        message = say(
            "Package {name!r} is needed by {count} pipelines: {listed}.",
            name=name,
            count=len(uses),
            listed=listed,
        )
        hint = "Remove those nodes first, or deprecate the package."
        raise ConflictError(message, hint=hint, code="package.in_use")
    query = (
        select(runs.c.id, steps.c.bound)
        .join(steps, steps.c.run_id == runs.c.id)
        .where(runs.c.state.not_in(FINAL_RUN_STATES))
    )
    for row in connection.execute(query):
        if row.bound["spec"]["digest"] in digests:
            message = say(
                "Package {name!r} is used by run {id}, which is not over.", name=name, id=row.id
            )
            raise ConflictError(message, hint="Wait for it, or cancel it.", code="package.in_use")


def _forget(connection: Connection, record: PackageVersionRecord, actor: Actor) -> None:
    delete_version(connection, record.package, record.version)
    where, version = f"package:{record.package}", record.version
    add_audit(connection, actor, "delete", where, version=version, digest=record.digest)
