"""What is kept, and what is removed: results of old runs go, unless somebody pinned them.

First the database forgets, in one transaction; then the files go. So a crash between the two
leaves files that nobody knows, which the next collection removes, and never the other way round.
A file goes in a transaction that finds it still forgotten: a step may have made the same again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select

from studio.database.artifacts import find_places
from studio.database.engine import Database, batches
from studio.database.events import wait_for_writers
from studio.database.tables import artifacts, datasets, events, inspections, results, runs, steps
from studio.run import FINAL_RUN_STATES
from studio.store import Store

# A folder that nobody knows may belong to an upload or a step that is being recorded just now.
_ORPHAN_SECONDS = 3600.0


@dataclass(frozen=True)
class Retention:
    """A run is kept when it is young, or among the newest of its pipeline, pinned or not over."""

    days: float = 30.0
    runs: int = 20


@dataclass(frozen=True)
class Collected:
    """What was removed, or would be: of how many runs, how many artifacts, and their bytes."""

    runs: int
    artifacts: int
    bytes: int
    orphans: int


def collect_garbage(
    database: Database, store: Store, logs: Path, keep: Retention, dry_run: bool = False
) -> Collected:
    """Remove artifacts and logs that no kept run needs. Runs stay listed, with their numbers."""
    with database.read() if dry_run else database.begin() as connection:
        if not dry_run:
            wait_for_writers(connection)
        old = _old_runs(connection, keep)
        live = _live_digests(connection, old)
        rows = connection.execute(select(artifacts.c.digest, artifacts.c.size)).all()
        dead = {row.digest: row.size for row in rows if row.digest not in live}
        known = live | {row.digest for row in rows} - set(dead)
        if not dry_run:
            _forget(connection, dead, old)
    orphans = [
        digest for digest in store.digests(_ORPHAN_SECONDS) if digest not in known | set(dead)
    ]
    if not dry_run:
        _remove(database, store, [*dead, *orphans])
        for run in old:
            shutil.rmtree(logs / run, ignore_errors=True)
    return Collected(len(old), len(dead), sum(dead.values()), len(orphans))


def _old_runs(connection: Connection, keep: Retention) -> list[str]:
    """Runs that are over and not kept, of which something is left to remove."""
    young = time.time() - keep.days * 24 * 3600
    query = select(runs.c.id, runs.c.pipeline_id, runs.c.state, runs.c.pinned, runs.c.created_at)
    seen: dict[str, int] = {}
    old = []
    for run in connection.execute(query.order_by(runs.c.created_at.desc(), runs.c.id)):
        rank = seen[run.pipeline_id] = seen.get(run.pipeline_id, 0) + 1
        is_kept = (
            run.state not in FINAL_RUN_STATES
            or run.pinned
            or rank <= keep.runs
            or run.created_at > young
        )
        if not is_kept:
            old.append(run.id)
    return old


def _live_digests(connection: Connection, old: Sequence[str]) -> set[str]:
    """Digests of the datasets and of everything that steps of kept runs wrote."""
    live = set(connection.execute(select(datasets.c.digest)).scalars())
    gone = set(old)
    for run_id, outputs in connection.execute(select(steps.c.run_id, steps.c.outputs)):
        if run_id not in gone:
            live.update(output["digest"] for output in outputs.values())
    return live


def _forget(connection: Connection, dead: Iterable[str], old: Iterable[str]) -> None:
    dead = set(dead)
    keys = [
        key
        for key, outputs in connection.execute(select(results.c.key, results.c.outputs))
        if any(output["digest"] in dead for output in outputs.values())
    ]
    for batch in batches(keys):
        connection.execute(delete(results).where(results.c.key.in_(batch)))
    for batch in batches(sorted(dead)):
        connection.execute(delete(inspections).where(inspections.c.digest.in_(batch)))
        connection.execute(delete(artifacts).where(artifacts.c.digest.in_(batch)))
    for batch in batches(old):
        connection.execute(delete(events).where(events.c.run_id.in_(batch)))


def _remove(database: Database, store: Store, digests: Iterable[str]) -> None:
    for batch in batches(digests):
        with database.begin() as connection:
            wait_for_writers(connection)
            wanted = find_places(connection, batch)
            for digest in batch:
                if digest not in wanted:
                    store.discard(digest)
    store.empty_trash()
