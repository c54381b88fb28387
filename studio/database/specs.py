"""Specs read before, by the digest of their files, so that the inspector reads each once."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from studio.database.tables import specs
from studio.spec import BrokenComponent, ComponentSpec


def get_spec(
    connection: Connection, digest: str, file: str
) -> ComponentSpec | BrokenComponent | None:
    query = select(specs.c.spec).where(specs.c.digest == digest, specs.c.file == file)
    document = connection.execute(query).scalar()
    if document is None:
        return None
    model = BrokenComponent if "message" in document else ComponentSpec
    return model.model_validate(document)


def put_spec(
    connection: Connection, digest: str, file: str, spec: ComponentSpec | BrokenComponent
) -> None:
    connection.execute(delete(specs).where(specs.c.digest == digest, specs.c.file == file))
    row = {"digest": digest, "file": file, "spec": spec.model_dump(mode="json")}
    connection.execute(insert(specs).values(row))
