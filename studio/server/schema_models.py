"""The forms of schemas in requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from studio.server.artifact_models import Column
from studio.server.models import PipelineBody
from studio.server.problems import ProblemItem


class SchemaRequest(BaseModel):
    """A pipeline as it is drawn. folder: where its relative paths are looked for first."""

    model_config = ConfigDict(extra="forbid")

    pipeline: PipelineBody
    parameters: dict[str, Any] = {}
    folder: Annotated[str, Field(max_length=4096)] | None = None


class TableSchema(BaseModel):
    """Columns in order.

    source: worked out, told by the component, those of the last run, or those that brought code
    gave of tables without rows.
    """

    columns: list[Column]
    source: Literal["inferred", "declared", "last_run", "tried"]


class NodeSchemas(BaseModel):
    """The tables of a node: of an input port one for each edge; null where nothing is known."""

    inputs: dict[str, list[TableSchema | None]]
    outputs: dict[str, TableSchema | None]


class SchemaAnswer(BaseModel):
    """Nodes whose components are known; problems: columns that are named and not there."""

    nodes: dict[str, NodeSchemas]
    problems: list[ProblemItem]
