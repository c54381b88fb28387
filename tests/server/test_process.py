"""The server as a process of its own, as the supervisor starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from studio.server.main import serve
from studio.settings import Settings
from studio.startup import ListenError
from tests.server.helpers import wait_until

pytestmark = pytest.mark.slow

HEAVY = ("pandas", "numpy", "pyarrow", "tensorflow", "pyspark", "ibis", "duckdb", "polars")


@dataclass
class Started:
    process: subprocess.Popen[bytes]
    url: str
    home: Path
    began: float

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {(self.home / 'token').read_text().strip()}"}


@contextmanager
def started(home: Path, address: str = "127.0.0.1") -> Iterator[Started]:
    listener = socket.socket()
    listener.bind((address, 0))
    listener.listen(16)
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "studio.server", "--fd", str(listener.fileno())],
        pass_fds=[listener.fileno()],
        stderr=subprocess.PIPE,
        env={**os.environ, "STUDIO_HOME": str(home)},
    )
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield Started(process, url, home, began)
    finally:
        process.kill()
        process.communicate()
        listener.close()


def is_ready(server: Started) -> bool:
    try:
        return httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_it_is_ready_soon_and_stops_at_once_with_streams_open(tmp_path: Path) -> None:
    with started(tmp_path / "home") as server:
        wait_until(lambda: is_ready(server))
        took = time.monotonic() - server.began
        used = psutil.Process(server.process.pid).cpu_times()
        work = used.user + used.system
        print(f"ready after {took:.2f} s, of which {work:.2f} s are its own work")
        assert work < 4  # other tests may share the processor; the work is the same
        assert took < 20
        children = psutil.Process(server.process.pid).children(recursive=True)
        with httpx.stream("GET", f"{server.url}/api/v1/events", headers=server.headers) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "retry: 1000"
            asked = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert not [line for line in lines if line]  # the stream ends as a whole answer does
        assert server.process.wait(5) == 0
        stopped = time.monotonic() - asked
        print(f"stopped after {stopped:.2f} s")
        assert stopped < 2
        assert not [child for child in children if child.is_running()]
        assert server.process.stderr is not None
        assert server.process.stderr.read() == b""


def test_two_signals_stop_it_no_worse(tmp_path: Path) -> None:
    with started(tmp_path / "home") as server:
        wait_until(lambda: is_ready(server))
        for _ in range(2):
            server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() == 0, reason="root reads everything")
def test_its_memory_and_environment_are_hidden(tmp_path: Path) -> None:
    with started(tmp_path / "home") as server:
        wait_until(lambda: is_ready(server))
        with pytest.raises(PermissionError):
            Path(f"/proc/{server.process.pid}/environ").read_bytes()


def test_an_address_that_others_reach_is_refused(tmp_path: Path) -> None:
    with started(tmp_path / "home", "0.0.0.0") as server:
        assert server.process.wait(10) == 2
        assert server.process.stderr is not None
        told = server.process.stderr.read().decode()
        assert "0.0.0.0" in told
        assert "127.0.0.1" in told
    assert not (tmp_path / "home" / "studio.db").exists()


@pytest.mark.parametrize("family", [socket.AF_UNIX, socket.AF_INET6])
def test_other_kinds_of_sockets_are_refused(
    tmp_path: Path, family: socket.AddressFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(family) as listener:
        listener.bind("socket" if family == socket.AF_UNIX else ("::", 0))
        with pytest.raises(ListenError):
            serve(Settings(home=tmp_path / "home"), [listener])


def test_no_table_or_training_library_is_loaded() -> None:
    code = (
        "import sys, studio.server.app, studio.server.main, studio.server.__main__\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_none_is_loaded_either_by_what_it_serves(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from studio.settings import Settings\n"
        "from tests.server.helpers import pipeline, serving\n"
        "with serving(Settings(home=Path(sys.argv[1]))) as served:\n"
        "    served.client.get('/components').raise_for_status()\n"
        "    served.client.post('/runs', json={'pipeline': pipeline()}).raise_for_status()\n"
        "    served.client.put('/datasets/a.csv', content=b'a').raise_for_status()\n"
        f"print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "home")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
