"""What runner and worker tell one another about a step: `step.json` in, `result.json` out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from studio.artifacts import Kind
from studio.spec import ComponentSpec, Engine

ORDER_FILE = "step.json"
RESULT_FILE = "result.json"
OUTPUTS_FOLDER = "outputs"
SPARK_TOKEN_VARIABLE = "STUDIO_STEP_SPARK_TOKEN"


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputArtifact(_Document):
    """An artifact on an input port: a folder that is only read."""

    kind: Kind
    digest: str
    folder: str


class SparkSession(_Document):
    """Where the step's Spark session is; ids are the runner's, so that it can interrupt it."""

    remote: str
    session_id: str
    user_id: str


class StepOrder(_Document):
    """All that a worker needs to run a step. threads: cores it may use; memory: bytes."""

    run_id: str
    node_id: str
    attempt: int
    spec: ComponentSpec
    parameters: dict[str, Any]
    engine: Engine
    inputs: dict[str, list[InputArtifact]]
    threads: int
    memory: int | None = None
    spark: SparkSession | None = None


class StepResult(_Document):
    """How the worker fared: summaries of the outputs by port, or problems."""

    state: Literal["succeeded", "failed"]
    summaries: dict[str, dict[str, Any]] = {}
    problems: list[dict[str, Any]] = []


def write_document(folder: Path, name: str, document: BaseModel) -> None:
    """Write whole or not at all: a reader never sees half a document."""
    temporary = folder / f".{name}.part"
    temporary.write_text(document.model_dump_json(), encoding="utf-8")
    temporary.rename(folder / name)


def read_order(folder: Path) -> StepOrder:
    return StepOrder.model_validate_json((folder / ORDER_FILE).read_bytes())


def read_result(folder: Path) -> StepResult | None:
    """None: the worker ended before it could say anything."""
    try:
        return StepResult.model_validate_json((folder / RESULT_FILE).read_bytes())
    except FileNotFoundError:
        return None
