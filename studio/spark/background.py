"""Make the AOT cache in a process of its own, which ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.spark.server import guarded


class CacheMaker:
    """At most one attempt: a machine on which the cache cannot be made is not asked again."""

    def __init__(self, folder: Path, command: Sequence[str] | None = None) -> None:
        self._log = folder / "aot.log"
        self._command = command or [sys.executable, "-m", "studio.spark.aot", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return at once; from a thread that outlives the making."""
        if self._process is not None:
            return
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                guarded(self._command),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it, with the Spark server that it may have started."""
        if self._process is None or not self.running():
            return
        os.killpg(self._process.pid, signal.SIGKILL)  # its own Spark server ends with it
        self._process.wait()
