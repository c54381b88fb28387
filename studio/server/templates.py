"""Templates: built-in pipelines to begin with; any run finds the data beside them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as InPath
from sqlalchemy import Connection

from studio.artifacts import digest_json
from studio.database.pipelines import create_pipeline
from studio.errors import NotFoundError, StudioError, say
from studio.parameters import nearest
from studio.pipeline import Pipeline, read_pipeline
from studio.server.document_models import Template, TemplateList
from studio.server.json_route import JsonRoute
from studio.server.models import PipelineVersion
from studio.server.parts import PartsDep, PersonDep, author_of
from studio.server.pipelines import tagged
from studio.server.queries import longest_run
from studio.settings import builtin_folder

# What a newcomer shall see first.
_FIRST = "deepfm"

router = APIRouter(prefix="/templates", tags=["pipelines"], route_class=JsonRoute)

log = logging.getLogger("studio.server")

TemplateName = Annotated[str, InPath(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


@router.get("", summary="List the pipelines to begin with")
def list_templates(parts: PartsDep) -> TemplateList:
    with parts.database.read() as connection:
        items = [_item(connection, name, pipeline) for name, pipeline in _templates()]
    return TemplateList(templates=items)


@router.post("/{name}", summary="Make a new pipeline of a template", status_code=201)
def use_template(
    name: TemplateName, parts: PartsDep, person: PersonDep, response: Response
) -> PipelineVersion:
    templates = dict(_templates())
    if name not in templates:
        hint = nearest(name, templates) or say(
            "There are: {templates}.", templates=", ".join(templates)
        )
        raise NotFoundError(
            say("There is no template {name!r}.", name=name), hint=hint, code="template.unknown"
        )
    with parts.database.begin() as connection:
        note, author = f"From template {name}", author_of(parts, person)
        record = create_pipeline(connection, templates[name], note, author)
    response.headers["Location"] = f"/api/v1/pipelines/{record.id}"
    return tagged(record, response)


def _templates() -> Iterator[tuple[str, Pipeline]]:
    """Each readable file of the folder, by its name; read again at each request: they are few."""
    files = _folder().glob("*.json")
    for file in sorted(files, key=lambda file: (file.stem != _FIRST, file.stem)):
        try:
            yield file.stem, read_pipeline(file)
        except StudioError as error:
            log.warning("template %s cannot be read: %s", file.name, error)


def _folder() -> Path:
    return builtin_folder("pipelines")


def _item(connection: Connection, name: str, pipeline: Pipeline) -> Template:
    document = pipeline.dump()
    return Template(
        name=name,
        title=pipeline.name,
        description=pipeline.description,
        document=document,
        expected_seconds=longest_run(connection, digest_json(document)),
    )
