"""People of a team: who am I, my access tokens, and for admins the accounts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from studio.database.accounts import (
    INVITE_SECONDS,
    Account,
    Credential,
    add_account,
    change_account,
    end_credential,
    get_account,
    get_credential,
    list_accounts,
    list_tokens,
    make_credential,
)
from studio.database.audit import add_audit
from studio.errors import ConflictError, NotFoundError, say
from studio.roles import GRANTS, OPERATOR, Permission, Role, may
from studio.server.json_route import JsonRoute
from studio.server.models import Time
from studio.server.parts import Parts, PartsDep, PersonDep

router = APIRouter(tags=["access"], route_class=JsonRoute)

_DAY = 24 * 3600

AccountName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")]
TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Me(BaseModel):
    """Who makes this request, and what they may do. Local mode has one user, who may everything."""

    name: str
    role: Role
    permissions: list[Permission]
    mode: Literal["local", "team"]


class AccountItem(BaseModel):
    """active false: removed; the name is not given to another."""

    name: str
    role: Role
    active: bool
    created_by: str
    created_at: Time


class AccountList(BaseModel):
    accounts: list[AccountItem]


class NewAccount(_Request):
    name: Annotated[str, Field(max_length=64)]
    role: Role


class AccountChange(_Request):
    role: Role | None = None
    active: bool | None = None


class Invite(BaseModel):
    """Opens `/login?ticket=…` once; `ticket` is not told again."""

    account: AccountItem
    ticket: str
    expires_at: Time


class TokenItem(BaseModel):
    id: str
    label: str
    created_at: Time
    expires_at: Time


class TokenList(BaseModel):
    tokens: list[TokenItem]


class NewToken(_Request):
    """days: how long it lets in."""

    label: Annotated[str, Field(max_length=100, pattern=r"^[^\x00]*$")] = ""
    days: Annotated[int, Field(ge=1, le=366)] = 90


class MadeToken(TokenItem):
    """`token` is not told again: only its hash is kept."""

    token: str


@router.get("/me", summary="Who makes this request, and what they may do")
def who_am_i(parts: PartsDep, person: PersonDep) -> Me:
    return Me(
        name=person.name,
        role=person.role,
        permissions=sorted(GRANTS[person.role]),
        mode="team" if parts.settings.is_team else "local",
    )


@router.get("/tokens", summary="List the access tokens of whoever asks")
def list_my_tokens(parts: PartsDep, person: PersonDep) -> TokenList:
    with parts.database.read() as connection:
        return TokenList(tokens=[_token(item) for item in list_tokens(connection, person.name)])


@router.post("/tokens", summary="Make an access token for whoever asks", status_code=201)
def add_token(request: NewToken, parts: PartsDep, person: PersonDep) -> MadeToken:
    _refuse_local(parts)
    with parts.database.begin() as connection:
        if person.name == OPERATOR:
            raise ConflictError(
                "The operator's token is the one of the data folder.",
                hint="Make an account for yourself, and a token for that.",
                code="account.operator",
            )
        seconds = request.days * _DAY
        made, text = make_credential(connection, person.name, "token", seconds, request.label)
        add_audit(connection, person, "token_add", f"account:{person.name}", token=made.id)
    return MadeToken(**dict(_token(made)), token=text)


@router.delete("/tokens/{token_id}", summary="End an access token; admins may end anybody's")
def remove_token(token_id: TokenId, parts: PartsDep, person: PersonDep) -> TokenList:
    with parts.database.begin() as connection:
        found = get_credential(connection, token_id)
        is_mine = found.account == person.name or may(person.role, "admin")
        if found.kind != "token" or not is_mine:
            raise NotFoundError(
                say("There is no token {token_id!r}.", token_id=token_id), code="token.unknown"
            )
        end_credential(connection, token_id)
        add_audit(connection, person, "token_remove", f"account:{found.account}", token=token_id)
    return list_my_tokens(parts, person)


@router.get("/accounts", summary="List the accounts of the team")
def list_all_accounts(parts: PartsDep) -> AccountList:
    with parts.database.read() as connection:
        return AccountList(accounts=[_item(account) for account in list_accounts(connection)])


@router.post("/accounts", summary="Make an account, and an address that signs in to it once")
def create_account(request: NewAccount, parts: PartsDep, person: PersonDep) -> Invite:
    _refuse_local(parts)
    with parts.database.begin() as connection:
        account = add_account(connection, request.name, request.role, person.name)
        where = f"account:{account.name}"
        add_audit(connection, person, "account_add", where, role=account.role)
        return _invite(connection, account)


@router.put("/accounts/{account}", summary="Change a role, or remove or bring back an account")
def update_account(
    account: AccountName, request: AccountChange, parts: PartsDep, person: PersonDep
) -> AccountItem:
    return _change(parts, person, account, request.role, request.active)


@router.delete("/accounts/{account}", summary="Remove an account: it is signed out everywhere")
def remove_account(account: AccountName, parts: PartsDep, person: PersonDep) -> AccountItem:
    return _change(parts, person, account, None, False)


@router.post("/accounts/{account}/invite", summary="Another address that signs in once")
def invite_again(account: AccountName, parts: PartsDep, person: PersonDep) -> Invite:
    """The one who is invited gets in as this account: give the address to nobody else."""
    with parts.database.begin() as connection:
        found = get_account(connection, account)
        if not found.active:
            message = say("The account {account!r} was removed.", account=account)
            raise ConflictError(message, hint="Bring it back first.", code="account.removed")
        add_audit(connection, person, "account_invite", f"account:{account}")
        return _invite(connection, found)


def _change(
    parts: Parts, person: PersonDep, name: str, role: Role | None, active: bool | None
) -> AccountItem:
    with parts.database.begin() as connection:
        before = get_account(connection, name)
        after = change_account(connection, name, role, active)
        if after.role != before.role:
            what = {"before": before.role, "after": after.role}
            add_audit(connection, person, "role_change", f"account:{name}", **what)
        if after.active != before.active:
            action = "account_activate" if after.active else "account_remove"
            add_audit(connection, person, action, f"account:{name}")
    return _item(after)


def _invite(connection: Connection, account: Account) -> Invite:
    made, text = make_credential(connection, account.name, "ticket", INVITE_SECONDS)
    return Invite(account=_item(account), ticket=text, expires_at=made.expires_at)


def _refuse_local(parts: Parts) -> None:
    if not parts.settings.is_team:
        raise ConflictError(
            "Local mode has one user and no accounts.",
            hint="STUDIO_MODE=team starts a studio for several people; see docs/teams.md.",
            code="mode.local",
        )


def _item(account: Account) -> AccountItem:
    return AccountItem(**account.__dict__)


def _token(credential: Credential) -> TokenItem:
    known = TokenItem.model_fields
    return TokenItem(**{k: v for k, v in credential.__dict__.items() if k in known})
