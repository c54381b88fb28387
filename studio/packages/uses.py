"""Which pipelines use the components of a package, and with which version of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from studio.database.tables import drafts, pipeline_versions, pipelines


@dataclass(frozen=True)
class NodeUse:
    """A node that uses a component; `digest` is the version that it pins."""

    node: str
    node_name: str
    component: str
    digest: str | None
    outdated: bool


@dataclass(frozen=True)
class PipelineUse:
    """A pipeline, in its newest version, and the nodes in it."""

    id: str
    name: str
    version: int
    nodes: tuple[NodeUse, ...]


def find_uses(connection: Connection, digests: Mapping[str, str]) -> list[PipelineUse]:
    """Pipelines that use any of these components, in their newest version or in their draft.

    digests: component -> its newest digest.
    """
    drawn = {row.pipeline_id: row.document for row in connection.execute(select(drafts))}
    query = (
        select(pipelines.c.id, pipelines.c.name, pipelines.c.version, pipeline_versions.c.document)
        .join(
            pipeline_versions,
            (pipeline_versions.c.pipeline_id == pipelines.c.id)
            & (pipeline_versions.c.version == pipelines.c.version),
        )
        .where(pipelines.c.deleted_at.is_(None))
        .order_by(pipelines.c.name, pipelines.c.id)
    )
    found = []
    for row in connection.execute(query):
        nodes = tuple(_uses(row.document, digests))
        drafted = _uses(drawn.get(row.id, {}), digests)
        nodes += tuple(use for use in drafted if use not in nodes)
        if nodes:
            found.append(PipelineUse(row.id, row.name, row.version, nodes))
    return found


def _uses(document: dict[str, Any], digests: Mapping[str, str]) -> Iterable[NodeUse]:
    for node in document.get("nodes", []):
        component: str = node["component"]
        if component in digests:
            digest = node.get("digest")
            yield NodeUse(
                node=node["id"],
                node_name=node.get("name") or node["id"],
                component=component,
                digest=digest,
                outdated=digest is not None and digest != digests[component],
            )
