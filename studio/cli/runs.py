"""The commands that run pipelines: run, plan, resume."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio.cli.explain import EXIT_INVALID, explain_errors
from studio.cli.ways import ways_to_run

if TYPE_CHECKING:
    from studio.client import Client
    from studio.database.runs import RunOrder, RunRecord
    from studio.pipeline import Pipeline
    from studio.settings import Settings
    from studio.submission import Submission

EXIT_FAILED = 1

Json = dict[str, Any]


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-p", "parameters", multiple=True, metavar="NAME=VALUE", help="Pipeline parameter.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@ways_to_run
@explain_errors
def run(file: Path, parameters: tuple[str, ...], as_json: bool, way: Json) -> None:
    """Run a pipeline: in the running studio, else here."""
    from studio.cli.local import submit_here
    from studio.client import find_studio
    from studio.settings import load_settings

    settings = load_settings()
    pipeline, order = _read_order(file, parameters, way)
    echo = _quiet if as_json else click.echo
    client = find_studio(settings)
    if client is not None:
        record, steps = submit(client, file, order.parameters, echo, way)
    else:
        labels = {node.id: node.label for node in pipeline.nodes}
        record, steps = _run_here(
            settings, lambda here: submit_here(here, pipeline, order), labels, echo
        )
    _end(record, steps, as_json)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-p", "parameters", multiple=True, metavar="NAME=VALUE", help="Pipeline parameter.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@ways_to_run
@explain_errors
def plan(file: Path, parameters: tuple[str, ...], as_json: bool, way: Json) -> None:
    """Say what a run would do with each node, and why; nothing is run."""
    from studio.cli.local import plan_here
    from studio.cli.report import plan_lines, problem_lines
    from studio.client import find_studio
    from studio.settings import load_settings

    settings = load_settings()
    pipeline, order = _read_order(file, parameters, way)
    client = find_studio(settings)
    if client is not None:
        found = client.plan(pipeline.dump(), order.parameters, order.folder, **way)
    else:
        found = plan_here(settings, pipeline, order)
    if as_json:
        click.echo(json.dumps(found))
    else:
        for line in plan_lines(found, {node.id: node.label for node in pipeline.nodes}):
            click.echo(line)
    for problem in found["problems"]:
        for line in problem_lines(problem):
            click.echo(line, err=True)
    sys.exit(EXIT_INVALID if found["problems"] else 0)


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@explain_errors
def resume(run_id: str, as_json: bool) -> None:
    """Go on with a run that failed or was cancelled, keeping what has succeeded."""
    from studio.client import find_studio
    from studio.settings import load_settings

    settings = load_settings()
    echo = _quiet if as_json else click.echo
    client = find_studio(settings)
    if client is not None:
        started = client.resume_run(run_id)
        steps = client.get_run(started["id"])["steps"]
        labels = {step["node_id"]: step["name"] for step in steps}
        record, steps = _follow(client, started, labels, echo)
    else:
        record, steps = _run_here(settings, lambda here: here.resume(run_id), {}, echo)
    _end(record, steps, as_json)


def _read_order(file: Path, parameters: tuple[str, ...], way: Json) -> tuple[Pipeline, RunOrder]:
    from studio.database.runs import RunOrder
    from studio.pipeline import read_pipeline

    pipeline = read_pipeline(file)
    values = dict(_parse_parameter(text, pipeline.parameters) for text in parameters)
    return pipeline, RunOrder(values, str(file.resolve().parent), **way)


def _end(record: Json, steps: list[Json], as_json: bool) -> None:
    """Leave with 0 only when the run has succeeded."""
    from studio.cli.report import run_as_json

    if as_json:
        click.echo(json.dumps(run_as_json(record, steps)))
    sys.exit(0 if record["state"] == "succeeded" else EXIT_FAILED)


def submit(
    client: Client,
    file: Path,
    values: Mapping[str, Any],
    echo: Callable[[str], None],
    way: Json | None = None,
) -> tuple[Json, list[Json]]:
    """Run a pipeline in a running studio, printing what happens; gives run and steps."""
    from studio.pipeline import read_pipeline

    pipeline = read_pipeline(file)
    folder = str(file.resolve().parent)
    started = client.start_run(pipeline.dump(), values, folder, **(way or {}))
    return _follow(client, started, {node.id: node.label for node in pipeline.nodes}, echo)


def _follow(
    client: Client, started: Json, labels: dict[str, str], echo: Callable[[str], None]
) -> tuple[Json, list[Json]]:
    """Print what happens in a run until it is over; gives it and its steps."""
    from studio.cli.report import LivePrinter, evaluation_lines

    echo(f"{started['pipeline_name']}: run {started['id']}")
    printer = LivePrinter(echo, labels)
    try:
        for event in client.events(started["id"]):
            printer.show(event)
    except KeyboardInterrupt:
        client.cancel_run(started["id"])
        raise
    record = client.get_run(started["id"])
    for line in evaluation_lines(record["steps"]):
        echo(line)
    return record, record["steps"]


def _run_here(
    settings: Settings,
    start: Callable[[Submission], RunRecord],
    labels: dict[str, str],
    echo: Callable[[str], None],
) -> tuple[Json, list[Json]]:
    from studio.cli.local import run_here
    from studio.cli.report import LivePrinter, evaluation_lines

    record, steps = run_here(settings, start, LivePrinter(echo, labels).show)
    for line in evaluation_lines(steps):
        echo(line)
    return record, steps


def _parse_parameter(text: str, known: Any) -> tuple[str, Any]:
    """`name=value`; the value is text where the pipeline says so, else JSON."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE.", param_hint="-p")
    if name in known and known[name].type == "string":
        return name, value
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _quiet(_: str) -> None:
    """With --json, nothing is printed before the end."""
