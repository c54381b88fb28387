"""Team mode over REST: what each role may, who gets in, and what the audit log tells of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from studio.roles import GRANTS, ROLES, Role
from studio.server.guard import COOKIE, OUTER_COOKIE
from studio.server.permissions import ROUTES
from studio.settings import Settings
from tests.server.helpers import Served, pipeline, problem, raw_get, raw_request, serving
from tests.server.team import as_session, audited, enter, invite, person
from tests.server.test_census import address

OUTER = "studio.example.com"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("team") / "home"
    folder = tmp_path_factory.mktemp("data")
    (folder / "clicks.csv").write_text("a\n1\n")
    settings = Settings(home=home, mode="team", allowed_hosts=(OUTER,), data_folders=(folder,))
    with serving(settings) as served:
        yield served


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_the_table_grants_and_nothing_else(team: Served, role: Role) -> None:
    """Every route of the real server; what is let in may fail for any reason but this one."""
    with person(team, f"table-{role}", role) as client:
        for route, permission in ROUTES.items():
            method, path = address(route)
            with client.stream(method, f"{team.url}{path}") as answer:
                body = b"" if answer.is_success else answer.read()
            refused = answer.status_code == 403 and b'"code": "permission"' in body
            assert refused == (permission not in GRANTS[role]), (route, answer.status_code, body)
            assert answer.status_code != 401, route


def test_what_is_in_no_table_is_closed_to_everybody(team: Served) -> None:
    for target in ("/nowhere", "/api/v1/runs/", "/api/v1//runs", "/api/v1/accounts/x/y"):
        assert raw_get(team, target)[0] == 404


def test_an_invitation_signs_in_once_and_looking_at_it_does_not_use_it(team: Served) -> None:
    ticket = invite(team, "once", "viewer")
    page = team.stranger.get("/login", params={"ticket": ticket}, headers={"Accept": "text/html"})
    assert (page.status_code, "set-cookie" in page.headers) == (401, False)
    assert f'value="{ticket}"' in page.text
    assert enter(team, ticket).status_code == 303
    assert enter(team, ticket).status_code == 401


def test_the_page_shows_what_it_was_given_as_text(team: Served) -> None:
    asked = {"ticket": '"><script>alert(1)</script>'}
    page = team.stranger.get("/login", params=asked, headers={"Accept": "text/html"})
    assert "<script" not in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    refused = enter(team, "wrong", Accept="text/html")
    assert refused.status_code == 401
    assert "<form" in refused.text
    assert 'role="alert" hidden' in page.text
    assert 'role="alert" hidden' not in refused.text
    assert 'role="alert"' in refused.text


@pytest.mark.parametrize("origin", [None, "null", "http://evil.com", "http://127.0.0.1"])
def test_the_form_of_another_site_signs_nobody_in(team: Served, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    answer = team.stranger.post("/login", data={"secret": "x"}, headers=headers)
    assert answer.status_code in (401, 403)
    assert "set-cookie" not in answer.headers


def test_an_access_token_signs_a_browser_in_and_signing_out_ends_that_session(
    team: Served,
) -> None:
    with person(team, "browser", "editor") as client:
        token = client.headers["authorization"].partition(" ")[2]
        headers = as_session(team, token)
        me = team.stranger.get("/api/v1/me", headers=headers).json()
        assert (me["name"], me["role"], me["mode"]) == ("browser", "editor", "team")
        assert team.stranger.delete("/api/v1/session", headers=headers).status_code == 200
        problem(team.stranger.get("/api/v1/me", headers=headers), 401)
        assert client.get("/me").status_code == 200, "the token is another credential"
    assert [item["detail"] for item in audited(team, actor="browser", action="sign_in")] == [
        {"by": "token"},
        {"by": "ticket"},
    ]
    assert audited(team, actor="browser", action="sign_out")[0]["address"] == "127.0.0.1"


def test_a_removed_account_is_out_at_once_and_comes_back_by_a_new_invitation(
    team: Served,
) -> None:
    with person(team, "gone", "developer") as client:
        headers = as_session(team, client.headers["authorization"].partition(" ")[2])
        assert team.client.delete("/accounts/gone").json()["active"] is False
        problem(client.get("/me"), 401)
        problem(team.stranger.get("/api/v1/me", headers=headers), 401)
        problem(team.client.post("/accounts/gone/invite"), 409)
        problem(team.client.post("/accounts", json={"name": "gone", "role": "admin"}), 409)
        assert team.client.put("/accounts/gone", json={"active": True}).status_code == 200
        problem(client.get("/me"), 401)
    again = team.client.post("/accounts/gone/invite").json()["ticket"]
    assert enter(team, again).status_code == 303


def test_another_role_counts_from_the_next_request_on(team: Served) -> None:
    with person(team, "rising", "viewer") as client:
        problem(client.post("/pipelines", json=pipeline()), 403)
        team.client.put("/accounts/rising", json={"role": "editor"})
        assert client.post("/pipelines", json=pipeline()).status_code == 201
    (change,) = audited(team, action="role_change", object="account:rising")
    assert (change["actor"], change["detail"]) == (
        "operator",
        {"before": "viewer", "after": "editor"},
    )
    (refused,) = audited(team, actor="rising", action="refuse")
    assert (refused["object"], refused["address"]) == ("POST /api/v1/pipelines", "127.0.0.1")


def test_a_token_can_be_ended_by_its_owner_and_by_admins_only(team: Served) -> None:
    with person(team, "owner", "viewer") as owner, person(team, "other", "reviewer") as other:
        (token,) = owner.get("/tokens").json()["tokens"]
        assert "token" not in token
        problem(other.delete(f"/tokens/{token['id']}"), 404)
        assert other.get("/me").status_code == 200
        assert team.client.delete(f"/tokens/{token['id']}").status_code == 200
        problem(owner.get("/me"), 401)


def test_no_secret_is_in_the_data_folder_but_the_operators_token(team: Served) -> None:
    secrets = [invite(team, "hidden", "viewer")]
    headers = as_session(team, secrets[0])
    made = team.stranger.post("/api/v1/tokens", json={}, headers=headers).json()
    secrets += [made["token"], headers["Cookie"].partition("=")[2]]
    files = [file.read_bytes() for file in team.settings.home.rglob("*") if file.is_file()]
    for secret in secrets:
        assert not [content for content in files if secret.rpartition("_")[2].encode() in content]


def test_who_made_what_is_recorded_whatever_they_say(team: Served) -> None:
    with person(team, "maker", "editor") as client:
        made = client.post("/pipelines", json=pipeline("made")).json()
        assert made["author"] == "maker"
        tag = {"If-Match": '"d1"'}
        client.put(f"/pipelines/{made['id']}/draft", json=pipeline("new"), headers=tag)
        said = {"note": "", "author": "somebody else"}
        stored = client.post(
            f"/pipelines/{made['id']}/versions", json=said, headers={"If-Match": '"d2"'}
        )
        assert stored.json()["author"] == "maker", stored.text
        kind = {"Content-Type": "application/octet-stream"}
        dataset = client.put("/datasets/made.csv", content=b"a\n1\n", headers=kind).json()
        assert dataset["created_by"] == "maker"
        node = {"id": "read", "component": "read_table", "parameters": {"path": "clicks.csv"}}
        run = client.post("/runs", json={"pipeline": pipeline(nodes=[node])}).json()
        assert run["created_by"] == "maker", run
        assert client.post(f"/runs/{run['id']}/cancel").status_code == 202
    for action in ("run", "cancel"):
        assert audited(team, actor="maker", action=action, object=f"run:{run['id']}")
    assert audited(team, actor="maker", action="dataset")[0]["detail"]["digest"]


def plan_of(client: httpx.Client, path: str, folder: str | None = None) -> list[str]:
    node = {"id": "read", "component": "read_table", "parameters": {"path": path}}
    asked = {"pipeline": pipeline(nodes=[node]), "folder": folder}
    return [item["code"] for item in client.post("/plan", json=asked).json()["problems"]]


def test_a_pipeline_reads_the_folders_of_the_team_and_no_other(
    team: Served, tmp_path: Path
) -> None:
    (folder,) = team.settings.data_folders
    (tmp_path / "other.csv").write_text("a\n1\n")
    (folder / "link.csv").symlink_to(team.settings.token_file)
    with person(team, "reader", "editor") as client:
        for allowed in ("clicks.csv", str(folder / "clicks.csv")):
            assert plan_of(client, allowed) == [], allowed
        for path in (
            str(team.settings.token_file),
            f"{folder}/../{team.settings.home.name}/token",
            "../home/token",
            str(folder / "link.csv"),
            str(tmp_path / "other.csv"),
            str(tmp_path / "missing.csv"),
            "/etc/passwd",
            "/",
            "~/.ssh/id_ed25519",
        ):
            assert plan_of(client, path) == ["path.forbidden"], path
        # A folder that the request names is no way around it.
        assert plan_of(client, "other.csv", str(tmp_path)) == ["path.missing"]
        assert plan_of(client, "token", str(team.settings.home)) == ["path.missing"]
        assert plan_of(client, "link.csv") == ["path.missing"]


def get(team: Served, path: str, **headers: str) -> tuple[int, str]:
    lines = "".join(f"{key.replace('_', '-')}: {value}\r\n" for key, value in headers.items())
    answer = raw_request(team, f"GET {path} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
    return int(answer.split()[1]), answer.decode()


def test_only_named_hosts_are_answered_and_over_tls_only(team: Served) -> None:
    token = team.client.headers["authorization"]
    me = "/api/v1/me"
    assert get(team, me, Host=OUTER, Authorization=token)[0] == 200
    for host in ("evil.com", f"{OUTER}.evil.com", f"x.{OUTER}", f"{OUTER}:1", f"{OUTER}."):
        assert get(team, me, Host=host, Authorization=token)[0] == 400
    for origin, status in ((f"https://{OUTER}", 200), (f"http://{OUTER}", 403)):
        assert get(team, me, Host=OUTER, Origin=origin, Authorization=token)[0] == status


def test_the_cookie_behind_a_proxy_is_for_tls_and_for_this_host(team: Served) -> None:
    ticket = invite(team, "outside", "viewer")
    body = f"secret={ticket}"
    answer = raw_request(
        team,
        (
            f"POST /login HTTP/1.1\r\nHost: {OUTER}\r\nOrigin: https://{OUTER}\r\n"
            f"X-Forwarded-For: 6.6.6.6, 203.0.113.9\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n{body}"
        ).encode(),
    ).decode()
    assert " 303 " in answer.splitlines()[0]
    found = re.search(rf"set-cookie: {OUTER_COOKIE}=([^;]+);(.*)", answer, re.IGNORECASE)
    assert found is not None
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {
        part.strip().lower() for part in found[2].split(";")
    }
    session = found[1]
    outer = {"Host": OUTER, "Cookie": f"{OUTER_COOKIE}={session}"}
    assert get(team, "/api/v1/me", **outer)[0] == 200
    # A cookie that another port or a subdomain may have set is not looked at there.
    assert get(team, "/api/v1/me", Host=OUTER, Cookie=f"{COOKIE}={session}")[0] == 401
    (entry,) = audited(team, actor="outside", action="sign_in")
    assert entry["address"] == "203.0.113.9"


def test_a_forwarded_address_is_believed_of_the_proxy_only(team: Served) -> None:
    with person(team, "liar", "viewer") as client:
        client.post("/runs", json={}, headers={"X-Forwarded-For": "1.2.3.4"})
    assert audited(team, actor="liar", action="refuse")[0]["address"] == "127.0.0.1"


def test_sessions_and_tickets_of_local_mode_are_worth_nothing_in_a_team(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(Settings(home=home)) as alone:
        ticket = alone.client.post("/tickets").json()["ticket"]
        answer = alone.stranger.get("/login", params={"ticket": ticket})
        cookie = f"{COOKIE}={answer.cookies[COOKIE]}"
        me = alone.client.get("/me").json()
        assert (me["name"], me["role"], me["mode"]) == ("local", "admin", "local")
        problem(alone.client.post("/accounts", json={"name": "ann", "role": "admin"}), 409)
        problem(alone.client.post("/tokens", json={}), 409)
        alone.stranger.cookies.clear()
        headers = {"Cookie": cookie, "Origin": alone.url}
        assert alone.stranger.delete("/api/v1/session", headers=headers).status_code == 200
        problem(alone.stranger.get("/api/v1/me", headers=headers), 401)
        again = alone.client.post("/tickets").json()["ticket"]
        cookie = alone.stranger.get("/login", params={"ticket": again}).cookies[COOKIE]
    with serving(Settings(home=home, mode="team")) as team:
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        problem(team.stranger.get("/api/v1/me", headers=headers), 401)
        assert team.client.get("/me").json()["name"] == "operator"


def test_the_table_of_roles_in_the_docs_is_the_one_in_the_code() -> None:
    text = (Path(__file__).parents[2] / "docs" / "teams.md").read_text()
    for role in ROLES:
        (line,) = re.findall(rf"^\| {role} \|.*$", text, re.MULTILINE)
        told = {cell.strip(" `") for cell in line.split("|")[2].split(",")}
        assert told == set(GRANTS[role]), json.dumps(sorted(GRANTS[role]))
