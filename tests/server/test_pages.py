"""The page: for whoever is signed in, its files by name only, and nothing from elsewhere."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from studio.server import pages
from tests.server.helpers import Served, problem, sign_in

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPT = "assets/index-1a2b3c4d.js"


def _token(served: Served) -> dict[str, str]:
    return {"Authorization": served.client.headers["Authorization"]}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Splice Studio</title>")
    (tmp_path / SCRIPT).write_text("let plain = 1")
    (tmp_path / f"{SCRIPT}.gz").write_bytes(gzip.compress(b"let packed = 1"))
    (tmp_path / "secret.js").write_text("not an asset")
    monkeypatch.setattr(pages, "WEB", tmp_path)
    return tmp_path


def test_a_signed_in_browser_gets_the_page(served: Served, built: Path) -> None:
    headers = {**BROWSER, "Cookie": f"studio_session={sign_in(served)}"}
    answer = served.stranger.get("/", headers=headers)
    assert (answer.status_code, answer.text) == (200, (built / "index.html").read_text())
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "script-src" not in policy
    assert "unsafe-eval" not in policy


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("encoding", "text"), [("gzip, br", "let packed = 1"), ("identity", "let plain = 1")]
)
def test_a_file_comes_compressed_to_whoever_takes_it_and_is_kept_for_good(
    served: Served, encoding: str, text: str
) -> None:
    headers = {"Accept-Encoding": encoding, **_token(served)}
    answer = served.stranger.get(f"/{SCRIPT}", headers=headers)
    assert answer.text == text
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", ["secret.js", "..%2fsecret.js", "index-1a2b3c4d.js.gz", "no.js"])
def test_only_built_files_are_served(served: Served, name: str) -> None:
    headers = _token(served)
    assert served.stranger.get(f"/assets/{name}", headers=headers).status_code == 404


def test_a_missing_build_says_what_to_run(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "WEB", tmp_path / "nowhere")
    answer = served.stranger.get("/", headers=_token(served))
    assert answer.status_code == 503
    assert "make web" in answer.text


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
