"""The page: for whoever is signed in, without a foreign or inline script."""

from __future__ import annotations

import re

import pytest

from studio.server.signed_out import PAGE
from tests.server.helpers import Served, problem, sign_in

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")],
)
def test_a_signed_in_browser_gets_the_page(served: Served, path: str, kind: str) -> None:
    headers = {**BROWSER, "Cookie": f"studio_session={sign_in(served)}"}
    answer = served.stranger.get(path, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_browser_that_is_not_signed_in_is_told_how_to(served: Served) -> None:
    for path in ("/", "/login?ticket=used"):
        answer = served.stranger.get(path, headers=BROWSER)
        assert answer.status_code == 401
        assert answer.headers["content-type"].startswith("text/html")
        assert "studio open" in answer.text
        assert "sha256-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_a_program_that_is_not_signed_in_gets_a_problem(served: Served, accept: str) -> None:
    told = problem(served.stranger.get("/", headers={"Accept": accept}), 401)
    assert "studio open" in told["errors"][0]["hint"]


def test_the_page_runs_no_inline_script_and_asks_nobody_else() -> None:
    text = (PAGE / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|javascript:|<style|\sstyle=", text)
    for name in ("index.html", "page.css", "page.js"):
        content = (PAGE / name).read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|\burl\(", content), name


def test_the_script_writes_text_and_never_html() -> None:
    script = (PAGE / "page.js").read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", script)
    assert script.count("\n") < 250
