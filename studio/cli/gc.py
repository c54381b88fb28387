"""`studio gc`: remove results that no kept run needs, in the running studio or here."""

from __future__ import annotations

from typing import Any

import click

from studio.cli.explain import explain_errors


@click.command()
@click.option("--days", default=30.0, show_default=True, help="Keep runs younger than this.")
@click.option("--runs", default=20, show_default=True, help="Keep this many of each pipeline.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be removed.")
@explain_errors
def gc(days: float, runs: int, dry_run: bool) -> None:
    """Remove the results of old runs that are not pinned; the runs stay listed."""
    from studio.client import find_studio
    from studio.settings import load_settings

    settings = load_settings()
    client = find_studio(settings)
    if client is not None:
        body = {"days": days, "runs": runs, "dry_run": dry_run}
        done = client._request("POST", "/gc", json=body)
    else:
        done = _collect_here(settings, days, runs, dry_run)
    removed = "would be removed" if dry_run else "removed"
    click.echo(
        f"{done['artifacts']:,} artifacts ({done['bytes'] / 1e6:,.1f} MB) of {done['runs']:,} old "
        f"runs and {done['orphans']:,} unknown folders {removed}."
    )


def _collect_here(settings: Any, days: float, runs: int, dry_run: bool) -> dict[str, Any]:
    from studio.cli.local import opened_database
    from studio.packages.environments import Environments
    from studio.retention import Retention, collect_garbage
    from studio.runner.lock import only_runner
    from studio.store import Store

    with only_runner(settings.home), opened_database(settings) as database:
        keep = Retention(days, runs)
        store = Store(settings.store)
        if not dry_run:
            Environments(settings.home, database).collect_garbage()
        return dict(collect_garbage(database, store, settings.logs, keep, dry_run).__dict__)
