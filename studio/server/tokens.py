"""The secret that lets a program in: made once, kept in a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from pathlib import Path

from studio.errors import StudioError
from studio.settings import Settings

_MIN_LENGTH = 32


class TokenError(StudioError):
    code = "token"
    title = "The token cannot be used"


def read_or_create_token(settings: Settings) -> str:
    """The token of this data folder; made when there is none. Server and command line share it."""
    file = settings.token_file
    if not file.exists():
        _make_token(file)
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        raise TokenError(
            f"{file} can be read by others (mode {mode:o}).",
            hint=f"Delete it and start again: a new token is made. Or: chmod 600 {file}",
        )
    token = file.read_text(encoding="ascii", errors="replace").strip()
    if len(token) < _MIN_LENGTH:
        raise TokenError(
            f"{file} holds no token.", hint="Delete it and start again: a new one is made."
        )
    return token


def _make_token(file: Path) -> None:
    """Put a whole token in place, or leave the one that another process has just made."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".token-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(32) + "\n")
        file.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
