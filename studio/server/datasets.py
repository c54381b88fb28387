"""Datasets: uploaded files, by the name that a person gave them."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Path as InPath
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from studio.database.artifacts import (
    DatasetRecord,
    add_artifact,
    get_dataset,
    list_datasets,
    put_dataset,
)
from studio.database.audit import Actor, add_audit
from studio.database.events import wait_for_writers
from studio.errors import StudioError, say
from studio.server.artifact_models import DatasetItem, DatasetList
from studio.server.limits import in_words
from studio.server.looks import RowsQuery, known_statistics, page_of, statistics_of
from studio.server.parts import Parts, PartsDep, PersonDep
from studio.server.table_models import TablePage, TableStatistics
from studio.server.uploads import receive_file
from studio.store import Tree

# Ordinary routes: an upload is any bytes, not JSON.
router = APIRouter(prefix="/datasets", tags=["datasets"], route_class=APIRoute)

_PATTERN = r"^[^\W_][\w. -]{0,127}$"  # letters of every script; a name is a label, never a path
_NAME = re.compile(_PATTERN)
_MAX_LOOK = 256 << 20  # of a file that is read whole to be looked at
_ENDINGS = (".csv.gz", ".csv", ".parquet", ".jsonl")

AnyName = Annotated[str, InPath(description="Letters, digits, space and `. _ -`; 128 at most.")]
KnownName = Annotated[str, InPath(pattern=_PATTERN)]


class DatasetError(StudioError):
    status = 422
    code = "dataset"
    title = "The dataset cannot be kept"


@router.get("", summary="List the datasets by name")
def list_all_datasets(parts: PartsDep) -> DatasetList:
    with parts.database.read() as connection:
        return DatasetList(datasets=[_item(record) for record in list_datasets(connection)])


@router.get("/{name}", summary="Describe a dataset")
def read_dataset(name: KnownName, parts: PartsDep) -> DatasetItem:
    with parts.database.read() as connection:
        return _item(get_dataset(connection, name))


@router.get("/{name}/rows", summary="Read rows of a dataset as a table")
def read_dataset_rows(
    name: KnownName, parts: PartsDep, asked: Annotated[RowsQuery, Depends()]
) -> TablePage:
    """Read as `read_table` reads it by default; a file that it refuses is refused here."""
    return page_of(parts, _as_table(parts, _dataset(parts, name)), asked)


@router.get("/{name}/statistics", summary="What the columns of a dataset hold")
def read_dataset_statistics(name: KnownName, parts: PartsDep) -> TableStatistics:
    record = _dataset(parts, name)
    known = known_statistics(parts, record.digest)
    return known or statistics_of(parts, record.digest, _as_table(parts, record))


@router.put(
    "/{name}",
    summary="Upload a file; one of the same name is replaced",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def upload_dataset(
    name: AnyName, request: Request, parts: PartsDep, person: PersonDep
) -> DatasetItem:
    _check_name(name)
    with tempfile.TemporaryDirectory(dir=parts.uploads, prefix="upload-") as temporary:
        folder = Path(temporary) / "content"
        folder.mkdir()
        file = folder / f"data{_ending(name)}"
        tree = await receive_file(request.stream(), file, _declared(request), parts.limits)
        if tree.size == 0:
            raise DatasetError("The file is empty.", code="dataset.empty")
        return _item(await run_in_threadpool(_keep, parts, person, name, folder, tree))


def _dataset(parts: Parts, name: str) -> DatasetRecord:
    with parts.database.read() as connection:
        return get_dataset(connection, name)


def _as_table(parts: Parts, record: DatasetRecord) -> Path:
    """The dataset as a table, read once and kept by its digest."""
    folder = _look(parts, record.digest)
    if not folder.is_dir():
        if record.size > _MAX_LOOK:
            message = say(
                "The dataset has {size}; {max_look} are shown.",
                size=in_words(record.size),
                max_look=in_words(_MAX_LOOK),
            )
            hint = "Read it with a `read_table` node, and look at its output."
            raise DatasetError(message, hint=hint, code="dataset.too_large")
        file = next(parts.store.path(record.digest).iterdir())
        parts.inspector.read_dataset(file, folder)
    return folder


def _look(parts: Parts, digest: str) -> Path:
    return parts.settings.home / "looks" / digest


def _keep(parts: Parts, actor: Actor, name: str, folder: Path, tree: Tree) -> DatasetRecord:
    """First the bytes, then the rows: a crash between leaves bytes that nobody names."""
    parts.store.put(folder, tree)
    with parts.database.begin() as connection:
        wait_for_writers(connection)
        if not parts.store.has(tree.digest):  # what was there has just been removed as nobody's
            parts.store.put(folder, tree)
        before = [item.digest for item in list_datasets(connection) if item.name == name]
        add_artifact(connection, tree.digest, "file", tree.size, None)
        record = put_dataset(connection, name, tree.digest, tree.size, actor.name)
        add_audit(connection, actor, "dataset", f"dataset:{name}", digest=tree.digest)
    for digest in before:
        if digest != tree.digest:
            shutil.rmtree(_look(parts, digest), ignore_errors=True)
    return record


def _item(record: DatasetRecord) -> DatasetItem:
    return DatasetItem(**record.__dict__)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise DatasetError(
            "This cannot be the name of a dataset.",
            hint="Begin with a letter or digit; then letters, digits, space and . _ - follow.",
            code="dataset.name",
        )


def _ending(name: str) -> str:
    """The endings by which a reader knows the format; the rest of the name is only a label."""
    return next((ending for ending in _ENDINGS if name.lower().endswith(ending)), "")


def _declared(request: Request) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None
