"""The forms of requests and answers about packages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from studio.server.models import MAX_VERSION, PipelineBody, PipelineDocument, Time
from studio.spec import BrokenComponent, ComponentSpec

PackageName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
PackageVersionNumber = Annotated[int, Path(ge=1, le=MAX_VERSION)]
ApprovalWord = Literal["not_approved", "approved", "revoked"]
EnvironmentWord = Literal["waiting", "building", "ready", "failed"]
_Text = Annotated[str, Field(max_length=1 << 20)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ApprovalItem(BaseModel):
    """Whether the code may run. actor, at: who decided, and when; null: nobody has."""

    state: ApprovalWord
    actor: str | None
    at: Time | None


class EnvironmentItem(BaseModel):
    """The libraries that a version asks for. digest: of the lock, once there is one."""

    state: EnvironmentWord
    digest: str | None
    requirements: list[str]
    message: str | None
    size: int


class PackageItem(BaseModel):
    """A package in a list, as its newest version is. problems: files that cannot be read."""

    name: str
    version: int
    digest: str
    summary: str
    declared_version: str | None
    licence: str | None
    author: str | None
    components: list[str]
    problems: int
    approval: ApprovalItem
    deprecated: str | None
    size: int
    created_at: Time
    updated_at: Time


class PackageList(BaseModel):
    packages: list[PackageItem]


class PackageVersionItem(BaseModel):
    """One version with all that is known of it. environment null: the studio's own libraries.

    network: each `host:port` that its components may reach once it is approved, and nothing else.
    """

    name: str
    version: int
    newest_version: int
    digest: str
    declared_version: str | None
    summary: str
    licence: str | None
    author: str | None
    requirements: list[str]
    network: list[str]
    files: int
    size: int
    components: list[ComponentSpec]
    broken: list[BrokenComponent]
    approval: ApprovalItem
    environment: EnvironmentItem | None
    report: dict[str, Any] | None
    deprecated: str | None
    note: str
    uploaded_by: str
    created_at: Time


class PackageVersionEntry(BaseModel):
    """A version in the list of a package."""

    version: int
    digest: str
    approval: ApprovalItem
    note: str
    created_at: Time


class PackageDetail(PackageVersionItem):
    """The newest version of a package, and the list of all of them, the newest first."""

    versions: list[PackageVersionEntry]


class SourceFile(BaseModel):
    """A file of a package. size: bytes; text: null where it is not text."""

    path: str
    size: int
    text: str | None


class PackageSource(BaseModel):
    files: list[SourceFile]


class PackageEdit(_Request):
    """All files of the changed package, by path."""

    files: dict[str, _Text]
    note: Annotated[str, Field(max_length=500)] = ""


class SourceText(_Request):
    """The text of one file, as it stands in an editor."""

    source: _Text
    filename: Annotated[str, Field(max_length=200, pattern=r"^[\w.-]+\.py$")] = "component.py"


class SourceProblem(BaseModel):
    """What keeps a source from being a component; line and column count from 1."""

    code: str
    message: str
    line: int | None
    column: int | None


class SourceRead(BaseModel):
    components: list[ComponentSpec]
    requirements: list[str]
    problems: list[SourceProblem]


class PackageDeprecation(_Request):
    """Why the package should not be used any more; null: it may be used again."""

    reason: Annotated[str, Field(max_length=500)] | None


class FileChange(BaseModel):
    """diff: unified, null where a file is not text."""

    path: str
    change: Literal["added", "removed", "changed"]
    diff: str | None


class ValueChange(BaseModel):
    """A part of a port or parameter that differs. before or after null: it was not there."""

    what: Literal["input", "output", "parameter"]
    name: str
    before: Any
    after: Any
    breaks: bool


class ComponentChange(BaseModel):
    """breaks: whether a pipeline that uses the component as it was may need work."""

    name: str
    change: Literal["added", "removed", "changed"]
    breaks: bool
    parts: list[ValueChange]


class PackageDiff(BaseModel):
    name: str
    before: int
    after: int
    files: list[FileChange]
    components: list[ComponentChange]
    requirements: list[str]


class NodeUse(BaseModel):
    """A node that uses a component. outdated: another version than the newest is pinned."""

    node: str
    node_name: str
    component: str
    digest: str | None
    outdated: bool


class PipelineUse(BaseModel):
    id: str
    name: str
    version: int
    nodes: list[NodeUse]


class WhereUsed(BaseModel):
    pipelines: list[PipelineUse]


class NodesUpdate(_Request):
    """nodes: ids of those to bring up to date; null: all that can be."""

    pipeline: PipelineBody
    nodes: list[Annotated[str, Field(max_length=64)]] | None = None


class NodeChange(BaseModel):
    """What an update did to a node. dropped: edges and parameters that fit no more."""

    node: str
    component: str
    before: str | None
    after: str
    renamed: dict[str, str]
    dropped_edges: list[dict[str, Any]]
    dropped_parameters: dict[str, Any]


class UpdatedPipeline(BaseModel):
    pipeline: PipelineDocument
    changes: list[NodeChange]


class AuditItem(BaseModel):
    """One line. address: where the request came from; null: from the command line, or inside."""

    id: int
    at: Time
    actor: str
    address: str | None
    action: str
    object: str
    detail: dict[str, Any]


class AuditList(BaseModel):
    """The newest first; `next`: what to give as `before` for the next page."""

    entries: list[AuditItem]
    next: int | None
