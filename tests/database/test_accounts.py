"""Accounts and what lets people in: hashes only, ended at once, the last admin stays."""

from __future__ import annotations

import json
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

import studio.database
from studio.database.accounts import (
    AccountError,
    add_account,
    change_account,
    end_credential,
    find_credential,
    list_accounts,
    list_tokens,
    make_credential,
    names_with,
    role_of,
    use_ticket,
)
from studio.database.audit import Actor, add_audit, list_audit
from studio.database.engine import Database, migrate, open_database
from studio.database.tables import credentials
from studio.errors import ConflictError
from studio.roles import GRANTS, RESERVED, ROLES, Role


def account(db: Database, name: str = "ann", role: Role = "admin") -> None:
    with db.begin() as connection:
        add_account(connection, name, role, "operator")


def credential(db: Database, kind: Any = "token", seconds: float = 60.0) -> tuple[str, str]:
    with db.begin() as connection:
        made, secret = make_credential(connection, "ann", kind, seconds)
        return made.id, secret


def is_let_in(db: Database, secret: str, kind: Any = "token") -> bool:
    with db.read() as connection:
        return find_credential(connection, secret, kind) is not None


def test_roles_are_a_ladder_and_each_step_adds_something() -> None:
    for lower, higher in pairwise(ROLES):
        assert GRANTS[lower] < GRANTS[higher]


def test_a_credential_lets_in_by_its_text_and_as_its_kind_only(db: Database) -> None:
    account(db)
    id, secret = credential(db)
    assert is_let_in(db, secret)
    assert not is_let_in(db, secret, "session")
    assert not is_let_in(db, secret, "ticket")
    for wrong in ("", id, secret[:-1], secret + "x", secret.upper(), f"studio_{id}_", "studio__"):
        assert not is_let_in(db, wrong)


def test_only_a_hash_is_kept(db: Database) -> None:
    account(db)
    _, secret = credential(db)
    with db.read() as connection:
        (row,) = connection.execute(select(credentials)).mappings()
    assert secret.rpartition("_")[2] not in json.dumps(dict(row), default=str)
    assert len(row["hash"]) == 64


def test_the_comparison_takes_the_same_time_whoever_is_asked_for(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both an unknown id and a wrong secret are compared once, by the constant-time function."""
    account(db)
    id, _ = credential(db)
    compared: list[tuple[int, int]] = []

    def compare(left: str, right: str) -> bool:
        compared.append((len(left), len(right)))
        return left == right

    monkeypatch.setattr("studio.database.accounts.hmac.compare_digest", compare)
    assert not is_let_in(db, f"studio_{id}_wrong")
    assert not is_let_in(db, f"studio_{'0' * 16}_wrong")
    assert compared == [(64, 64), (64, 64)]


def test_a_credential_ends_by_its_time_by_hand_and_with_its_account(db: Database) -> None:
    account(db)
    account(db, "bob")
    _, expired = credential(db, seconds=-1.0)
    id, ended = credential(db)
    _, orphan = credential(db)
    with db.begin() as connection:
        end_credential(connection, id)
        assert [item.id for item in list_tokens(connection, "ann")] != []
    assert not is_let_in(db, expired)
    assert not is_let_in(db, ended)
    assert is_let_in(db, orphan)
    with db.begin() as connection:
        change_account(connection, "ann", active=False)
        assert role_of(connection, "ann") is None
        assert list_tokens(connection, "ann") == []
    assert not is_let_in(db, orphan)
    with db.begin() as connection:
        change_account(connection, "ann", active=True)
        assert role_of(connection, "ann") == "admin"
    assert not is_let_in(db, orphan), "who comes back signs in anew"


def test_a_ticket_lets_in_one_of_many(db: Database) -> None:
    account(db)
    _, secret = credential(db, "ticket")
    entered: list[bool] = []

    def enter() -> None:
        with db.begin() as connection:
            found = find_credential(connection, secret, "ticket")
            entered.append(found is not None and use_ticket(connection, found))

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(entered) == [False] * 5 + [True]


@pytest.mark.parametrize(
    "name", [*sorted(RESERVED), "Ann", "a b", "-a", "ä", "a/b", "a" * 65, "a\n"]
)
def test_a_name_that_cannot_be_one_is_refused(db: Database, name: str) -> None:
    with pytest.raises(AccountError), db.begin() as connection:
        add_account(connection, name, "viewer", "operator")


def test_a_name_is_not_given_twice_though_its_account_is_gone(db: Database) -> None:
    """Else whoever gets it would be the author of the other's code."""
    account(db)
    account(db, "bob")
    with db.begin() as connection:
        change_account(connection, "bob", active=False)
    with pytest.raises(ConflictError, match="bob"):
        account(db, "bob")


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"active": False}])
def test_the_last_admin_stays(db: Database, change: Any) -> None:
    account(db)
    account(db, "bob", "reviewer")
    with pytest.raises(ConflictError, match="last admin"), db.begin() as connection:
        change_account(connection, "ann", **change)
    account(db, "eve")
    with db.begin() as connection:
        change_account(connection, "ann", **change)
        assert names_with(connection, ["admin"]) == ["eve"]


def test_of_two_admins_who_go_at_once_one_stays(db: Database) -> None:
    account(db, "ann")
    account(db, "bob")
    barrier = threading.Barrier(2)

    def leave(name: str) -> None:
        barrier.wait()
        try:
            with db.begin() as connection:
                change_account(connection, name, active=False)
        except ConflictError:
            pass

    threads = [threading.Thread(target=leave, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as connection:
        assert len([item for item in list_accounts(connection) if item.active]) == 1


def test_the_audit_log_only_grows(db: Database) -> None:
    with db.begin() as connection:
        add_audit(connection, Actor("ann", "10.0.0.7"), "approve", "package:p", digest="d")
    changes = ("UPDATE audit_log SET actor = 'eve'", "DELETE FROM audit_log")
    for change in changes:
        with pytest.raises(DBAPIError, match="only grows"), db.begin() as connection:
            connection.execute(text(change))
    with db.read() as connection:
        (entry,) = list_audit(connection)
    assert (entry.actor, entry.address, entry.detail) == ("ann", "10.0.0.7", {"digest": "d"})


def test_a_data_folder_of_before_keeps_its_runs_and_its_audit_log(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'studio.db'}")
    config = Config()
    migrations = Path(studio.database.__file__).parent / "migrations"
    config.set_main_option("script_location", str(migrations))
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for row in (
            "INSERT INTO audit_log (at, actor, action, object, detail)"
            " VALUES (1, 'local', 'approve', 'package:p', '{}')",
            "INSERT INTO datasets (id, name, digest, size, created_at) VALUES ('i','n','d',1,1)",
        ):
            connection.execute(text(row))
    migrate(database)
    with database.read() as connection:
        (entry,) = list_audit(connection)
        assert (entry.actor, entry.address) == ("local", None)
        assert connection.execute(text("SELECT created_by FROM datasets")).scalar() == ""
    database.close()
