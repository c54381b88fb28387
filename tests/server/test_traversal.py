"""No spelling of a path leads out of the studio: sent over raw sockets, as a client would not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.helpers import Served, raw_get, start_run

SPELLINGS = [
    "../x",
    "..",
    ".",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc",
    "..%5c..%5cwindows",
    "..\\..\\windows",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "//etc/passwd",
    "C:%5cx",
    "%5c%5chost%5cx",
    "file:%2f%2f%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "a%0d%0ab",
    "%c0%ae%c0%ae%2f",
    "%ff",
    "CON",
    "x" * 300,
    "~root",
    "token",
    "studio.db",
    "%23",
    "%3f",
    ";",
    "a;b",
    "*",
    "%25",
    "%",
]
ROUTES = [
    "/api/v1/artifacts/{}",
    "/api/v1/artifacts/{}/download",
    "/api/v1/artifacts/{}/preview",
    "/api/v1/datasets/{}",
    "/api/v1/runs/{}",
    "/api/v1/runs/{}/events",
    "/api/v1/runs/RUN/steps/{}",
    "/api/v1/runs/RUN/steps/{}/log",
    "/api/v1/runs/{}/steps/read/log",
    "/api/v1/pipelines/{}",
    "/api/v1/components/{}",
    "/{}",
    "/assets/{}",
]


@pytest.fixture(scope="module")
def run_id(served: Served) -> str:
    return start_run(served)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_path_in_an_address_reaches_nothing(served: Served, run_id: str, spelling: str) -> None:
    for route in ROUTES:
        target = route.replace("RUN", run_id).format(spelling)
        status, body = raw_get(served, target)
        where = (target, status, body[:200])
        if status == 200:  # dots that make the address another, harmless one
            assert b"root:" not in body, where
            assert spelling in (".", "..", "../x") or body.startswith((b"{", b"<!doctype")), where
        else:
            assert status in (400, 404, 405, 422), where


def test_nothing_was_made_outside_the_data_folder(served: Served) -> None:
    home = served.settings.home
    assert [path.name for path in home.parent.iterdir()] == [home.name]


def test_an_upload_by_a_path_is_refused_or_its_name_is_only_a_label(served: Served) -> None:
    before = files_of(served.settings.home)
    for spelling in SPELLINGS:
        target = f"/api/v1/datasets/{spelling}"
        try:
            answer = served.stranger.put(
                target, content=b"a", headers={"Authorization": token(served)}
            )
        except ValueError:
            continue  # the client would not send it
        assert answer.status_code in (201, 400, 404, 405, 422), (spelling, answer.text)
    new = files_of(served.settings.home) - before
    assert all(path.parts[0] == "store" or path.name.startswith("studio.db") for path in new), new


def files_of(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


def token(served: Served) -> str:
    return served.client.headers["authorization"]
