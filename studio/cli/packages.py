"""`studio upload` and `studio new component`: bring code, or begin some."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import click

from studio.cli.explain import explain_errors

Json = dict[str, Any]


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="Name of the package; else the project's, or the file's.")
@click.option("--note", default="", help="What is new in this version.")
@click.option("--approve", is_flag=True, help="Let this code run without being asked.")
@click.option("--json", "as_json", is_flag=True, help="Print the version as JSON.")
@explain_errors
def upload(path: Path, name: str | None, note: str, approve: bool, as_json: bool) -> None:
    """Bring a package: a .py file, a folder or a zip. Nothing of it is run."""
    from studio.client import find_studio
    from studio.settings import load_settings

    settings = load_settings()
    content, filename = _content(path)
    client = find_studio(settings)
    if client is not None:
        version = client.upload_package(content, filename, name, note)
        if _wants_approval(version, approve, as_json):
            version = client.approve_package(version["name"], version["version"])
    else:
        from studio.cli.local import upload_here
        from studio.packages.intake import Upload

        def wanted(found: Json) -> bool:
            return _wants_approval(found, approve, as_json)

        version = upload_here(settings, Upload(content, filename, name, note), wanted)
    if as_json:
        click.echo(json.dumps(version))
        return
    for line in _lines(version):
        click.echo(line)
    if version["approval"]["state"] != "approved":
        click.echo(f"  not approved to run: studio upload --approve {path}")


def _content(path: Path) -> tuple[bytes, str]:
    """What is sent: the file as it is, a folder as a zip of what would be taken of it."""
    if path.is_file():
        return path.read_bytes(), path.name
    from studio.packages.archive import read_folder

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in read_folder(path).items():
            archive.writestr(member, content)
    return buffer.getvalue(), f"{path.resolve().name}.zip"


def _wants_approval(version: Json, approve: bool, quiet: bool) -> bool:
    """Asked once for each digest: nothing that was brought runs before somebody has agreed."""
    if version["approval"]["state"] != "not_approved":
        return False
    if approve or quiet or not sys.stdin.isatty():
        return approve
    click.echo(f"Code {version['digest'][:12]}… of package {version['name']} is new here.")
    if version["network"]:
        click.echo(f"It asks to reach {', '.join(version['network'])}, and nothing else.")
    return click.confirm("It will run in the sandbox, with what you give it. Let it run?")


def _lines(version: Json) -> list[str]:
    lines = [f"{version['name']} version {version['version']} ({version['digest'][:12]}…)"]
    lines += [f"  {spec['name']:<24}{spec['summary']}" for spec in version["components"]]
    for broken in version["broken"]:
        where = ":".join(str(p) for p in (broken["file"], broken["line"], broken["column"]) if p)
        lines.append(f"  broken  {where}  {broken['message']}")
    if version["network"]:
        lines.append(f"  network: {', '.join(version['network'])}")
    environment = version["environment"]
    if environment is not None:
        lines.append(
            f"  libraries: {environment['state']}  {environment['message'] or ''}".rstrip()
        )
    return lines


@click.group()
def new() -> None:
    """Begin something."""


@new.command(name="component")
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
@explain_errors
def new_component(name: str, folder: Path) -> None:
    """Write a component, its example and its test into a folder NAME."""
    from studio.cli.skeleton import write_skeleton

    files = write_skeleton(name, folder)
    for path in files:
        click.echo(path)
    package = files[0].parent
    click.echo(f"\nNext: studio check {package}, then studio upload {package}")


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@explain_errors
def check(path: Path, as_json: bool) -> None:
    """Hold a package to what every component promises; its code runs in the sandbox."""
    from studio.cli.local import check_here
    from studio.settings import load_settings

    content, filename = _content(path)
    report = check_here(load_settings(), content, filename)
    if as_json:
        click.echo(report.model_dump_json())
    else:
        for line in _report_lines(report.model_dump()):
            click.echo(line)
    sys.exit(0 if report.passed else 1)


_MARKS = {"passed": "✓", "failed": "✗", "skipped": "·"}


def _report_lines(report: Json) -> list[str]:
    lines = []
    for component in report["components"]:
        lines.append(
            f"{_MARKS['passed' if component['passed'] else 'failed']} {component['component']}"
        )
        for item in component["checks"]:
            words = f"    {_MARKS[item['outcome']]} {item['name']:<18}{item['message']}"
            lines.append(words.rstrip())
    return lines
