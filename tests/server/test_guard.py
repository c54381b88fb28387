"""Host, Origin, tickets, sessions: who gets in with what."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from studio.server.sessions import Sessions, Tickets
from studio.server.tokens import TokenError, read_or_create_token
from studio.settings import Settings
from tests.server.helpers import Served, problem, raw_get, raw_request, serving, sign_in

RUNS = "/api/v1/runs"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:9", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("evil.com", 400),
        ("127.0.0.1.evil.com", 400),
        ("127.0.0.1:80.evil.com", 400),
        ("evil.com:127.0.0.1", 400),
        ("localhost.evil.com", 400),
        ("localhost.", 400),
        ("127.0.0.2", 400),
        ("0.0.0.0", 400),
        ("2130706433", 400),
        ("0x7f000001", 400),
        ("::1", 400),
        ("[::ffff:127.0.0.1]", 400),
        ("127.0.0.1:", 400),
        ("127.0.0.1:123456", 400),
        ("user@127.0.0.1", 400),
        ("", 400),
    ],
)
@pytest.mark.parametrize("path", [RUNS, "/healthz"])
def test_only_names_of_this_machine_are_answered(
    served: Served, host: str, status: int, path: str
) -> None:
    token = served.client.headers["authorization"]
    assert raw_get(served, path, {"Host": host, "Authorization": token})[0] == status


def test_no_host_and_two_hosts_are_refused(served: Served) -> None:
    for lines in ("", "Host: 127.0.0.1\r\nHost: evil.com\r\n"):
        answer = raw_request(served, f"GET /healthz HTTP/1.1\r\n{lines}\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 400 ")
    assert raw_request(served, b"GET /healthz HTTP/1.0\r\n\r\n").split()[1] == b"400"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("OURS", 200),
        ("null", 403),
        ("", 403),
        ("http://evil.com", 403),
        ("http://127.0.0.1", 403),
        ("http://127.0.0.1:1", 403),
        ("OURS.evil.com", 403),
        ("OURS/", 403),
        ("OURS, http://evil.com", 403),
    ],
)
def test_another_origin_is_refused_whatever_it_carries(
    served: Served, origin: str, status: int
) -> None:
    headers = {"Origin": origin.replace("OURS", served.url)}
    assert served.client.get("/runs", headers=headers).status_code == status
    cookie = {"Cookie": f"studio_session={sign_in(served)}"}
    assert served.stranger.get(RUNS, headers={**headers, **cookie}).status_code == status


def test_an_origin_of_another_scheme_is_refused(served: Served) -> None:
    origin = served.url.replace("http:", "https:")
    answer = served.client.get("/runs", headers={"Origin": origin})
    problem(answer, 403)
    forwarded = {"Origin": origin, "X-Forwarded-Proto": "https"}
    assert served.client.get("/runs", headers=forwarded).status_code == 403


def test_a_ticket_signs_one_browser_in_once(served: Served) -> None:
    ticket = served.client.post("/tickets").json()["ticket"]
    first = served.stranger.get("/login", params={"ticket": ticket})
    assert (first.status_code, first.headers["location"]) == (303, "/")
    served.stranger.cookies.clear()
    problem(served.stranger.get("/login", params={"ticket": ticket}), 401)


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=null", "?ticket[]=x", "?ticket=%00%ff"])
def test_without_a_ticket_nobody_is_signed_in(served: Served, query: str) -> None:
    answer = served.stranger.get(f"/login{query}")
    problem(answer, 401)
    assert "set-cookie" not in answer.headers


def test_a_ticket_ends_after_a_while() -> None:
    tickets = Tickets(lifetime_seconds=0.0)
    assert not tickets.take(tickets.make())


def test_the_cookie_is_for_this_site_only_and_not_for_scripts(served: Served) -> None:
    ticket = served.client.post("/tickets").json()["ticket"]
    answer = served.stranger.get("/login", params={"ticket": ticket})
    served.stranger.cookies.clear()
    name, *flags = [part.strip() for part in answer.headers["set-cookie"].split(";")]
    assert name.startswith("studio_session=")
    assert {flag.lower() for flag in flags} >= {"httponly", "samesite=strict", "path=/"}
    assert not [flag for flag in flags if flag.lower().startswith("domain")]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"Sec-Fetch-Site": "same-origin"}, 200),
        ("GET", {"Sec-Fetch-Site": "none"}, 200),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ("POST", {}, 403),
        ("POST", {"Sec-Fetch-Site": "none"}, 403),
        ("POST", {"Sec-Fetch-Site": "same-site"}, 403),
        ("POST", {"Sec-Fetch-Site": "same-origin"}, 422),
        ("POST", {"Origin": "OURS"}, 422),
    ],
)
def test_a_session_acts_from_our_page_only(
    served: Served, method: str, headers: dict[str, str], status: int
) -> None:
    given = {name: value.replace("OURS", served.url) for name, value in headers.items()}
    given["Cookie"] = f"other=1; studio_session={sign_in(served)}; more=2"
    body: dict[str, str] | None = (
        {} if method == "POST" else None
    )  # a run of nothing: let in, then refused as a form
    assert served.stranger.request(method, RUNS, headers=given, json=body).status_code == status


def test_a_made_up_session_is_none(served: Served) -> None:
    for value in ("", "x", "null", "0" * 43, '"', "é"):
        cookie = {"Cookie": f"studio_session={value}".encode()}
        problem(served.stranger.get(RUNS, headers=cookie), 401)  # type: ignore[arg-type]


def test_a_wrong_token_is_not_saved_by_a_session(served: Served) -> None:
    headers = {
        "Cookie": f"studio_session={sign_in(served)}",
        "Authorization": "Bearer wrong",
    }
    assert served.stranger.get(RUNS, headers=headers).status_code == 401


def test_a_session_cannot_make_another(served: Served) -> None:
    headers = {"Cookie": f"studio_session={sign_in(served)}", "Origin": served.url}
    problem(served.stranger.post("/api/v1/tickets", headers=headers), 403)


@pytest.mark.slow
def test_a_session_outlives_the_server_and_the_file_does_not_tell_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with serving(settings) as first:
        cookie = sign_in(first)
    file = settings.home / "sessions.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert cookie not in file.read_text()
    with serving(settings) as second:
        headers = {"Cookie": f"studio_session={cookie}"}
        assert second.stranger.get(RUNS, headers=headers).status_code == 200


def test_a_session_ends_after_its_time(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path / "sessions.json", lifetime_seconds=0.0)
    assert not sessions.knows(sessions.open())


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"a": "b"}', "null"])
def test_a_broken_file_of_sessions_signs_everybody_out(tmp_path: Path, content: str) -> None:
    file = tmp_path / "sessions.json"
    file.write_text(content)
    sessions = Sessions(file)
    assert not sessions.knows("a")
    assert sessions.knows(sessions.open())


def test_the_token_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "new" / "home")
    token = read_or_create_token(settings)
    assert len(token) >= 43
    assert read_or_create_token(settings) == token
    assert stat.S_IMODE(settings.token_file.stat().st_mode) == 0o600
    assert os.listdir(settings.home) == ["token"]


@pytest.mark.parametrize(("content", "mode"), [("", 0o600), ("short", 0o600), ("x" * 43, 0o644)])
def test_a_token_that_is_no_secret_is_refused(tmp_path: Path, content: str, mode: int) -> None:
    settings = Settings(home=tmp_path)
    settings.token_file.write_text(content)
    settings.token_file.chmod(mode)
    with pytest.raises(TokenError, match="token"):
        read_or_create_token(settings)
