"""The owner's side of a host: start it, ask it to fork, hear what it says."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from studio.host.protocol import Launch, Message, Ready, receive, send

# Imported by the host, never used there. Polars is left out: its import alone starts threads.
LIBRARIES = (
    "numpy",
    "pandas",
    "pyarrow.compute",
    "pyarrow.csv",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "duckdb",
    "ibis.backends.duckdb",
    "ibis.backends.pyspark",
    "pyspark.sql.connect.session",
    "pyspark.sql.connect.functions",
    "tensorflow",
)
# OpenBLAS and jemalloc would start threads when imported, which a fork does not copy.
_SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


class HostClient:
    """A running host process. `connection` is readable when the host has something to say."""

    def __init__(self, entry: str, log: Path, libraries: Sequence[str] = LIBRARIES) -> None:
        """entry: "module:function", called in each step as function(folder, pipe descriptor)."""
        self.is_ready = False
        self.connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "studio.host.process", str(theirs.fileno()), entry]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, *libraries],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **_SINGLE_THREADED},
                start_new_session=True,
            )
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def launch(self, launch: Launch, log: int, pipe: int) -> None:
        """Ask for a step; the answer is Started or Refused, and Exited when it has ended."""
        send(self.connection, launch, [log, pipe])

    def receive(self) -> Message | None:
        """The next message; None: the host has ended."""
        try:
            message = receive(self.connection)[0]
        except ConnectionResetError:
            return None
        self.is_ready = self.is_ready or isinstance(message, Ready)
        return message

    def stop(self) -> None:
        """End the host and every step that it runs."""
        self.connection.close()
        if not self.is_ready:  # it is importing, and would not hear us before it is done
            self._process.kill()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
