"""`studio doctor`: is everything there that the studio needs, and is what it keeps whole?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from studio.cli.explain import explain_errors

if TYPE_CHECKING:
    from studio.settings import Settings

_MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. hint: the way out, where it is not well."""

    state: Literal["ok", "warning", "error"]
    what: str
    hint: str = ""


@click.command()
@click.option("--verify", is_flag=True, help="Read every artifact and compare its digest.")
@click.option("--repair", is_flag=True, help="Also remove what was changed: it is made anew.")
@explain_errors
def doctor(verify: bool, repair: bool) -> None:
    """Look at the data folder, the database, Java, the sandbox, and the artifacts.

    Ends with 1 when something is broken; a warning is no error.
    """
    from studio.settings import load_settings

    settings = load_settings()
    checks = (
        *_folder(settings),
        *_database(settings),
        *_java(settings),
        *_sandbox(settings),
        *_artifacts(settings, verify or repair, repair),
    )
    for check in checks:
        click.echo(f"{_MARKS[check.state]} {check.what}")
        if check.hint and check.state != "ok":
            click.echo(f"  {check.hint}")
    sys.exit(1 if any(check.state == "error" for check in checks) else 0)


def _folder(settings: Settings) -> Iterator[Check]:
    from studio.client import find_studio

    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    yield Check("ok", f"The data folder is {settings.home}.")
    free = shutil.disk_usage(settings.home).free
    enough = free > settings.disk_reserve_bytes
    hint = "No step starts on a disk that is this full: free space, or run `studio gc`."
    yield Check("ok" if enough else "error", f"{free / 1e9:,.1f} GB are free there.", hint)
    if settings.home.stat().st_mode & 0o077:
        yield Check("warning", "Others may look into it.", f"chmod 700 {settings.home}")
    client = find_studio(settings)
    yield Check("ok", f"A studio runs on {client.url}." if client else "No studio runs on it.")


def _database(settings: Settings) -> Iterator[Check]:
    from studio.cli.local import opened_database
    from studio.database.engine import sqlite_version

    with opened_database(settings) as database:
        name = database.engine.dialect.name
        if name == "sqlite":
            with database.read() as connection:
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
            whole = found == "ok"
            what = f"The database (SQLite {sqlite_version()}) is {'whole' if whole else found}."
            hint = "Stop the studio and put back the newest copy beside studio.db."
            yield Check("ok" if whole else "error", what, hint)
        else:
            yield Check("ok", f"The database ({name}) answers.")


def _java(settings: Settings) -> Iterator[Check]:
    from studio.errors import StudioError
    from studio.spark.command import cache_options, find_java

    if settings.spark_remote:
        yield Check("ok", f"Spark is the cluster at {settings.spark_remote}.")
        return
    try:
        java = find_java()
    except StudioError as error:
        yield Check("warning", error.message, error.hint or "")
        return
    fast = "starts fast" if cache_options(settings.home / "spark") else "has no start-up cache yet"
    yield Check("ok", f"Spark runs on Java {java.version} and {fast}.")


def _sandbox(settings: Settings) -> Iterator[Check]:
    """What hostile probes came to on this machine; they are run once a boot."""
    from studio.sandbox.keeper import SandboxKeeper

    keeper = SandboxKeeper(settings.home, settings.runs_in_weak_sandbox)
    report = keeper.wait()
    if report.mechanism == "none":
        hint = "Install bubblewrap, or a Linux kernel with Landlock (5.13 or later)."
        yield Check(
            "warning", "Nothing here confines code that people bring: it does not run.", hint
        )
        return
    tried = len(report.details)
    what = f"Code that people bring is confined by {report.mechanism}"
    if report.is_sufficient:
        yield Check(
            "ok", f"{what}: {len(report.denied)} of {tried} attacks were denied, all it must."
        )
    else:
        runs = "runs, as you allow" if keeper.verdict(report) == "weak" else "does not run"
        hint = "See docs/sandbox.md; STUDIO_ALLOW_WEAK_SANDBOX=1 runs such code nevertheless."
        yield Check("warning", f"{what}, which denies less than it must: such code {runs}.", hint)
    for name in report.missing:
        yield Check("warning", f"Not denied: {name}. {report.details.get(name, '')}".rstrip())


def _artifacts(settings: Settings, verify: bool, repair: bool) -> Iterator[Check]:
    from sqlalchemy import select

    from studio.cli.local import opened_database
    from studio.database.tables import artifacts
    from studio.store import Store

    store = Store(settings.store)
    with opened_database(settings) as database, database.read() as connection:
        large = artifacts.c.content.is_(None)
        digests = list(connection.execute(select(artifacts.c.digest).where(large)).scalars())
    missing = [digest for digest in digests if not store.has(digest)]
    damaged = [d for d in digests if verify and store.has(d) and not store.verify(d)]
    done = "have their digest" if verify else "are there"
    yield Check("ok", f"{len(digests) - len(missing) - len(damaged):,} artifacts {done}.")
    for digest in missing:
        hint = "The step that made it runs again when it is needed."
        yield Check("warning", f"Artifact {digest[:12]}… is not in the store.", hint)
    for digest in damaged:
        if repair:
            store.remove(digest)
            yield Check("warning", f"Artifact {digest[:12]}… was changed on disk, and is removed.")
        else:
            hint = "`studio doctor --repair` removes it, so that it is made anew."
            yield Check("error", f"Artifact {digest[:12]}… was changed on disk.", hint)
