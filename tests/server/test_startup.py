"""How a studio starts, and how it does not: in local and in team mode."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from studio.settings import Settings, load_settings
from studio.startup import ListenError, ModeError, check_startup
from tests.server.helpers import wait_until

STUDIO = Path(sys.executable).with_name("studio")
IS_ROOT = os.geteuid() == 0


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"mode": "Team"}, ModeError, "`local`"),
        ({"mode": "local", "allowed_hosts": ("a.example",)}, ModeError, "local mode"),
        ({"mode": "team", "allow_weak_sandbox": True}, ModeError, "sandbox"),
        ({"mode": "team", "allowed_hosts": ("*.example",)}, ModeError, "host name"),
        ({"mode": "team", "allowed_hosts": ("https://a.example",)}, ModeError, "host name"),
        ({"mode": "team", "allowed_hosts": ("a.example/x",)}, ModeError, "host name"),
        ({"host": "0.0.0.0"}, ListenError, "loopback"),
        ({"host": "::"}, ListenError, "loopback"),
        ({"host": "192.168.1.2"}, ListenError, "loopback"),
        ({"host": "studio.example.com", "mode": "team"}, ListenError, "loopback"),
    ],
)
def test_what_is_not_safe_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: Any, error: Any, words: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(error) as caught:
        check_startup(replace(Settings(home=tmp_path), **changes))
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_what_is_safe_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    check_startup(Settings(home=tmp_path))
    check_startup(Settings(home=tmp_path, mode="team"))
    check_startup(Settings(home=tmp_path, mode="team", allowed_hosts=("a.example", "b:8443")))


def test_settings_of_a_team_are_read_from_the_environment() -> None:
    settings = load_settings(
        {
            "STUDIO_MODE": "team",
            "STUDIO_ALLOWED_HOSTS": "Studio.Example.com, b.example:8443 ,",
            "STUDIO_DATA_FOLDERS": "/srv/data:/srv/more",
        }
    )
    assert settings.is_team
    assert settings.allowed_hosts == ("studio.example.com", "b.example:8443")
    assert settings.data_folders == (Path("/srv/data"), Path("/srv/more"))
    assert not load_settings({}).is_team
    assert load_settings({}).readable_folders is None


# As an ordinary user, also where the tests are root's and lie where only root may enter.
_CAPABILITY = "dac_read_search"
_SETPRIV = (
    *("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
    *(f"--inh-caps=+{_CAPABILITY}", f"--ambient-caps=+{_CAPABILITY}"),
)
ORDINARY = _SETPRIV if IS_ROOT else ()
needs_setpriv = pytest.mark.skipif(
    IS_ROOT and shutil.which("setpriv") is None, reason="setpriv is not there"
)


def environment(home: Path, **variables: str) -> dict[str, str]:
    return {**os.environ, "HOME": str(home.parent), "STUDIO_HOME": str(home), **variables}


def serve(home: Path, *options: str, root: bool = False, **variables: str) -> Any:
    return subprocess.Popen(
        [*(() if root else ORDINARY), STUDIO, "serve", *options],
        cwd=home.parent,
        env=environment(home, **variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(home: Path, *words: str) -> str:
    """What a command of the operator prints, in team mode."""
    given = environment(home, STUDIO_MODE="team")
    done = subprocess.run(
        [*ORDINARY, STUDIO, *words], env=given, capture_output=True, text=True, check=True
    )
    return done.stdout


@contextmanager
def folder_of_nobody() -> Iterator[Path]:
    """Not below pytest's own folder, which other users may not enter."""
    folder = Path(tempfile.mkdtemp(prefix="studio-team-"))
    if IS_ROOT:
        os.chown(folder, 65534, 65534)
    try:
        yield folder / "home"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.skipif(not IS_ROOT, reason="the tests are not root's")
def test_a_team_is_not_served_by_root(tmp_path: Path) -> None:
    process = serve(tmp_path / "home", root=True, STUDIO_MODE="team")
    _, told = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "root" in told.splitlines()[0]
    assert "Traceback" not in told
    assert not (tmp_path / "home" / "studio.db").exists()


@pytest.mark.slow
@needs_setpriv
@pytest.mark.parametrize("mode", ["local", "team"])
def test_nobody_else_is_listened_to(mode: str) -> None:
    with folder_of_nobody() as home:
        process = serve(home, STUDIO_MODE=mode, STUDIO_HOST="0.0.0.0")
        _, told = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "0.0.0.0" in told.splitlines()[0]
        assert not (home / "studio.db").exists()


@pytest.mark.slow
@needs_setpriv
def test_a_team_is_served_by_an_ordinary_user_who_invites_the_first_admin() -> None:
    with folder_of_nobody() as home:
        process = serve(home, "--port", "8731", STUDIO_MODE="team")
        try:
            address = home / "studio.json"
            wait_until(lambda: address.is_file() or process.poll() is not None, 60)
            assert process.poll() is None, process.communicate()
            added = command(home, "user", "add", "ann", "--role", "admin")
            url, _, ticket = added.strip().partition("/login?ticket=")
            with httpx.Client(base_url=url, headers={"Origin": url}) as browser:
                answer = browser.post("/login", data={"secret": ticket})
                assert answer.status_code == 303, answer.text
                me = browser.get("/api/v1/me").json()
            assert (me["name"], me["role"], me["mode"]) == ("ann", "admin", "team")
            lines = command(home, "audit").splitlines()
            assert "sign_in" in lines[0]
            assert "account_add" in lines[1]
        finally:
            process.terminate()
            process.communicate(timeout=30)
