"""What must hold before a studio opens its data folder, in local and in team mode."""

from __future__ import annotations

import ipaddress
import os
import re

from studio.errors import StudioError
from studio.settings import Settings

# A name, perhaps with a port; no wildcard, no scheme, no path.
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?")


class ModeError(StudioError):
    code = "mode"
    title = "The studio does not start like this"


class ListenError(StudioError):
    code = "listen"
    title = "The studio does not listen there"


def check_startup(settings: Settings) -> None:
    """Raises ModeError or ListenError with the way out; every process of a studio asks first."""
    if settings.mode not in ("local", "team"):
        raise ModeError(
            f"STUDIO_MODE is {settings.mode!r}.", hint="It is `local` (the default) or `team`."
        )
    check_listening(settings.host)
    if settings.is_team:
        _check_team(settings)
    elif settings.allowed_hosts:
        raise ModeError(
            "STUDIO_ALLOWED_HOSTS is set, but the studio is in local mode: it is for one user.",
            hint="Set STUDIO_MODE=team, or reach it through an SSH tunnel without that setting.",
        )


def check_listening(host: str) -> None:
    """Nobody but this machine may connect; a proxy with TLS or an SSH tunnel stands before it."""
    if host == "localhost" or _is_loopback(host):
        return
    raise ListenError(
        f"{host} is not a loopback address: others could connect.",
        hint="Listen on 127.0.0.1. Others reach it through an SSH tunnel, or in team mode "
        "through a proxy with TLS (STUDIO_MODE=team, STUDIO_ALLOWED_HOSTS; see docs/teams.md).",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_team(settings: Settings) -> None:
    if os.geteuid() == 0:
        raise ModeError(
            "Team mode does not run as root: code of others would be one fault away from it.",
            hint="Start it as an ordinary user of its own, who owns the data folder.",
        )
    if settings.allow_weak_sandbox:
        raise ModeError(
            "Team mode runs no code of others in a weak sandbox.",
            hint="Unset STUDIO_ALLOW_WEAK_SANDBOX; `studio doctor` says what is missing.",
        )
    for name in settings.allowed_hosts:
        if not _HOST_NAME.fullmatch(name):
            raise ModeError(
                f"STUDIO_ALLOWED_HOSTS holds {name!r}, which is no host name.",
                hint="Write names as browsers send them: studio.example.com, or with a port.",
            )
