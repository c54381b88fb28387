"""Source code of packages: uploaded, shown, edited in the browser, read without being stored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from studio.database.audit import Actor
from studio.database.packages import PackageVersionRecord, get_version
from studio.errors import LimitError, Problem, say
from studio.packages.archive import (
    MAX_UPLOAD,
    ArchiveError,
    check_files,
    digest_package,
)
from studio.packages.intake import Upload, keep_files, keep_upload
from studio.packages.metadata import RequirementError, read_about
from studio.server.forms import FORM, read_form
from studio.server.json_route import JsonRoute
from studio.server.limits import in_words
from studio.server.package_items import version_item
from studio.server.package_models import (
    PackageEdit,
    PackageName,
    PackageSource,
    PackageVersionItem,
    PackageVersionNumber,
    SourceFile,
    SourceProblem,
    SourceRead,
    SourceText,
)
from studio.server.packages import VERSION
from studio.server.parts import Parts, PartsDep, PersonDep
from studio.server.strict_json import BodyError
from studio.spec import BrokenComponent, ComponentSpec

router = APIRouter(prefix="/packages", tags=["packages"], route_class=JsonRoute)
# An ordinary route: an upload is any bytes, not JSON.
uploads = APIRouter(prefix="/packages", tags=["packages"], route_class=APIRoute)

_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")
_BODY = {"schema": {"type": "string", "format": "binary"}}
_FORM_BODY = {
    "schema": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "name": {"type": "string"},
            "note": {"type": "string"},
        },
        "required": ["file"],
    }
}

FileName = Annotated[
    str, Query(max_length=200, description="What the file is called, where no form says it.")
]
GivenName = Annotated[
    str | None, Query(max_length=64, description="Name of the package; null: the file's.")
]
Note = Annotated[str, Query(max_length=500, description="What is new in this version.")]


@uploads.post(
    "",
    summary="Upload a package: a zip, or one .py file; equal content is the version it equals",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {**dict.fromkeys((*_TYPES, "text/x-python"), _BODY), FORM: _FORM_BODY},
        }
    },
)
async def upload_package(
    request: Request,
    parts: PartsDep,
    person: PersonDep,
    response: Response,
    filename: FileName = "",
    name: GivenName = None,
    note: Note = "",
) -> PackageVersionItem:
    is_form = _type_of(request) == FORM
    body = await _read_body(request)
    if is_form:
        form = await run_in_threadpool(read_form, request.headers["content-type"], body)
        name = name or form.texts.get("name")
        upload = Upload(form.content, filename or form.filename, name, note or form.note)
    else:
        upload = Upload(body, filename, name, note)
    item, is_new = await run_in_threadpool(_keep_upload, parts, upload, person)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"/api/v1/packages/{item.name}/versions/{item.version}"
    return item


@router.post("/read", summary="What a source would be as a component; nothing is stored or run")
def read_source(request: SourceText, parts: PartsDep) -> SourceRead:
    content = {request.filename: request.source.encode()}
    try:
        requirements = list(read_about(content).requirements)
    except RequirementError as error:
        problem = SourceProblem(code=error.code, message=error.message, line=None, column=None)
        return SourceRead(components=[], requirements=[], problems=[problem])
    digest = digest_package(content)
    sources = {request.filename: request.source}
    name = request.filename.removesuffix(".py")
    entries = parts.sources.read(sources, name, digest)
    specs = [entry for entry in entries if isinstance(entry, ComponentSpec)]
    problems = [_problem(entry) for entry in entries if isinstance(entry, BrokenComponent)]
    if not entries:
        message = "There is no typed function here yet: write one, or mark one with @component."
        problems = [
            SourceProblem(code="package.no_component", message=message, line=None, column=None)
        ]
    return SourceRead(components=specs, requirements=requirements, problems=problems)


@router.get(VERSION + "/source", summary="The files of a version, as text where they are text")
def read_package_source(
    name: PackageName, version: PackageVersionNumber, parts: PartsDep
) -> PackageSource:
    files = parts.shelf.files(_record(parts, name, version))
    return PackageSource(
        files=[
            SourceFile(path=path, size=len(content), text=_text(content))
            for path, content in files.items()
        ]
    )


@router.put(VERSION, summary="Save changed files as a new version; refused when not the newest")
def edit_package(
    name: PackageName,
    version: PackageVersionNumber,
    request: PackageEdit,
    parts: PartsDep,
    person: PersonDep,
    response: Response,
) -> PackageVersionItem:
    before = parts.shelf.files(_record(parts, name, version))
    binary = {path: content for path, content in before.items() if _text(content) is None}
    files = binary | {path: text.encode() for path, text in request.files.items()}
    kept = keep_files(
        parts.shelf,
        parts.catalog.load().specs,
        check_files(files),
        name,
        actor=person,
        note=request.note,
        based_on=version,
    )
    item, is_new = _kept(parts, person, *kept)
    response.status_code = 201 if is_new else 200
    return item


def _keep_upload(parts: Parts, upload: Upload, actor: Actor) -> tuple[PackageVersionItem, bool]:
    specs = parts.catalog.load().specs
    return _kept(parts, actor, *keep_upload(parts.shelf, specs, upload, actor))


def _kept(
    parts: Parts, actor: Actor, record: PackageVersionRecord, is_new: bool
) -> tuple[PackageVersionItem, bool]:
    """Its libraries are installed in the background; then it is checked, if it may run."""
    parts.environments.prepare(record)
    parts.checks.ask(record, actor.name)
    with parts.database.read() as connection:
        return version_item(connection, record), is_new


def _type_of(request: Request) -> str:
    """Exactly one of the types that an upload has. Other sites' pages may send a form, which the
    guard refuses by where it comes from."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in (*_TYPES, "text/x-python", FORM):
        message = say("The body is {given}.", given=given[:100] or "of no type")
        hint = "Send application/zip, or text/x-python for one file."
        raise BodyError(415, Problem("request.content_type", message, hint=hint))
    return given


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_UPLOAD:
            raise LimitError(
                say("A package may have {max_upload} at most.", max_upload=in_words(MAX_UPLOAD)),
                hint="Data belongs into datasets, not into a package.",
                code="archive.too_large",
            )
    if not body:
        raise ArchiveError("empty", "The body of the request is empty.")
    return bytes(body)


def _text(content: bytes) -> str | None:
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _problem(entry: BrokenComponent) -> SourceProblem:
    return SourceProblem(
        code="source.invalid", message=entry.message, line=entry.line, column=entry.column
    )


def _record(parts: Parts, name: str, version: int) -> PackageVersionRecord:
    with parts.database.read() as connection:
        return get_version(connection, name, version)
