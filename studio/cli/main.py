"""The commands. Each imports what it needs when it is called, so that `--help` is instant."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from studio.cli.doctor import doctor
from studio.cli.explain import explain_errors
from studio.cli.gc import gc
from studio.cli.look import artifacts, logs, runs
from studio.cli.packages import check, new, upload
from studio.cli.runs import plan, resume, run, submit
from studio.cli.secrets import secret
from studio.cli.users import audit, user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="splice-studio")
def main() -> None:
    """Splice Studio: visual pipelines for click-through-rate models."""


@main.command()
@click.option("--port", type=int, help="Port on 127.0.0.1; the next free one if it is busy.")
@click.option(
    "--run",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Submit this pipeline once the studio is up, and print its progress.",
)
@explain_errors
def serve(port: int | None, file: Path | None) -> None:
    """Start the studio and serve until Ctrl-C."""
    from dataclasses import replace

    from studio.client import Client
    from studio.server.tokens import read_or_create_token
    from studio.settings import load_settings
    from studio.supervisor import Supervisor, interrupt_once

    settings = load_settings()
    settings = replace(settings, port=port) if port is not None else settings
    supervisor = Supervisor(settings)
    interrupt_once()
    try:
        supervisor.start()
        client = Client(supervisor.url, read_or_create_token(settings))
        click.echo(f"Splice Studio is running on {supervisor.url}")
        if file is not None:
            submit(client, file, {}, click.echo)
        if settings.is_team:
            click.echo("Team mode: `studio user add NAME --role admin` invites the first admin.")
        click.echo(f"\nOpen {client.ticket_address()}")
        click.echo("(signs your browser in once; `studio open` gives another; Ctrl-C stops)")
        while True:
            supervisor.watch()
            time.sleep(0.2)
    except KeyboardInterrupt:
        pass
    finally:
        click.echo("Stopping …")
        supervisor.stop()


@main.command(name="open")
@explain_errors
def open_() -> None:
    """Print an address that signs a browser in to the running studio."""
    from studio.client import find_studio
    from studio.errors import UnavailableError
    from studio.settings import load_settings

    client = find_studio(load_settings())
    if client is None:
        raise UnavailableError("No studio is running on this data folder.", hint="studio serve")
    click.echo(client.ticket_address())


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@explain_errors
def validate(file: Path) -> None:
    """Check a pipeline without running it; prints every problem."""
    from studio.cli.local import opened_database, read_catalog
    from studio.errors import PipelineError
    from studio.pipeline import read_pipeline
    from studio.settings import load_settings
    from studio.submission import check_pipeline

    pipeline = read_pipeline(file)
    settings = load_settings()
    with opened_database(settings) as database:
        problems = check_pipeline(read_catalog(settings, database), pipeline)
    if problems:
        raise PipelineError(problems)
    click.echo(f"{file}: {len(pipeline.nodes)} nodes, no problems.")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the specs as JSON.")
@explain_errors
def components(as_json: bool) -> None:
    """List the components that are here, and files that could not be read."""
    from studio.cli.local import opened_database, read_catalog
    from studio.settings import load_settings

    settings = load_settings()
    with opened_database(settings) as database:
        catalog = read_catalog(settings, database)
    if as_json:
        specs = [spec.model_dump(mode="json") for spec in catalog.specs.values()]
        click.echo(json.dumps(specs))
        return
    for spec in sorted(catalog.specs.values(), key=lambda item: (item.category, item.name)):
        click.echo(f"{spec.category:<22}{spec.name:<16}{spec.version:<6}{spec.summary}")
    for broken in catalog.broken:
        where = f"{broken.file}:{broken.line}" if broken.line else broken.file
        click.echo(f"broken  {where}  {broken.message}", err=True)


COMMANDS = (
    *(run, plan, resume, runs, logs, artifacts),
    *(new, check, upload, secret),
    *(user, audit, gc, doctor),
)
for command in COMMANDS:
    main.add_command(command)
