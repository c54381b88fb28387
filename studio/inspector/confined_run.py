"""Run a component as a step in the sandbox, outside of any run: for checks and trials."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.artifacts import canonical_json, digest_path
from studio.executors.base import StepLaunch
from studio.executors.confined import start_confined
from studio.sandbox.confinement import Confinement, Limits
from studio.spec import ComponentSpec
from studio.step import (
    ORDER_FILE,
    OUTPUTS_FOLDER,
    InputArtifact,
    StepOrder,
    StepResult,
    read_result,
    write_document,
)

Inputs = Mapping[str, Sequence[Path]]


@dataclass
class ConfinedRun:
    """How it went. problem: code and message; summaries, outputs (digests) by port.

    peak_memory: bytes.
    """

    folder: Path
    problem: tuple[str, str] | None = None
    summaries: Mapping[str, Any] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    peak_memory: int | None = None
    seconds: float = 0.0

    def output(self, port: str) -> Path:
        return self.folder / OUTPUTS_FOLDER / port


def run_confined(
    spec: ComponentSpec,
    parameters: Mapping[str, Any],
    inputs: Inputs,
    folder: Path,
    interpreter: Path,
    seconds: float,
    memory: int,
) -> ConfinedRun:
    """Run it in an empty folder. inputs: the folders of the artifacts on each port.

    The code is what lies in the folder of `spec.file`; interpreter: the Python of its libraries.
    """
    order = StepOrder(
        run_id="check",
        node_id=spec.name,
        attempt=1,
        spec=spec,
        parameters=dict(parameters),
        engine=spec.engines[0],
        inputs={
            port: [_artifact(spec, port, path) for path in paths] for port, paths in inputs.items()
        },
        threads=1,
    )
    write_document(folder, ORDER_FILE, order)
    confinement = Confinement(
        interpreter,
        [Path(spec.file).parent, *(path for paths in inputs.values() for path in paths)],
        network="loopback" if order.engine == "spark" else "off",
        limits=Limits(cpu_seconds=int(seconds), memory=memory),
    )
    return _start(StepLaunch(spec.name, folder, folder / "log"), confinement, seconds)


def _start(launch: StepLaunch, confinement: Confinement, seconds: float) -> ConfinedRun:
    started = time.monotonic()
    pipe = os.open(os.devnull, os.O_WRONLY)
    with launch.log.with_suffix(".check").open("wb") as log:
        try:
            ended = start_confined(launch, confinement, log.fileno(), pipe).wait(seconds)
        finally:
            os.close(pipe)
    run = ConfinedRun(
        launch.folder, peak_memory=ended.peak_memory, seconds=time.monotonic() - started
    )
    result = read_result(launch.folder) if ended.status == 0 and ended.reason is None else None
    run.problem = _problem(result, ended.reason or f"it ended with code {ended.status}")
    if run.problem is None and result is not None:
        run.summaries = result.summaries
        outputs = launch.folder / OUTPUTS_FOLDER
        run.outputs = {path.name: digest_path(path) for path in outputs.iterdir()}
    return run


def _problem(result: StepResult | None, ending: str) -> tuple[str, str] | None:
    if result is None:
        return "step.lost", f"The component gave no result: {ending}."
    if result.state == "failed":
        first = result.problems[0]
        return str(first.get("code")), str(first.get("message"))
    return None


def _artifact(spec: ComponentSpec, port: str, folder: Path) -> InputArtifact:
    known = spec.input(port)
    kind = known.kind if known else "table"
    return InputArtifact(kind=kind, digest=digest_path(folder), folder=str(folder))


def write_table(folder: Path, table: Any, roles: Mapping[str, Sequence[str]] | None = None) -> Path:
    """An Arrow table as an artifact, as the worker reads one. roles: role -> columns."""
    import pyarrow.parquet as pq

    pq.write_table(table, folder / "part-00000.parquet", write_page_checksum=True)
    names = table.schema.names
    about = {"columns": names, "rows": table.num_rows, "roles": dict(roles or {})}
    (folder / "table.json").write_bytes(canonical_json(about))
    return folder
