"""People of a team for tests: invited, signed in, with tokens; and their lines of the audit log."""

from __future__ import annotations

from typing import Any

import httpx

from studio.roles import Role
from studio.server.guard import COOKIE
from tests.server.helpers import Served

Json = dict[str, Any]


def invite(team: Served, name: str, role: Role) -> str:
    answer = team.client.post("/accounts", json={"name": name, "role": role})
    assert answer.status_code == 200, answer.text
    ticket: str = answer.json()["ticket"]
    return ticket


def enter(team: Served, secret: str, **headers: str) -> httpx.Response:
    """What the form of the sign-in page sends."""
    given = {"Origin": team.url} | headers
    answer = team.stranger.post("/login", data={"secret": secret}, headers=given)
    team.stranger.cookies.clear()
    return answer


def as_session(team: Served, secret: str) -> dict[str, str]:
    """The headers of a signed-in browser."""
    answer = enter(team, secret)
    assert answer.status_code == 303, answer.text
    return {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}", "Origin": team.url}


def person(team: Served, name: str, role: Role) -> httpx.Client:
    """A program with an access token of a new account."""
    headers = as_session(team, invite(team, name, role))
    made = team.stranger.post("/api/v1/tokens", json={"label": "test"}, headers=headers)
    assert made.status_code == 201, made.text
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    return httpx.Client(base_url=f"{team.url}/api/v1", headers=bearer, timeout=20)


def audited(team: Served, **about: Any) -> list[Json]:
    """Lines with these values, the newest first, of all that there are."""
    found: list[Json] = []
    page: Json = {"next": 2**62}
    while page["next"]:
        page = team.client.get("/audit", params={"limit": 200, "before": page["next"]}).json()
        found += [item for item in page["entries"] if about.items() <= item.items()]
    return found
