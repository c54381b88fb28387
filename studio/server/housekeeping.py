"""What is kept: runs that are pinned, and results that nobody needs any more."""

from __future__ import annotations

from fastapi import APIRouter

from studio.database.audit import add_audit
from studio.database.runs import pin_run
from studio.retention import Retention, collect_garbage
from studio.server.json_route import JsonRoute
from studio.server.models import Collection, CollectionRequest, PinRequest, RunId, RunItem
from studio.server.parts import PartsDep, PersonDep
from studio.server.runs import as_items

router = APIRouter(tags=["housekeeping"], route_class=JsonRoute)


@router.put("/runs/{run_id}/pin", summary="Keep the results of a run, or no longer")
def pin(run_id: RunId, request: PinRequest, parts: PartsDep) -> RunItem:
    with parts.database.begin() as connection:
        return as_items(connection, [pin_run(connection, run_id, request.pinned)])[0]


@router.post("/gc", summary="Remove results that no kept run needs")
def collect(request: CollectionRequest, parts: PartsDep, person: PersonDep) -> Collection:
    keep = Retention(request.days, request.runs)
    logs = parts.settings.logs
    if not request.dry_run:
        parts.environments.collect_garbage()
    done = collect_garbage(parts.database, parts.store, logs, keep, request.dry_run)
    if not request.dry_run:
        with parts.database.begin() as connection:
            add_audit(connection, person, "gc", "store", **done.__dict__)
    return Collection(**done.__dict__)
