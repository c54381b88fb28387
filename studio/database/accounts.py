"""Accounts of a team, and what lets their people in: of every secret only the hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, RowMapping, insert, select, update

from studio.database.tables import accounts, credentials
from studio.errors import ConflictError, NotFoundError, StudioError, say
from studio.roles import OPERATOR, RESERVED, Role, as_role

CredentialKind = Literal["token", "ticket", "session"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}", re.ASCII)
_PREFIX = "studio"

INVITE_SECONDS = 3 * 24 * 3600.0
"""How long the first address of an account is good for."""


class AccountError(StudioError):
    status = 422
    code = "account.invalid"
    title = "The account cannot be like this"


@dataclass(frozen=True)
class Account:
    """A person of the team. active False: removed; the name is not given to another."""

    name: str
    role: Role
    active: bool
    created_by: str
    created_at: float


@dataclass(frozen=True)
class Credential:
    """Lets its account in until it expires or is ended; its secret was shown once."""

    id: str
    account: str
    kind: CredentialKind
    label: str
    created_at: float
    expires_at: float
    ended_at: float | None

    @property
    def is_alive(self) -> bool:
        return self.ended_at is None and self.expires_at > time.time()


def add_account(connection: Connection, name: str, role: Role, created_by: str) -> Account:
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise AccountError(
            say("{name!r} cannot be the name of an account.", name=name[:100]),
            hint="Small letters, digits and . _ @ - make a name; some are the studio's own.",
            code="account.name",
        )
    if _find(connection, name) is not None:
        raise ConflictError(
            say("There is an account {name!r} already, or there was.", name=name),
            hint="A removed account is brought back by activating it; names are not given twice.",
            code="account.exists",
        )
    account = Account(name, role, True, created_by, time.time())
    connection.execute(insert(accounts).values(account.__dict__))
    return account


def _find(connection: Connection, name: str) -> Account | None:
    row = connection.execute(select(accounts).where(accounts.c.name == name)).mappings().first()
    return None if row is None else Account(**{**row, "role": as_role(row["role"])})


def get_account(connection: Connection, name: str) -> Account:
    account = _find(connection, name)
    if account is None:
        raise NotFoundError(say("There is no account {name!r}.", name=name), code="account.unknown")
    return account


def list_accounts(connection: Connection) -> list[Account]:
    rows = connection.execute(select(accounts).order_by(accounts.c.name)).mappings()
    return [Account(**{**row, "role": as_role(row["role"])}) for row in rows]


def change_account(
    connection: Connection, name: str, role: Role | None = None, active: bool | None = None
) -> Account:
    """Another role, or removed, or brought back. Who is removed is signed out everywhere.

    Raises ConflictError when nobody would be left to manage accounts.
    """
    before = get_account(connection, name)
    new_role, is_active = role or before.role, before.active if active is None else active
    if before.role == "admin" and before.active and not (new_role == "admin" and is_active):
        _refuse_last_admin(connection, name)
    changed = update(accounts).where(accounts.c.name == name)
    connection.execute(changed.values(role=new_role, active=is_active))
    if not is_active:
        end_credentials(connection, name)
    return get_account(connection, name)


def _refuse_last_admin(connection: Connection, name: str) -> None:
    """Locks the admins, so that of two who go at once the second is refused."""
    admins = select(accounts.c.name).where(accounts.c.role == "admin", accounts.c.active.is_(True))
    if set(connection.execute(admins.with_for_update()).scalars()) <= {name}:
        raise ConflictError(
            say("{name!r} is the last admin.", name=name),
            hint="Make somebody else an admin first.",
            code="account.last_admin",
        )


def make_credential(
    connection: Connection, account: str, kind: CredentialKind, seconds: float, label: str = ""
) -> tuple[Credential, str]:
    """A new credential, and its text, which is kept nowhere and cannot be told again."""
    id, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), time.time()
    made = Credential(id, account, kind, label, now, now + seconds, None)
    connection.execute(insert(credentials).values({**made.__dict__, "hash": _hash(secret)}))
    return made, f"{_PREFIX}_{id}_{secret}"


def find_credential(connection: Connection, text: str, *kinds: CredentialKind) -> Credential | None:
    """The living credential of one of these kinds with this text; None: there is none."""
    prefix, _, rest = text.partition("_")
    id, _, secret = rest.partition("_")
    if prefix != _PREFIX:
        return None
    row = connection.execute(select(credentials).where(credentials.c.id == id)).mappings().first()
    # Compared also where there is no such row: the time of an answer tells nothing.
    fits = hmac.compare_digest(row["hash"] if row else "0" * 64, _hash(secret))
    if row is None or not fits:
        return None
    found = _credential(row)
    return found if found.kind in kinds and found.is_alive else None


def use_ticket(connection: Connection, ticket: Credential) -> bool:
    """End a one-time ticket; True for the one of many who was first."""
    mine = update(credentials).where(
        credentials.c.id == ticket.id, credentials.c.ended_at.is_(None)
    )
    return connection.execute(mine.values(ended_at=time.time())).rowcount == 1


def get_credential(connection: Connection, id: str) -> Credential:
    row = connection.execute(select(credentials).where(credentials.c.id == id)).mappings().first()
    if row is None:
        raise NotFoundError(say("There is no token {id!r}.", id=id), code="token.unknown")
    return _credential(row)


def list_tokens(connection: Connection, account: str) -> list[Credential]:
    """The living access tokens of an account, the newest first."""
    query = select(credentials).where(
        credentials.c.account == account,
        credentials.c.kind == "token",
        credentials.c.ended_at.is_(None),
        credentials.c.expires_at > time.time(),
    )
    rows = connection.execute(query.order_by(credentials.c.created_at.desc())).mappings()
    return [
        Credential(**{key: value for key, value in row.items() if key != "hash"}) for row in rows
    ]


def end_credential(connection: Connection, id: str) -> None:
    mine = update(credentials).where(credentials.c.id == id, credentials.c.ended_at.is_(None))
    connection.execute(mine.values(ended_at=time.time()))


def end_credentials(connection: Connection, account: str) -> None:
    """Sign an account out everywhere: sessions, tickets and tokens."""
    mine = update(credentials).where(
        credentials.c.account == account, credentials.c.ended_at.is_(None)
    )
    connection.execute(mine.values(ended_at=time.time()))


def role_of(connection: Connection, name: str) -> Role | None:
    """What somebody may do now; None: no such person, or removed. The operator may everything."""
    if name == OPERATOR:
        return "admin"
    account = _find(connection, name)
    return account.role if account is not None and account.active else None


def names_with(connection: Connection, roles: Collection[Role]) -> list[str]:
    """The people who have one of these roles."""
    return [item.name for item in list_accounts(connection) if item.active and item.role in roles]


def _credential(row: RowMapping) -> Credential:
    return Credential(**{key: value for key, value in row.items() if key != "hash"})


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
