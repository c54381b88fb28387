"""The page: three files by name; nothing else is ever served from a folder."""

from __future__ import annotations

from fastapi import APIRouter, Response

from studio.server.signed_out import PAGE

router = APIRouter(include_in_schema=False)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def _file(name: str, media_type: str) -> Response:
    text = (PAGE / name).read_text(encoding="utf-8")
    return Response(text, media_type=media_type, headers={"Content-Security-Policy": _POLICY})


@router.get("/")
def page() -> Response:
    return _file("index.html", "text/html")


@router.get("/page.css")
def page_style() -> Response:
    return _file("page.css", "text/css")


@router.get("/page.js")
def page_script() -> Response:
    return _file("page.js", "text/javascript")
