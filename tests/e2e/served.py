"""A studio of its own for a browser: its data folder goes when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.client import Client, find_studio
from studio.settings import Settings

STUDIO = str(Path(sys.executable).with_name("studio"))
_START_SECONDS = 60.0


@contextmanager
def served(port: int) -> Iterator[Client]:
    """Start a studio on a port (the next free one if that is busy), and stop it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        environment = {**os.environ, "STUDIO_HOME": str(home)}
        process = subprocess.Popen([STUDIO, "serve", "--port", str(port)], env=environment)
        try:
            deadline = time.monotonic() + _START_SECONDS
            while (client := find_studio(Settings(home=home))) is None:
                assert time.monotonic() < deadline, "the studio did not start"
                time.sleep(0.1)
            yield client
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
