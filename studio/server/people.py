"""Who a token, a session or a ticket belongs to: the one user of a laptop, or people of a team."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from starlette.concurrency import run_in_threadpool

from studio.database.accounts import (
    CredentialKind,
    end_credential,
    find_credential,
    make_credential,
    role_of,
    use_ticket,
)
from studio.database.audit import Actor, add_audit
from studio.database.engine import Database
from studio.roles import LOCAL, OPERATOR, Role
from studio.server.sessions import SESSION_SECONDS, TICKET_SECONDS, Sessions, Tickets

Result = TypeVar("Result")


@dataclass(frozen=True)
class Person(Actor):
    """Who makes a request."""

    role: Role = "viewer"


class People(Protocol):
    """Gives None for what lets nobody in."""

    async def by_token(self, text: str) -> Person | None: ...

    async def by_session(self, id: str) -> Person | None: ...

    async def make_ticket(self, person: Person) -> str: ...

    async def sign_in(self, secret: str, address: str | None) -> str | None:
        """Takes a ticket; gives the id of a new session."""

    async def sign_out(self, ids: Iterable[str], person: Person) -> None: ...

    async def note_refusal(self, person: Person, request: str) -> None: ...


class OnePerson:
    """Local mode: the token of the data folder and the sessions made with it are one user's."""

    def __init__(self, token: str, tickets: Tickets, sessions: Sessions) -> None:
        self._token = token
        self._tickets = tickets
        self._sessions = sessions
        self._user = Person(LOCAL, role="admin")

    async def by_token(self, text: str) -> Person | None:
        return self._user if _equal(text, self._token) else None

    async def by_session(self, id: str) -> Person | None:
        return self._user if self._sessions.knows(id) else None

    async def make_ticket(self, person: Person) -> str:
        return self._tickets.make()

    async def sign_in(self, secret: str, address: str | None) -> str | None:
        return self._sessions.open() if self._tickets.take(secret) else None

    async def sign_out(self, ids: Iterable[str], person: Person) -> None:
        for id in ids:
            self._sessions.close(id)

    async def note_refusal(self, person: Person, request: str) -> None:
        """The one user is refused nothing."""


class Team:
    """Team mode: accounts in the database. The token of the data folder is the operator's.

    get_database: the database, which is opened after the guard is put in place.
    """

    def __init__(self, token: str, get_database: Callable[[], Database]) -> None:
        self._token = token
        self._get_database = get_database

    async def by_token(self, text: str) -> Person | None:
        if _equal(text, self._token):
            return Person(OPERATOR, role="admin")
        return await self._find(text, "token")

    async def by_session(self, id: str) -> Person | None:
        return await self._find(id, "session")

    async def make_ticket(self, person: Person) -> str:
        def make(connection: Any) -> str:
            return make_credential(connection, person.name, "ticket", TICKET_SECONDS)[1]

        return await self._write(make)

    async def sign_in(self, secret: str, address: str | None) -> str | None:
        """A ticket or an invite, which are used up by it, or an access token, which is not."""

        def enter(connection: Any) -> str | None:
            found = find_credential(connection, secret, "ticket", "token")
            if found is None or role_of(connection, found.account) is None:
                return None
            if found.kind == "ticket" and not use_ticket(connection, found):
                return None
            actor = Actor(found.account, address)
            add_audit(connection, actor, "sign_in", f"account:{actor.name}", by=found.kind)
            return make_credential(connection, actor.name, "session", SESSION_SECONDS)[1]

        return await self._write(enter)

    async def sign_out(self, ids: Iterable[str], person: Person) -> None:
        def leave(connection: Any) -> None:
            for id in ids:
                found = find_credential(connection, id, "session")
                if found is not None:
                    end_credential(connection, found.id)
            add_audit(connection, person, "sign_out", f"account:{person.name}")

        await self._write(leave)

    async def note_refusal(self, person: Person, request: str) -> None:
        await self._write(lambda c: add_audit(c, person, "refuse", request, role=person.role))

    async def _find(self, text: str, kind: CredentialKind) -> Person | None:
        def find() -> Person | None:
            with self._get_database().read() as connection:
                found = find_credential(connection, text, kind)
                role = None if found is None else role_of(connection, found.account)
                return None if found is None or role is None else Person(found.account, role=role)

        return await run_in_threadpool(find)

    async def _write(self, change: Callable[[Any], Result]) -> Result:
        def write() -> Result:
            with self._get_database().begin() as connection:
                return change(connection)

        return await run_in_threadpool(write)


def _equal(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())
