"""What a browser sees that is not signed in: how to sign in, as a page."""

from __future__ import annotations

import base64
import hashlib
import html
from functools import cache
from pathlib import Path

from starlette.responses import HTMLResponse
from starlette.types import Scope

PAGE = Path(__file__).parent / "page"


def wants_page(scope: Scope) -> bool:
    """True for a browser that opens an address, as opposed to a program or a page's script."""
    return scope.get("method") == "GET" and takes_page(scope)


def takes_page(scope: Scope) -> bool:
    """True for a browser that shows the answer, to a form too."""
    accepts = [value for key, value in scope["headers"] if key == b"accept"]
    return any(b"text/html" in value for value in accepts)


def signed_out_page(is_team: bool = False, refused: bool = False, secret: str = "") -> HTMLResponse:
    """How to sign in. refused: what was given lets nobody in. secret: what stands in the form."""
    text, policy = _page("sign_in.html" if is_team else "signed_out.html")
    text = text.replace(_REFUSED, "" if refused else "hidden")
    text = text.replace(_SECRET, f'value="{html.escape(secret[:200])}"' if secret else "")
    headers = {"WWW-Authenticate": "Bearer", "Content-Security-Policy": policy}
    return HTMLResponse(text, status_code=401, headers=headers)


_REFUSED = "data-refused"
_SECRET = "data-secret"


@cache
def _page(name: str) -> tuple[str, str]:
    """A page and a policy that allows exactly its own style, by hash, and a form to ourselves."""
    text = (PAGE / name).read_text(encoding="utf-8")
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
    form = "'self'" if "<form" in text else "'none'"
    return text, f"{policy}; form-action {form}"
