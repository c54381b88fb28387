"""The append-only list of what happened; the interface is a fold over it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from studio.database.tables import events

_ORDER_LOCK = 7_310_212


@dataclass(frozen=True)
class Event:
    id: int
    run_id: str
    type: str
    data: dict[str, Any]
    created_at: float


def add_event(connection: Connection, run_id: str, type: str, **data: Any) -> None:
    """Append an event, in the transaction that makes it true."""
    add_events(connection, run_id, type, [data])


def add_events(
    connection: Connection, run_id: str, type: str, items: Iterable[dict[str, Any]]
) -> None:
    """Append events of one type, in this order."""
    # Ids must be committed in order, or a reader that has seen 8 would never ask for 7.
    wait_for_writers(connection)
    now = time.time()
    rows = [{"run_id": run_id, "type": type, "data": data, "created_at": now} for data in items]
    connection.execute(insert(events), rows)


def wait_for_writers(connection: Connection) -> None:
    """From here to the end of its transaction this is the only writer; on SQLite it always is."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ORDER_LOCK})"))


def list_events(
    connection: Connection, after: int = 0, run_id: str | None = None, limit: int = 1000
) -> list[Event]:
    """Events later than the one with id `after`, oldest first."""
    query = select(events).where(events.c.id > after).order_by(events.c.id).limit(limit)
    if run_id is not None:
        query = query.where(events.c.run_id == run_id)
    return [Event(**row) for row in connection.execute(query).mappings()]


def last_event_id(connection: Connection) -> int:
    return connection.execute(select(func.max(events.c.id))).scalar() or 0
