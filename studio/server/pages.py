"""The web interface: `index.html` and the built files by name; no other file is ever served.

It is built from `web/` into `studio/_web` (`make run` and the wheel do that). The names of its
files hold their content's hash, so that browsers keep them for good.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi.responses import FileResponse

from studio.errors import NotFoundError
from studio.server.signed_out import PAGE

router = APIRouter(include_in_schema=False)

WEB = Path(__file__).resolve().parent.parent / "_web"

# Styles: the components set colours and sizes in `style` elements of their own.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}


@router.get("/")
def page() -> Response:
    index = WEB / "index.html"
    if not index.is_file():
        return FileResponse(PAGE / "not_built.html", 503, headers=_headers("no-store"))
    return FileResponse(index, media_type="text/html", headers=_headers("no-cache"))


@router.get("/assets/{name}")
def asset(name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """One of the built files; as `.gz` where it was compressed and the browser takes it."""
    folder = WEB / "assets"
    names = {file.name for file in folder.iterdir()} if folder.is_dir() else set()
    media_type = _MEDIA_TYPES.get(Path(name).suffix)
    if name not in names or media_type is None:
        raise NotFoundError(f"The interface has no file {name!r}.", hint="Reload the page.")
    headers = _headers("private, max-age=31536000, immutable")
    headers["Vary"] = "Accept-Encoding"
    if f"{name}.gz" in names and "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        return FileResponse(folder / f"{name}.gz", media_type=media_type, headers=headers)
    return FileResponse(folder / name, media_type=media_type, headers=headers)


def _headers(cache: str) -> dict[str, str]:
    return {"Content-Security-Policy": _POLICY, "Cache-Control": cache}
