"""Secrets: written and listed by name; a value never comes back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from studio.database.audit import Actor, add_audit
from studio.secrets import Secrets
from studio.server.json_route import JsonRoute
from studio.server.parts import Parts, PartsDep, PersonDep

router = APIRouter(prefix="/secrets", tags=["secrets"], route_class=JsonRoute)

SecretName = Annotated[str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class SecretList(BaseModel):
    names: list[str]


class SecretValue(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, Field(min_length=1, max_length=64 << 10)]


@router.get("", summary="List the names of the secrets")
def list_secrets(parts: PartsDep) -> SecretList:
    return SecretList(names=Secrets(parts.settings.home).names())


@router.put("/{name}", summary="Keep a value under a name")
def put_secret(
    name: SecretName, secret: SecretValue, parts: PartsDep, person: PersonDep
) -> SecretList:
    Secrets(parts.settings.home).put(name, secret.value)
    return _noted(parts, person, "secret_set", name)


@router.delete("/{name}", summary="Forget a value")
def remove_secret(name: SecretName, parts: PartsDep, person: PersonDep) -> SecretList:
    Secrets(parts.settings.home).remove(name)
    return _noted(parts, person, "secret_remove", name)


def _noted(parts: Parts, actor: Actor, action: str, name: str) -> SecretList:
    with parts.database.begin() as connection:
        add_audit(connection, actor, action, f"secret:{name}")
    return list_secrets(parts)
