"""What the inspector found out about content, remembered by its digest: never out of date."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from studio.database.tables import inspections


def get_inspection(connection: Connection, digest: str, what: str) -> Any | None:
    query = select(inspections.c.found).where(
        inspections.c.digest == digest, inspections.c.what == what
    )
    return connection.execute(query).scalar()


def put_inspection(connection: Connection, digest: str, what: str, found: Any) -> None:
    """Remember an answer; of two who found it at once the last one is kept."""
    table = inspections.c
    connection.execute(delete(inspections).where(table.digest == digest, table.what == what))
    row = {"digest": digest, "what": what, "found": found, "created_at": time.time()}
    connection.execute(insert(inspections).values(row))
