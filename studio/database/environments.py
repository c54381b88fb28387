"""Environments of packages: what was asked for, the lock that was found, what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update

from studio.database.tables import environments, package_versions

EnvironmentState = Literal["waiting", "building", "ready", "failed"]


@dataclass(frozen=True)
class EnvironmentRecord:
    """request: digest of what was asked for. digest: of the lock. tree: of the files built."""

    request: str
    requirements: list[str]
    state: EnvironmentState
    message: str | None
    lock: str | None
    digest: str | None
    tree: str | None
    size: int
    created_at: float


def find_request(connection: Connection, request: str) -> EnvironmentRecord | None:
    query = select(environments).where(environments.c.request == request)
    row = connection.execute(query).mappings().first()
    return EnvironmentRecord(**row) if row else None


def find_lock(connection: Connection, digest: str) -> EnvironmentRecord | None:
    """The environment of a lock; a ready one where several requests led to it."""
    query = select(environments).where(environments.c.digest == digest)
    rows = [EnvironmentRecord(**row) for row in connection.execute(query).mappings()]
    return next((row for row in rows if row.state == "ready"), rows[0] if rows else None)


def put_request(connection: Connection, request: str, requirements: list[str]) -> None:
    """Remember what was asked for; one that failed is asked for anew."""
    connection.execute(delete(environments).where(environments.c.request == request))
    row = {
        "request": request,
        "requirements": requirements,
        "state": "waiting",
        "size": 0,
        "created_at": time.time(),
    }
    connection.execute(insert(environments).values(row))


def set_environment_state(
    connection: Connection, request: str, state: EnvironmentState, **values: Any
) -> None:
    where = environments.c.request == request
    connection.execute(update(environments).where(where).values(state=state, **values))


def used_locks(connection: Connection) -> set[str]:
    """Digests of the locks that a package version runs with."""
    query = select(package_versions.c.environment).distinct()
    return {digest for digest in connection.execute(query).scalars() if digest is not None}
