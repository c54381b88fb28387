"""The forms of requests and answers; OpenAPI and the types of its clients come from these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import core_schema

from studio.artifacts import Kind
from studio.database.runs import RunOrder
from studio.pipeline import MAX_NODES, Pipeline, load_pipeline
from studio.plan import Decision
from studio.run import Outcome, RunState, StepState
from studio.selection import RunMode
from studio.server.problems import ProblemItem
from studio.spec import BrokenComponent, ComponentSpec

_HEX = r"^[0-9a-f]{32}$"
MAX_VERSION = 2**31 - 1
MAX_OFFSET = 2**62

NodeName = Annotated[str, Field(max_length=64)]
Folder = Annotated[str, Field(max_length=4096)]
PipelineId = Annotated[str, Path(pattern=_HEX)]
RunId = Annotated[str, Path(pattern=_HEX)]
NodeId = Annotated[str, Path(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[int, Path(ge=1, le=MAX_VERSION)]

# Seconds since 1970, UTC.
Time = float


class _PipelineForm:
    """A pipeline document that is described as `Pipeline` and read by `load_pipeline`.

    So its problems name their nodes, in a request as from a file; `checked` False takes any JSON.
    """

    def __init__(self, checked: bool) -> None:
        self._checked = checked

    def __get_pydantic_core_schema__(self, _: Any, __: Any) -> core_schema.CoreSchema:
        if self._checked:
            return core_schema.no_info_plain_validator_function(load_pipeline)
        return core_schema.any_schema()

    def __get_pydantic_json_schema__(
        self, _: Any, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        return handler(Pipeline.__pydantic_core_schema__)


PipelineBody = Annotated[Pipeline, _PipelineForm(checked=True)]
PipelineDocument = Annotated[Any, _PipelineForm(checked=False)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Open(BaseModel):
    """A form that may get more fields than are described."""

    model_config = ConfigDict(extra="allow")


class State(BaseModel):
    """One word on how the server is."""

    state: Literal["up", "ready", "starting"]


class Ticket(BaseModel):
    """Opens `/login?ticket=…` once, within ten minutes."""

    ticket: str


class ComponentItem(ComponentSpec):
    """A component in the palette; what stands after `replaces` is null for built-in ones.

    badge: how the conformance suite judged it. approval: whether its code may run.
    """

    package_version: int | None = None
    approval: Literal["not_approved", "approved", "revoked"] | None = None
    deprecated: str | None = None
    badge: Literal["passed", "failed"] | None = None


class ComponentList(BaseModel):
    """All components, and the files that could not be read."""

    components: list[ComponentItem]
    broken: list[BrokenComponent]


class PipelineItem(BaseModel):
    """A pipeline in a list; `version` is the newest."""

    id: str
    name: str
    version: int
    created_at: Time
    updated_at: Time


class PipelineList(BaseModel):
    """`next` is the cursor of the next page; null: this is the last one."""

    pipelines: list[PipelineItem]
    next: str | None


class PipelineVersion(BaseModel):
    """One stored version of a pipeline, as it was saved."""

    id: str
    version: int
    newest_version: int
    digest: str
    document: PipelineDocument
    note: str
    author: str
    created_at: Time
    updated_at: Time


class Validation(BaseModel):
    """What would keep a pipeline from running; `valid` when there is nothing."""

    valid: bool
    problems: list[ProblemItem]


class _Ways(_Request):
    """What every request for a run or a plan may say.

    mode and targets: which nodes; see `studio.selection`. fresh: execute what could be reused.
    """

    parameters: dict[str, Any] = {}
    mode: RunMode = "EXECUTE_ALL"
    targets: Annotated[list[NodeName], Field(max_length=MAX_NODES)] = []
    fresh: bool = False

    def order(self, folder: str | None = None) -> RunOrder:
        targets = tuple(dict.fromkeys(self.targets))
        return RunOrder(self.parameters, folder, self.mode, targets, self.fresh)


class RunRequest(_Ways):
    """A run of a stored pipeline: the newest version, or the one named."""

    version: Annotated[int, Field(ge=1, le=MAX_VERSION)] | None = None


class PipelineRunRequest(_Ways):
    """A run of a pipeline that is stored first. folder: where its relative paths are looked for."""

    pipeline: PipelineBody
    folder: Folder | None = None


class PipelinePlanRequest(_Ways):
    """A plan of a pipeline that need not be stored, nor be without problems."""

    pipeline: PipelineDocument
    folder: Folder | None = None


class ReasonItem(BaseModel):
    """Why: `message` is made of `code` and `arguments`."""

    code: str
    message: str
    arguments: dict[str, Any]


class PlannedNode(BaseModel):
    """What a run would do with a node. expected_memory: bytes; key null: not known before.

    lent: components of packages whose code it is lent, for which it runs in the sandbox.
    """

    node: str
    decision: Decision
    reason: ReasonItem
    expected_seconds: float | None
    expected_memory: int | None
    key: str | None
    outputs: dict[str, str] | None
    lent: list[str]


class PlanItem(BaseModel):
    """What a run would do; when it could not be started there are `problems`.

    expected_seconds: null where something was never measured.
    """

    mode: RunMode
    targets: list[str]
    nodes: list[PlannedNode]
    expected_seconds: float | None
    problems: list[ProblemItem]


class RunItem(BaseModel):
    """A run in a list. created_by: whose it is; empty: made before this was recorded."""

    id: str
    pipeline_id: str
    pipeline_version: int
    pipeline_name: str
    state: RunState
    parameters: dict[str, Any]
    folder: str | None
    mode: RunMode
    targets: list[str]
    fresh: bool
    resumed_from: str | None
    cancel_requested: bool
    pinned: bool
    created_by: str
    problems: list[ProblemItem]
    created_at: Time
    started_at: Time | None
    finished_at: Time | None


class RunList(BaseModel):
    """`next` is the cursor of the next page; null: this is the last one."""

    runs: list[RunItem]
    next: str | None


class PinRequest(_Request):
    """Whether the results of a run are kept whatever its age."""

    pinned: bool


class CollectionRequest(_Request):
    """A run is kept when it is younger than `days`, among the newest `runs` of its pipeline,
    pinned, or not over. dry_run: only tell what would be removed."""

    days: Annotated[float, Field(ge=0, le=36500)] = 30.0
    runs: Annotated[int, Field(ge=0, le=1_000_000)] = 20
    dry_run: bool = False


class Collection(BaseModel):
    """What was removed, or would be: of how many runs, how many artifacts, and their bytes."""

    runs: int
    artifacts: int
    bytes: int
    orphans: int


class StepOutput(_Open):
    """The artifact on an output port; `summary` is shown without opening it."""

    digest: str
    kind: Kind
    size: int = 0
    summary: dict[str, Any] = {}


class StepProblem(ProblemItem):
    """Why a step failed; may hold more than the fields named, such as the end of its log."""

    model_config = ConfigDict(extra="allow")


class StepItem(BaseModel):
    """A step of a run, in the order of the run."""

    node_id: str
    name: str
    component: str
    title: str
    engine: str
    position: int
    state: StepState
    attempt: int
    key: str | None
    reason: str | None
    reason_code: str | None
    reason_arguments: dict[str, Any]
    outputs: dict[str, StepOutput]
    problems: list[StepProblem]
    started_at: Time | None
    finished_at: Time | None


class AttemptItem(BaseModel):
    """One try at a step. peak_memory: bytes."""

    number: int
    outcome: Outcome | None
    reason: str | None
    peak_memory: int | None
    started_at: Time
    finished_at: Time | None


class Source(BaseModel):
    """Where the data on an input port comes from."""

    node: str
    port: str


class StepFrame(BaseModel):
    """A line of code that an error passed; `user`: of the component's own files."""

    file: str
    line: int | None
    function: str
    code: str
    user: bool


class StepError(ProblemItem):
    """Why a step failed, to be shown at its node.

    type: of the exception; null where there was none. frames: the author's own first, and of
    these the innermost first. parameters, inputs: what the code was given, in words.
    log_offset: byte of the log where the error is told.
    """

    type: str | None = None
    frames: list[StepFrame] = Field(default_factory=list)
    parameters: dict[str, str] | None = None
    inputs: dict[str, str] | None = None
    log_offset: int | None = None


class StepDetail(StepItem):
    """A step with all that was frozen when its run was made, and every attempt at it."""

    parameters: dict[str, Any]
    sources: dict[str, list[Source]]
    key_parts: dict[str, Any] | None
    attempts: list[AttemptItem]
    error: StepError | None


class RunDetail(RunItem):
    """A run with its steps."""

    steps: list[StepItem]


class StepList(BaseModel):
    steps: list[StepItem]


class EventItem(BaseModel):
    """Something that happened in a run; ids grow."""

    id: int
    run_id: str
    type: str
    data: dict[str, Any]
    created_at: Time
