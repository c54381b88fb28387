"""Who may come in: decided before routing and before a byte of the body is read.

Everything needs a token or a session but an exact list of addresses, so a new route is closed
until somebody opens it. Host is checked against DNS rebinding, Origin against other sites' pages.
"""

from __future__ import annotations

import hmac
import re
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from studio.server.problems import Refusal, answer, refuse
from studio.server.sessions import Sessions
from studio.server.signed_out import signed_out_page, wants_page

PUBLIC = frozenset({"/healthz", "/readyz", "/login"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE = "studio_session"

# Any port: a person may reach us through a forwarded one.
_HOST = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_HINT = "Send `Authorization: Bearer TOKEN`, or open the address that `studio open` prints."


class Guard:
    """ASGI middleware for HTTP and WebSocket; other kinds of scope but lifespan are refused."""

    def __init__(self, app: ASGIApp, token: str, sessions: Sessions) -> None:
        self._app = app
        self._token = token.encode()
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._check(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.title})
        elif refusal.status == HTTPStatus.UNAUTHORIZED and wants_page(scope):
            await signed_out_page()(scope, receive, send)
        else:
            await answer(scope, refusal)(scope, receive, send)

    def _check(self, scope: Scope) -> Refusal | None:
        """Why the request is refused, or None; sets `signed_in_by` in the request's state."""
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
            return refuse(400, "host", "This host name is not one of the studio's.", _OWN_NAMES)
        if origins and origins != [_scheme(scope) + b"://" + hosts[0]]:
            return refuse(403, "origin", "Another site's page may not use the studio.")
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in PUBLIC:
            return None
        given = _values(scope, b"authorization")
        if given:
            return self._check_token(scope, given)
        return self._check_session(scope, bool(origins))

    def _check_token(self, scope: Scope, given: list[bytes]) -> Refusal | None:
        scheme, _, token = given[0].partition(b" ")
        right = hmac.compare_digest(token.strip(), self._token)
        if len(given) != 1 or scheme.lower() != b"bearer" or not right:
            return _unauthorised("This token is not the studio's.")
        scope.setdefault("state", {})["signed_in_by"] = "token"
        return None

    def _check_session(self, scope: Scope, has_origin: bool) -> Refusal | None:
        if not any(self._sessions.knows(id) for id in _session_ids(scope)):
            return _unauthorised("You are not signed in.")
        if not _is_from_our_page(scope, has_origin):
            return refuse(403, "cross_site", "A session may be used from the studio's page only.")
        scope.setdefault("state", {})["signed_in_by"] = "session"
        return None


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


def _session_ids(scope: Scope) -> list[str]:
    pairs = [part.strip() for header in _values(scope, b"cookie") for part in header.split(b";")]
    prefix = COOKIE.encode() + b"="
    return [pair[len(prefix) :].decode("latin-1") for pair in pairs if pair.startswith(prefix)]


def _scheme(scope: Scope) -> bytes:
    scheme: str = scope.get("scheme", "http")
    return {"ws": "http", "wss": "https"}.get(scheme, scheme).encode()


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]
