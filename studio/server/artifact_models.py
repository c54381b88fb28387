"""The forms of artifacts, their previews, and datasets in answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from studio.artifacts import Kind
from studio.server.models import Time


class _Open(BaseModel):
    """A form that may get more fields than are described."""

    model_config = ConfigDict(extra="allow")


class ArtifactItem(BaseModel):
    """What the studio knows of an artifact. size: bytes."""

    digest: str
    kind: Kind
    size: int
    created_at: Time


class Column(_Open):
    name: str
    type: str
    role: str | None = None


class TablePreview(_Open):
    """A page of rows: `rows[i][j]` is column j of row `offset` + i."""

    kind: Literal["table"]
    columns: list[Column]
    n_rows: int
    offset: int
    rows: list[list[Any]]


class ReportPreview(_Open):
    kind: Literal["report"]
    document: dict[str, Any]


class FilePreviewItem(_Open):
    name: str
    size: int


class FilePreview(_Open):
    kind: Literal["file"]
    files: list[FilePreviewItem]


class BundlePreview(_Open):
    """A document, its long lists cut, and the shapes of the arrays that belong to it.

    summary: of a feature map its fields in short, of a model its blocks with their parameters.
    """

    kind: Literal["feature_map", "examples", "embedding", "logit", "model"]
    document: dict[str, Any]
    arrays: dict[str, Any]
    summary: dict[str, Any] | None = None


Preview = Annotated[
    TablePreview | ReportPreview | FilePreview | BundlePreview, Field(discriminator="kind")
]


class DatasetItem(BaseModel):
    """An uploaded file. size: bytes. created_by: who uploaded it; empty: not recorded then."""

    id: str
    name: str
    digest: str
    size: int
    created_by: str
    created_at: Time


class DatasetList(BaseModel):
    datasets: list[DatasetItem]
