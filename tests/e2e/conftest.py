"""A studio with its runner, and a browser, for each file of tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from studio.client import Client, find_studio
from studio.settings import Settings
from tests.e2e.browser import chromium

STUDIO = str(Path(sys.executable).with_name("studio"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A studio of its own: a data folder, and the next free port."""
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "STUDIO_HOME": str(home)}
    process = subprocess.Popen([STUDIO, "serve", "--port", "8760"], env=environment)
    deadline = time.monotonic() + 60
    while (client := find_studio(Settings(home=home))) is None:
        assert process.poll() is None, "the studio did not start"
        assert time.monotonic() < deadline, "the studio did not answer"
        time.sleep(0.1)
    yield client
    process.send_signal(signal.SIGINT)
    process.wait(30)


expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
