"""The commands that look at what ran: runs, logs, artifacts."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio.cli.explain import explain_errors

if TYPE_CHECKING:
    from studio.client import Client

Json = dict[str, Any]
_ENDED = ("succeeded", "failed", "skipped", "reused", "cancelled")
_POLL_SECONDS = 0.5


@click.command()
@click.option("--state", help="Only runs in this state: running, failed, …")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@explain_errors
def runs(state: str | None, limit: int) -> None:
    """List the runs of the running studio, the newest first."""
    query = f"/runs?limit={limit}" + (f"&state={state}" if state else "")
    for run in _studio().get(query)["runs"]:
        began = time.strftime("%Y-%m-%d %H:%M", time.localtime(run["created_at"]))
        click.echo(f"{run['id']}  {began}  {run['state']:<12}{run['pipeline_name']}")


@click.command()
@click.argument("run")
@click.argument("node")
@click.option("-f", "--follow", is_flag=True, help="Go on until the step has ended.")
@explain_errors
def logs(run: str, node: str, follow: bool) -> None:
    """Print what a step of a run has printed."""
    client, offset = _studio(), 0
    while True:
        ended = client.get(f"/runs/{run}/steps/{node}")["state"] in _ENDED
        content = client.read_log(run, node, offset)
        offset += len(content)
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        if content:
            continue
        if ended or not follow:
            return
        time.sleep(_POLL_SECONDS)


@click.command()
@click.argument("run")
@click.option("--save", "target", metavar="NODE.PORT", help="Write the files of this one.")
@click.option("--to", "folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@explain_errors
def artifacts(run: str, target: str | None, folder: Path) -> None:
    """List what the steps of a run have given, or save one of them."""
    client = _studio()
    found = {
        f"{step['node_id']}.{port}": output
        for step in client.get_run(run)["steps"]
        for port, output in step["outputs"].items()
    }
    if target is None:
        for name, output in found.items():
            click.echo(f"{name:<36}{output['kind']:<14}{output['size']:>12,}  {output['digest']}")
        return
    if target not in found:
        raise click.BadParameter(f"{target!r} is none of: {', '.join(found)}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in client.download(found[target]["digest"]).items():
        path = folder / Path(name).name
        path.write_bytes(content)
        click.echo(str(path))


def _studio() -> Client:
    from studio.client import find_studio
    from studio.errors import UnavailableError
    from studio.settings import load_settings

    client = find_studio(load_settings())
    if client is None:
        raise UnavailableError("No studio is running on this data folder.", hint="studio serve")
    return client
