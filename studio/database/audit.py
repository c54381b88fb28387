"""The audit log: who did what to which object, written in the transaction that does it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from studio.database.tables import audit_log


@dataclass(frozen=True)
class Actor:
    """Who does something. address: where the request came from; None: from this machine."""

    name: str
    address: str | None = None


@dataclass(frozen=True)
class AuditRecord:
    id: int
    at: float
    actor: str
    address: str | None
    action: str
    object: str
    detail: dict[str, Any]


def add_audit(
    connection: Connection, actor: Actor, action: str, object: str, **detail: Any
) -> None:
    """One line; the database itself refuses to change or remove it afterwards."""
    row = {
        "at": time.time(),
        "actor": actor.name,
        "address": actor.address,
        "action": action,
        "object": object,
        "detail": detail,
    }
    connection.execute(insert(audit_log).values(row))


def list_audit(
    connection: Connection, object: str | None = None, before: int | None = None, limit: int = 100
) -> list[AuditRecord]:
    """The newest first; `before` is the id of the last one seen."""
    query = select(audit_log).order_by(audit_log.c.id.desc()).limit(limit)
    if object is not None:
        query = query.where(audit_log.c.object == object)
    if before is not None:
        query = query.where(audit_log.c.id < before)
    return [AuditRecord(**row) for row in connection.execute(query).mappings()]
