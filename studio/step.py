"""What runner and worker tell one another about a step: `step.json` in, `result.json` out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from studio.artifacts import Kind, open_untrusted
from studio.errors import StudioError, say
from studio.spec import ComponentSpec, Engine

ORDER_FILE = "step.json"
RESULT_FILE = "result.json"
OUTPUTS_FOLDER = "outputs"
_MAX_RESULT = 4 << 20
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
    """All that a worker needs to run a step. threads: cores it may use; memory: bytes.

    exports: the folder that the step may write files to for people; None: nowhere.
    kept: a folder that outlives a lost attempt.
    lent: components whose layers it may have to make; their files lie there to be read.
    """

    run_id: str
    node_id: str
    attempt: int
    spec: ComponentSpec
    parameters: dict[str, Any]
    engine: Engine
    inputs: dict[str, list[InputArtifact]]
    threads: int
    memory: int | None = None
    exports: str | None = None
    spark: SparkSession | None = None
    kept: str | None = None
    lent: tuple[ComponentSpec, ...] = ()


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
    """None: the worker ended before it could say anything.

    What lies there may be anything that the step put there: a link is not followed, a pipe is not
    waited for. Raises StudioError when it is no result.
    """
    try:
        with open_untrusted(folder / RESULT_FILE) as file:
            content = file.read(_MAX_RESULT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _no_result(error.strerror) from None
    if len(content) > _MAX_RESULT:
        raise _no_result(f"it is larger than {_MAX_RESULT >> 20} MiB")
    try:
        return StepResult.model_validate_json(content)
    except ValidationError as error:
        raise _no_result(error.errors()[0]["msg"]) from None


def _no_result(why: str | None) -> StudioError:
    return StudioError(
        say("What the step left as its result cannot be read: {why}.", why=why), code="step.result"
    )
