"""Put the server together: layers of defence, routes, and what is opened at the start."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import cast

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from studio.catalog import CatalogReader
from studio.database.engine import migrate, open_database
from studio.inspector import Inference, Inspector, SourceReader
from studio.packages.environments import Environments
from studio.packages.shelf import PackageShelf
from studio.packages.trust import Trust
from studio.sandbox.keeper import SandboxKeeper
from studio.server import (
    accounts,
    artifacts,
    compare,
    components,
    datasets,
    drafts,
    health,
    housekeeping,
    lineage,
    login,
    package_sources,
    package_trust,
    packages,
    pages,
    pipelines,
    plans,
    runs,
    sandbox,
    schemas,
    secrets,
    steps,
    streams,
    templates,
    typed_code,
)
from studio.server.answers import Answers
from studio.server.checking import Checks
from studio.server.feed import EventFeed
from studio.server.guard import Guard
from studio.server.limits import Limits
from studio.server.openapi import REFUSALS, StudioApp, operation_id
from studio.server.parts import Access, Parts
from studio.server.people import OnePerson, People, Team
from studio.server.problems import add_handlers
from studio.server.sessions import Sessions, Tickets
from studio.server.tokens import read_or_create_token
from studio.server.trials import Trials
from studio.server.warming import Warming
from studio.settings import Settings, builtin_folder, load_settings
from studio.store import Store

RESOURCES = (
    login,
    accounts,
    components,
    pipelines,
    drafts,
    templates,
    plans,
    schemas,
    compare,  # before runs, or its name would be taken for an id
    runs,
    steps,
    streams,
    artifacts,
    lineage,
    datasets,
    housekeeping,
    packages,
    secrets,
    package_sources,
    package_trust,
    typed_code,
    sandbox,
)


def create_app(settings: Settings | None = None, limits: Limits | None = None) -> FastAPI:
    """The studio's server. settings None: from the environment."""
    settings, limits = settings or load_settings(), limits or Limits()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    token = read_or_create_token(settings)
    people: People
    if settings.is_team:
        people = Team(token, lambda: cast("Parts", app.state.parts).database)
    else:
        people = OnePerson(token, Tickets(), Sessions(settings.home / "sessions.json"))
    access = Access(token, people, settings.is_team)
    app = StudioApp(
        title="Splice Studio",
        version="1",
        docs_url=None,  # these pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=operation_id,
        middleware=[Middleware(Answers), Middleware(Guard, people, settings)],
        lifespan=_lifespan(settings, limits, access),
    )
    app.state.access, app.state.limits = access, limits
    add_handlers(app)
    _add_routes(app)
    return app


def _add_routes(app: FastAPI) -> None:
    api = APIRouter(prefix="/api/v1", responses=REFUSALS)
    for resource in RESOURCES:
        api.include_router(resource.router)
    for more in (package_sources.uploads, package_trust.audit):
        api.include_router(more)
    for router in (api, health.router, login.public, pages.router):
        app.include_router(router)


def _lifespan(
    settings: Settings, limits: Limits, access: Access
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = _open_parts(settings, limits, access)
        app.state.parts = parts
        parts.warming.start()
        try:
            yield
        finally:
            parts.feed.close()
            parts.inspector.stop()
            parts.sources.stop()
            parts.database.close()

    return lifespan


def _open_parts(settings: Settings, limits: Limits, access: Access) -> Parts:
    database = open_database(settings.database)
    migrate(database)
    inspector = Inspector()
    inspector.start()
    sources = SourceReader()
    sources.start()
    shelf = PackageShelf(settings.home, database, sources.read)
    catalog = CatalogReader(
        [builtin_folder("components")], database, inspector.read_components, shelf
    )
    environments = Environments(settings.home, database, settings.wheelhouse)
    sandbox = SandboxKeeper(settings.home, settings.runs_in_weak_sandbox)
    trials = Trials(Trust(database, settings.is_team), environments, sandbox)
    parts = Parts(
        settings=settings,
        limits=limits,
        access=access,
        database=database,
        store=Store(settings.store),
        inspector=inspector,
        inference=Inference(inspector.schemas, trials.columns),
        sources=sources,
        shelf=shelf,
        environments=environments,
        catalog=catalog,
        feed=EventFeed(database),
        warming=Warming(catalog),
        sandbox=sandbox,
        checks=Checks(database, shelf, environments, Trust(database, settings.is_team)),
    )
    shutil.rmtree(parts.uploads, ignore_errors=True)  # what a crash left half received
    parts.uploads.mkdir()
    return parts
