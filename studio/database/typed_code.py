"""Who was the first to type which code into a parameter; in team mode it is theirs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from studio.database.engine import batches
from studio.database.tables import approvals, typed_code
from studio.errors import NotFoundError, say

Source = Mapping[str, str]
"""The texts of a node that are code, by parameter."""


@dataclass(frozen=True)
class TypedCodeRecord:
    """author empty: it was there before anybody looked. source None: nobody needed to see it."""

    digest: str
    component: str
    author: str
    source: dict[str, str] | None
    created_at: float


def add_typed_code(connection: Connection, components: Mapping[str, str], author: str) -> None:
    """Record an author of each digest (digest -> component) that has none yet."""
    if not components:
        return
    known = find_authors(connection, components)
    now = time.time()
    rows = [
        {"digest": digest, "component": name, "author": author, "created_at": now}
        for digest, name in components.items()
        if digest not in known
    ]
    if rows:
        is_sqlite = connection.dialect.name == "sqlite"
        insert = sqlite.insert if is_sqlite else postgresql.insert
        connection.execute(insert(typed_code).on_conflict_do_nothing(), rows)


def claim_typed_code(connection: Connection, components: Mapping[str, str], author: str) -> None:
    """Record an author of digests of which only the text is known, or nothing."""
    add_typed_code(connection, components, author)
    for batch in batches(components):
        mine = update(typed_code).where(typed_code.c.digest.in_(batch), typed_code.c.author == "")
        connection.execute(mine.values(author=author))


def find_authors(connection: Connection, digests: Iterable[str]) -> dict[str, str]:
    """The author of each digest that is recorded; empty: nobody who is known."""
    found: dict[str, str] = {}
    for batch in batches(digests):
        query = select(typed_code.c.digest, typed_code.c.author)
        rows = connection.execute(query.where(typed_code.c.digest.in_(batch)))
        found |= {row.digest: row.author for row in rows}
    return found


def find_typed_code(connection: Connection, digest: str) -> TypedCodeRecord | None:
    query = select(typed_code).where(typed_code.c.digest == digest)
    row = connection.execute(query).mappings().first()
    return None if row is None else TypedCodeRecord(**row)


def get_typed_code(connection: Connection, digest: str) -> TypedCodeRecord:
    record = find_typed_code(connection, digest)
    if record is None:
        raise NotFoundError(say("There is no code {digest!r}.", digest=digest), code="code.unknown")
    return record


def show_source(connection: Connection, digest: str, source: Source) -> None:
    """Keep the text of code that waits for an approval, so that it can be read before."""
    mine = update(typed_code).where(typed_code.c.digest == digest, typed_code.c.source.is_(None))
    connection.execute(mine.values(source=dict(source)))


def list_typed_code(connection: Connection, limit: int = 200) -> list[TypedCodeRecord]:
    """Code that somebody asked to run and nobody has decided on, the newest first."""
    decided = select(approvals.c.digest)
    query = select(typed_code).where(
        typed_code.c.source.is_not(None), typed_code.c.digest.not_in(decided)
    )
    query = query.order_by(typed_code.c.created_at.desc(), typed_code.c.digest).limit(limit)
    return [TypedCodeRecord(**row) for row in connection.execute(query).mappings()]
