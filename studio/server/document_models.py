"""The forms of drafts, versions, copies and templates in requests and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from studio.server.models import MAX_VERSION, PipelineDocument, Time


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


Title = Annotated[str, Field(min_length=1, max_length=200)]
Words = Annotated[str, Field(max_length=500)]
VersionNumber = Annotated[int, Field(ge=1, le=MAX_VERSION)]


class Draft(BaseModel):
    """What is being drawn; `base_version` is the version that it was made from."""

    document: PipelineDocument
    revision: int
    base_version: int
    updated_at: Time


class VersionRequest(_Request):
    """Why a version is stored, and by whom."""

    note: Words = ""
    author: Annotated[str, Field(max_length=200)] = ""


class VersionItem(BaseModel):
    """A version in a list."""

    version: int
    digest: str
    note: str
    author: str
    created_at: Time


class VersionList(BaseModel):
    """`next` is the cursor of the next page; null: this is the last one."""

    versions: list[VersionItem]
    next: str | None


class RestoreRequest(_Request):
    version: VersionNumber


class CopyRequest(_Request):
    """What to copy: the draft, or the version named. name: of the copy."""

    name: Title | None = None
    version: VersionNumber | None = None


class Template(BaseModel):
    """A pipeline to begin with. expected_seconds: what it took here; null: it has not yet run."""

    name: str
    title: str
    description: str
    document: PipelineDocument
    expected_seconds: float | None


class TemplateList(BaseModel):
    templates: list[Template]
