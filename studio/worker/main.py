"""Run one step: `run_step(folder, pipe)`, called in a forked host or as a program.

The folder holds `step.json`; outputs go to `outputs/<port>/`, then `result.json` is written. The
pipe takes one JSON message a line: progress and metrics.
"""

from __future__ import annotations

import errno
import json
import logging
import math
import os
import shutil
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.artifacts import Bundle, File
from studio.component import ComponentError, context
from studio.errors import Problem, StudioError, say
from studio.loader import digest_component, load_component, load_function
from studio.secrets import take_secrets
from studio.signature import BUNDLE_TYPES
from studio.spec import PortSpec
from studio.step import (
    OUTPUTS_FOLDER,
    RESULT_FILE,
    InputArtifact,
    StepOrder,
    StepResult,
    read_order,
    write_document,
)
from studio.worker.engine import Engine
from studio.worker.frames import describe_error, own_folders
from studio.worker.layers import LayerMaker, check_parameters, describe_layers
from studio.worker.tables import Roles, read_roles, read_table, write_table
from studio.worker.tracebacks import UnforeseenError, explained

_MAX_SUMMARY = 64 << 10


def run_step(folder: str, pipe: int) -> int:
    """Exit code 0: `result.json` says how it went, well or not."""
    path = Path(folder)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", force=True)
    order = read_order(path)
    context.attach(_Pipe(pipe), order.threads)
    context.attach_secrets(take_secrets(path))
    context.exports = None if order.exports is None else Path(order.exports)
    try:
        result = StepResult(state="succeeded", summaries=_execute(order, path))
    except StudioError as error:
        result = StepResult(state="failed", problems=_place(error.problems(), order, error))
        print(f"Error: {error.message}", file=sys.stderr)
    except UnforeseenError as error:
        problem = {**error.problem, "node": order.node_id}
        result = StepResult(state="failed", problems=[problem])
    except Exception as error:
        traceback.print_exc()
        problems = _place([_unexpected(error, order)], order, error)
        result = StepResult(state="failed", problems=problems)
    write_document(path, RESULT_FILE, result)
    return 0


def _execute(order: StepOrder, folder: Path) -> dict[str, dict[str, Any]]:
    file = Path(order.spec.file)
    is_brought = order.spec.origin == "package"  # the runner has checked all of its files
    if not is_brought and digest_component(file) != order.spec.digest:
        raise StudioError(
            say("The code of {name!r} has changed since this run was made.", name=order.spec.name),
            hint="Start a new run.",
            code="component.changed",
        )
    scratch = folder / "scratch"
    scratch.mkdir()
    context.attach_folders(scratch, Path(order.kept) if order.kept else None)
    context.attach_layers(LayerMaker(order))
    engine = Engine(order, scratch)
    if engine.is_spark:
        context.attach_spark(lambda: engine.spark)
    function = load_function(file, order.spec.name) if is_brought else load_component(file)
    parameters = check_parameters(function, order.parameters)
    inputs = {
        port.name: _read_port(port, order.inputs.get(port.name, []), engine)
        for port in order.spec.inputs
    }
    with explained(order, parameters, inputs):
        returned = describe_layers(order, inputs, function(**inputs, **parameters))
    outputs = _name_outputs(order, returned)
    return _write_outputs(order, outputs, folder / OUTPUTS_FOLDER, engine)


def _read_port(port: PortSpec, artifacts: list[InputArtifact], engine: Engine) -> Any:
    values = [_read_artifact(port, artifact, engine) for artifact in artifacts]
    if port.many:
        return values
    return values[0] if values else None


def _read_artifact(port: PortSpec, artifact: InputArtifact, engine: Engine) -> Any:
    folder = Path(artifact.folder)
    if port.kind == "table":
        return read_table(folder, port.receives, engine)
    if port.kind == "file":
        return File(next(path for path in folder.iterdir()), artifact.digest)
    return BUNDLE_TYPES[port.receives].read(folder, artifact.digest)


def _name_outputs(order: StepOrder, returned: Any) -> Mapping[str, Any]:
    """The returned value, or the fields of the returned NamedTuple, by port."""
    names = [port.name for port in order.spec.outputs]
    if hasattr(returned, "_asdict"):
        outputs: dict[str, Any] = returned._asdict()
    else:
        outputs = dict(zip(names, [returned], strict=False))
    required = [port.name for port in order.spec.outputs if port.required]
    missing = [name for name in required if outputs.get(name) is None]
    if missing:
        raise ComponentError(
            say(
                "{name!r} returned nothing for port {missing!r}.",
                name=order.spec.name,
                missing=missing[0],
            ),
            code="output.missing",
        )
    return outputs


def _write_outputs(
    order: StepOrder, outputs: Mapping[str, Any], target: Path, engine: Engine
) -> dict[str, dict[str, Any]]:
    roles = [
        read_roles(Path(artifact.folder))
        for artifacts in order.inputs.values()
        for artifact in artifacts
        if artifact.kind == "table"
    ]
    summaries = {}
    for port in order.spec.outputs:
        if outputs.get(port.name) is None:
            continue  # an output that need not be there
        folder = target / port.name
        folder.mkdir(parents=True)
        summaries[port.name] = _write_artifact(port, outputs[port.name], folder, engine, roles)
    return summaries


def _write_artifact(
    port: PortSpec, value: Any, folder: Path, engine: Engine, roles: list[Roles]
) -> dict[str, Any]:
    if port.kind == "table":
        return write_table(value, folder, port.name, engine, roles)
    if port.kind == "file" and isinstance(value, File):
        _link_or_copy(value.path, folder / value.path.name)
        return {"name": value.path.name}
    if not isinstance(value, Bundle) or value.kind != port.kind:
        raise ComponentError(
            say(
                "Output port {name!r} takes a {receives}, got {name2}.",
                name=port.name,
                receives=port.receives,
                name2=type(value).__name__,
            ),
            code="output.type",
        )
    value.write(folder)
    return _summarise(value)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another disk, or another mount of a sandbox
        shutil.copyfile(source, target)


def _summarise(bundle: Bundle) -> dict[str, Any]:
    """A report without its series, such as curves; of other kinds the shapes are told."""
    if bundle.kind == "report":
        summary: dict[str, Any] = _without_series(bundle.document)
        if len(json.dumps(summary)) <= _MAX_SUMMARY:
            return summary
    return {"arrays": {name: list(array.shape) for name, array in bundle.arrays.items()}}


def _without_series(value: Any) -> Any:
    """Numbers and words are kept, lists of numbers are not: those are for the report itself."""
    if isinstance(value, Mapping):
        return {key: _without_series(item) for key, item in value.items() if not _is_series(item)}
    if isinstance(value, list):
        return [_without_series(item) for item in value if not _is_series(item)]
    return value


def _is_series(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, int | float | list) for item in value)


def _unexpected(error: Exception, order: StepOrder) -> Problem:
    """An error that the component did not foresee, with the author's own line."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "Free space, or remove old results with `studio gc`."
        return Problem("step.disk_full", "The disk is full.", hint=hint)
    frames = traceback.extract_tb(error.__traceback__)
    package = str(Path(order.spec.file).parent)
    own = [frame for frame in frames if frame.filename.startswith(package)]
    where = f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
    message = say("{name}: {error}{where}", name=type(error).__name__, error=error, where=where)
    return Problem("component.exception", message, hint="See the step's log for the traceback.")


def _place(problems: Any, order: StepOrder, error: Exception) -> list[dict[str, Any]]:
    """The problems at their node; the first one with the lines that the error came from."""
    placed = [{**problem.to_json(), "node": order.node_id} for problem in problems]
    if placed:
        placed[0] |= describe_error(error, own_folders(order))
    return placed


class _Pipe:
    """Sends messages to the runner; a component that says too much is not slowed down for it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __call__(self, message: dict[str, Any], /) -> None:
        line = json.dumps(_finite(message), separators=(",", ":")).encode() + b"\n"
        os.write(self._descriptor, line)


def _finite(value: Any) -> Any:
    """NaN and infinity have no JSON; they are sent as null."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


if __name__ == "__main__":
    sys.exit(run_step(sys.argv[1], int(sys.argv[2])))
