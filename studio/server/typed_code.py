"""Code that people of a team typed into nodes: read and approved by digest, as packages are."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import Connection

from studio.database.packages import get_approval
from studio.database.typed_code import TypedCodeRecord, get_typed_code, list_typed_code
from studio.server.json_route import JsonRoute
from studio.server.models import Digest, Time
from studio.server.package_items import approval_item
from studio.server.package_models import ApprovalItem
from studio.server.parts import Parts, PartsDep, PersonDep

router = APIRouter(prefix="/code", tags=["packages"], route_class=JsonRoute)


class CodeItem(BaseModel):
    """author empty: it was there before it was known whose it is.

    source: the texts by parameter; null: nobody has asked to run it yet.
    """

    digest: str
    component: str
    author: str
    source: dict[str, str] | None
    approval: ApprovalItem
    created_at: Time


class CodeList(BaseModel):
    code: list[CodeItem]


@router.get("", summary="List code that waits for an approval, the newest first")
def list_waiting_code(parts: PartsDep) -> CodeList:
    with parts.database.read() as connection:
        return CodeList(code=[_item(connection, item) for item in list_typed_code(connection)])


@router.get("/{digest}", summary="Read code by its digest")
def read_code(digest: Digest, parts: PartsDep) -> CodeItem:
    with parts.database.read() as connection:
        return _item(connection, get_typed_code(connection, digest))


@router.post("/{digest}/approve", summary="Let code run in the runs of everybody")
def approve_code(digest: Digest, parts: PartsDep, person: PersonDep) -> CodeItem:
    return _decide(parts, digest, True, person)


@router.post("/{digest}/revoke", summary="Let no new step run this code")
def revoke_code(digest: Digest, parts: PartsDep, person: PersonDep) -> CodeItem:
    return _decide(parts, digest, False, person)


def _decide(parts: Parts, digest: str, approved: bool, person: PersonDep) -> CodeItem:
    with parts.database.read() as connection:
        record = get_typed_code(connection, digest)
    where = f"code:{record.component}"
    parts.trust.decide(digest, approved, person, where, author=record.author)
    with parts.database.read() as connection:
        return _item(connection, record)


def _item(connection: Connection, record: TypedCodeRecord) -> CodeItem:
    approval = approval_item(get_approval(connection, record.digest))
    return CodeItem(**record.__dict__, approval=approval)
