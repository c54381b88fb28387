"""`studio user` and `studio audit`: for whoever runs a team's studio, on its data folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from studio.cli.explain import explain_errors
from studio.roles import ROLES, as_role

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from studio.database.accounts import Account
    from studio.database.audit import Actor

_DAY = 24 * 3600
_Role = click.Choice(ROLES)


@click.group()
def user() -> None:
    """Accounts of a team (STUDIO_MODE=team)."""


@user.command()
@click.argument("name")
@click.option("--role", type=_Role, default="editor", show_default=True)
@explain_errors
def add(name: str, role: str) -> None:
    """Make an account; prints an address that signs in to it once."""
    from studio.database.accounts import add_account
    from studio.database.audit import add_audit

    with _writing() as (connection, actor):
        account = add_account(connection, name, as_role(role), actor.name)
        add_audit(connection, actor, "account_add", f"account:{name}", role=role)
        click.echo(_invite(connection, account))


@user.command()
@click.argument("name")
@explain_errors
def invite(name: str) -> None:
    """Print another address that signs in to an account once."""
    from studio.database.accounts import get_account
    from studio.database.audit import add_audit

    with _writing() as (connection, actor):
        account = get_account(connection, name)
        add_audit(connection, actor, "account_invite", f"account:{name}")
        click.echo(_invite(connection, account))


@user.command(name="list")
@explain_errors
def list_() -> None:
    """List the accounts."""
    from studio.database.accounts import list_accounts

    with _writing() as (connection, _):
        for account in list_accounts(connection):
            state = "" if account.active else "removed"
            click.echo(f"{account.name:<24}{account.role:<12}{state}".rstrip())


@user.command()
@click.argument("name")
@click.argument("new", metavar="ROLE", type=_Role)
@explain_errors
def role(name: str, new: str) -> None:
    """Give an account another role."""
    from studio.database.accounts import change_account, get_account
    from studio.database.audit import add_audit

    with _writing() as (connection, actor):
        before = get_account(connection, name).role
        change_account(connection, name, role=as_role(new))
        where = f"account:{name}"
        add_audit(connection, actor, "role_change", where, before=before, after=new)


@user.command()
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True)
@click.option("--label", default="", help="What it is for.")
@explain_errors
def token(name: str, days: int, label: str) -> None:
    """Print a new access token of an account; it cannot be printed again."""
    from studio.database.accounts import get_account, make_credential
    from studio.database.audit import add_audit

    with _writing() as (connection, actor):
        account = get_account(connection, name)
        made, text = make_credential(connection, account.name, "token", days * _DAY, label)
        add_audit(connection, actor, "token_add", f"account:{name}", token=made.id)
        click.echo(text)


@user.command()
@click.argument("name")
@explain_errors
def remove(name: str) -> None:
    """Remove an account: it is signed out everywhere, and its name is not given again."""
    _set_active(name, False)


@user.command()
@click.argument("name")
@explain_errors
def activate(name: str) -> None:
    """Bring a removed account back."""
    _set_active(name, True)


def _set_active(name: str, active: bool) -> None:
    from studio.database.accounts import change_account
    from studio.database.audit import add_audit

    with _writing() as (connection, actor):
        change_account(connection, name, active=active)
        action = "account_activate" if active else "account_remove"
        add_audit(connection, actor, action, f"account:{name}")


@click.command()
@click.option("--object", "of", help="Only what was done to this, such as `package:NAME`.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@explain_errors
def audit(of: str | None, limit: int, as_json: bool) -> None:
    """Print the audit log: who did what, from where, the newest first."""
    from studio.database.audit import list_audit

    with _writing() as (connection, _):
        entries = list_audit(connection, of, limit=limit)
    for entry in entries:
        if as_json:
            click.echo(json.dumps(entry.__dict__))
            continue
        at = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M:%S")
        details = " ".join(f"{key}={_short(value)}" for key, value in entry.detail.items())
        words = f"{at}  {entry.actor:<16}{entry.address or '-':<16}{entry.action:<16}{entry.object}"
        click.echo(f"{words}  {details}".rstrip())


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 64 else f"{text[:64]}…"


@contextmanager
def _writing() -> Iterator[tuple[Connection, Actor]]:
    """One transaction on the data folder, and who works on it."""
    from studio.cli.local import opened_database, operator
    from studio.settings import load_settings

    settings = load_settings()
    with opened_database(settings) as database, database.begin() as connection:
        yield connection, operator(settings)


def _invite(connection: Connection, account: Account) -> str:
    from studio.client import find_studio
    from studio.database.accounts import INVITE_SECONDS, make_credential
    from studio.settings import load_settings

    settings = load_settings()
    _, text = make_credential(connection, account.name, "ticket", INVITE_SECONDS)
    if settings.allowed_hosts:
        return f"https://{settings.allowed_hosts[0]}/login?ticket={text}"
    studio = find_studio(settings)
    base = studio.url if studio else f"http://{settings.host}:{settings.port}"
    return f"{base}/login?ticket={text}"
