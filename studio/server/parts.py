"""What the endpoints work with, opened once when the server starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, cast

from fastapi import Depends, Request

from studio.catalog import CatalogReader
from studio.database.engine import Database
from studio.inspector import Inference, Inspector, SourceReader
from studio.packages.environments import Environments
from studio.packages.shelf import PackageShelf
from studio.packages.trust import Trust
from studio.sandbox.keeper import SandboxKeeper
from studio.server.checking import Checks
from studio.server.feed import EventFeed
from studio.server.limits import Limits
from studio.server.people import People, Person
from studio.server.warming import Warming
from studio.settings import Settings
from studio.store import Store


@dataclass(frozen=True)
class Access:
    """Who may come in; there before the database is."""

    token: str
    people: People
    is_team: bool


@dataclass(frozen=True)
class Parts:
    settings: Settings
    limits: Limits
    access: Access
    database: Database
    store: Store
    inspector: Inspector
    inference: Inference
    sources: SourceReader
    shelf: PackageShelf
    environments: Environments
    catalog: CatalogReader
    feed: EventFeed
    warming: Warming
    sandbox: SandboxKeeper
    checks: Checks

    @property
    def trust(self) -> Trust:
        return Trust(self.database, self.settings.is_team)

    @property
    def uploads(self) -> Path:
        """Where uploads lie until they are whole: on the store's disk, so that a move is atomic."""
        return self.settings.home / "uploads"


async def get_parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


async def get_access(request: Request) -> Access:
    return cast("Access", request.app.state.access)


async def get_person(request: Request) -> Person:
    return cast("Person", request.state.person)


PartsDep = Annotated[Parts, Depends(get_parts)]
AccessDep = Annotated[Access, Depends(get_access)]
PersonDep = Annotated[Person, Depends(get_person)]


def author_of(parts: Parts, person: Person, given: str = "") -> str:
    """Who a version is said to be by: in a team whoever stores it, on a laptop as they say."""
    return person.name if parts.settings.is_team else given
