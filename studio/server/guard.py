"""Who may come in, and to what: decided before routing and before a byte of the body is read.

Everything needs a token or a session but an exact list of addresses, so a new route is closed
until somebody opens it; and it needs a permission of the person's role. Host is checked against
DNS rebinding, Origin against other sites' pages.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from studio.errors import say
from studio.roles import may
from studio.server.people import People, Person
from studio.server.permissions import needed_permissions
from studio.server.problems import Refusal, answer, refuse
from studio.server.signed_out import signed_out_page, wants_page
from studio.settings import Settings

PUBLIC = frozenset({"/healthz", "/readyz", "/login"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "studio_session"
# Browsers take it over TLS only, and from this very host.
OUTER_COOKIE = f"__Host-{COOKIE}"

# Any port: a person may reach us through a forwarded one.
_HOST = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_HINT = "Send `Authorization: Bearer TOKEN`, or open the address that `studio open` prints."


class Guard:
    """ASGI middleware for HTTP and WebSocket; other kinds of scope but lifespan are refused.

    Leaves in the request's state: `person`; `signed_in_by`, "token" or "session"; `outer`, whether
    it came by a proxy with TLS; `address`, where it came from.
    """

    def __init__(self, app: ASGIApp, people: People, settings: Settings) -> None:
        self._app = app
        self._people = people
        self._is_team = settings.is_team
        self._outer_hosts = frozenset(name.encode() for name in settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = await self._check(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.title})
        elif refusal.status == HTTPStatus.UNAUTHORIZED and wants_page(scope):
            await signed_out_page(self._is_team)(scope, receive, send)
        else:
            await answer(scope, refusal)(scope, receive, send)

    async def _check(self, scope: Scope) -> Refusal | None:
        """Why the request is refused, or None."""
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        if len(hosts) != 1 or not (_HOST.fullmatch(hosts[0]) or self._is_outer(hosts[0])):
            return refuse(400, "host", "This host name is not one of the studio's.", _OWN_NAMES)
        outer = self._is_outer(hosts[0])
        scheme = b"https" if outer else _scheme(scope)
        if origins and origins != [scheme + b"://" + hosts[0]]:
            return refuse(403, "origin", "Another site's page may not use the studio.")
        state = scope.setdefault("state", {})
        state["outer"], state["address"] = outer, _address(scope, outer)
        if self._is_public(scope, bool(origins)):
            return None
        given = _values(scope, b"authorization")
        check = self._check_token(given) if given else self._check_session(scope, bool(origins))
        person = await check
        if isinstance(person, Refusal):
            return person
        person = replace(person, address=state["address"]) if self._is_team else person
        state["person"], state["signed_in_by"] = person, "token" if given else "session"
        return await self._check_permission(scope, person) if self._is_team else None

    def _is_outer(self, host: bytes) -> bool:
        return host.lower() in self._outer_hosts

    def _is_public(self, scope: Scope, has_origin: bool) -> bool:
        if scope["type"] != "http" or scope["path"] not in PUBLIC:
            return False
        # The form of the page that people of a team sign in by, which tells where it comes from.
        is_form = scope["method"] == "POST" and scope["path"] == "/login" and has_origin
        return scope["method"] == "GET" or (self._is_team and is_form)

    async def _check_token(self, given: list[bytes]) -> Person | Refusal:
        scheme, _, token = given[0].partition(b" ")
        person = await self._people.by_token(token.strip().decode("latin-1"))
        if len(given) != 1 or scheme.lower() != b"bearer" or person is None:
            return _unauthorised("This token is not the studio's.")
        return person

    async def _check_session(self, scope: Scope, has_origin: bool) -> Person | Refusal:
        found = [await self._people.by_session(id) for id in session_ids(scope)]
        person = next((item for item in found if item is not None), None)
        if person is None:
            return _unauthorised("You are not signed in.")
        if not _is_from_our_page(scope, has_origin):
            return refuse(403, "cross_site", "A session may be used from the studio's page only.")
        return person

    async def _check_permission(self, scope: Scope, person: Person) -> Refusal | None:
        method, path = scope.get("method", "GET"), scope["path"]
        needed = needed_permissions(method, path)
        if not needed:
            return refuse(
                404,
                "route.unknown",
                say("There is nothing at {method} {path}.", method=method, path=path[:200]),
            )
        missing = sorted(item for item in needed if not may(person.role, item))
        if not missing:
            return None
        await self._people.note_refusal(person, f"{method} {path[:500]}")
        message = say(
            "This needs the permission {missing!r}, which a {role} has not.",
            missing=missing[0],
            role=person.role,
        )
        return refuse(403, "permission", message, "Ask an admin of this studio.")


_OWN_NAMES = "Use 127.0.0.1, localhost or [::1]."


def _unauthorised(message: str) -> Refusal:
    refusal = refuse(401, "unauthorised", message, _HINT)
    return Refusal(401, refusal.title, refusal.problems, (("WWW-Authenticate", "Bearer"),))


def _is_from_our_page(scope: Scope, has_origin: bool) -> bool:
    """Cookies are sent by other ports of this host too: the browser must say where it comes from.

    An Origin that is there has been compared already. A request that a person starts, by typing
    an address, has the site "none"; a followed link is a navigation, and only reads.
    """
    site, mode = _values(scope, b"sec-fetch-site"), _values(scope, b"sec-fetch-mode")
    if scope["type"] == "websocket":
        return has_origin
    if scope["method"] not in SAFE_METHODS:
        return has_origin or site == [b"same-origin"]
    return not site or site[0] in (b"same-origin", b"none") or mode == [b"navigate"]


def session_ids(scope: Scope) -> list[str]:
    """The sessions that a browser names, in the cookie that belongs to how it reached us."""
    pairs = [part.strip() for header in _values(scope, b"cookie") for part in header.split(b";")]
    prefix = (OUTER_COOKIE if scope["state"]["outer"] else COOKIE).encode() + b"="
    return [pair[len(prefix) :].decode("latin-1") for pair in pairs if pair.startswith(prefix)]


def _address(scope: Scope, outer: bool) -> str | None:
    """Where it comes from: of what stands in the header the proxy wrote the last."""
    forwarded = _values(scope, b"x-forwarded-for")
    if outer and forwarded:
        return forwarded[-1].rpartition(b",")[2].strip().decode("latin-1")[:100]
    client: Sequence[Any] | None = scope.get("client")
    return str(client[0]) if client else None


def _scheme(scope: Scope) -> bytes:
    scheme: str = scope.get("scheme", "http")
    return {"ws": "http", "wss": "https"}.get(scheme, scheme).encode()


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]
