"""The life of the server: ports, secrets, start, failure, end."""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from studio.errors import UnavailableError
from studio.spark.server import SparkEndpoint, SparkServer
from studio.spark.session import connect, interrupt
from tests.spark.helpers import java_of, processes_of

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

pytestmark = pytest.mark.slow

STARTER = """
import sys, time
from pathlib import Path
from studio.spark.server import SparkServer
server = SparkServer(Path(sys.argv[1]), cores=2)
server.start()
endpoint = server.ready(120)
print(server.pid, endpoint.remote, endpoint.token, flush=True)
time.sleep(300)
"""


def test_every_socket_of_the_server_is_on_loopback(
    server: SparkServer, session: SparkSession
) -> None:
    from pyspark.sql.functions import udf
    from pyspark.sql.types import LongType

    # Python workers are started by this, and have sockets of their own.
    twice = udf(lambda x: 2 * x, LongType())
    assert session.range(3).select(twice("id")).toArrow().num_rows == 3

    processes = processes_of(server.pid)
    sockets = [s for p in processes for s in p.net_connections("inet")]
    addresses = [a for s in sockets for a in (s.laddr, s.raddr) if a]
    assert len(processes) > 3
    assert {s.status for s in sockets} >= {psutil.CONN_LISTEN, psutil.CONN_ESTABLISHED}
    assert [a for a in addresses if not ipaddress.ip_address(a.ip).is_loopback] == []


def test_the_token_is_in_no_command_line(endpoint: SparkEndpoint) -> None:
    """Neither the server's, nor the client's that interrupts a session."""
    arguments = (endpoint.remote, endpoint.token, str(uuid.uuid4()), "tests")
    interrupting = threading.Thread(target=interrupt, args=arguments)
    interrupting.start()
    seen: set[str] = set()
    while interrupting.is_alive():
        seen |= {" ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])}
    assert [line for line in seen if "SparkConnectServer" in line] != []
    assert [line for line in seen if "studio.spark.interrupt" in line] != []
    assert [line for line in seen if endpoint.token in line] == []
    assert endpoint.token not in repr(endpoint)


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_a_client_without_the_token_is_refused_at_once(
    token: str | None, endpoint: SparkEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPARK_CONNECT_AUTHENTICATE_TOKEN", raising=False)
    start = time.monotonic()
    with pytest.raises(UnavailableError, match="UNAUTHENTICATED") as caught:
        connect(endpoint.remote, token, str(uuid.uuid4()), "tests")
    assert caught.value.code == "spark.refused"
    assert time.monotonic() - start < 5


def test_what_the_server_leaves_lying_is_in_its_folder_and_only_for_us(
    server: SparkServer,
) -> None:
    opened = {Path(f.path) for f in java_of(server).open_files()}
    written = {p for p in opened if p.suffix != ".jar" and "java-runtime" not in p.parts}
    assert written == {server.log}
    assert (server.folder / "local").stat().st_mode & 0o077 == 0


def test_a_server_that_is_starting_can_be_stopped_and_stopped_again(tmp_path: Path) -> None:
    server = SparkServer(tmp_path, cores=1)
    server.stop()
    server.start()
    first = server.pid
    server.start()
    assert server.pid == first
    with pytest.raises(UnavailableError, match="does not answer after 0 s") as caught:
        server.ready(timeout=0)
    assert caught.value.code == "spark.timeout"
    processes = processes_of(server.pid)
    server.stop()
    server.stop()
    assert not server.alive()
    assert psutil.wait_procs(processes, timeout=5)[1] == []


def test_a_server_that_was_not_started_says_so(tmp_path: Path) -> None:
    server = SparkServer(tmp_path, cores=1)
    assert not server.alive()
    with pytest.raises(UnavailableError, match="was not started"):
        server.ready(timeout=1)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = SparkServer(tmp_path, cores=1, memory="plenty")
    server.start()
    with pytest.raises(UnavailableError, match="Invalid maximum heap size: -Xmxplenty") as caught:
        server.ready(timeout=30)
    assert caught.value.code == "spark.ended"
    assert str(tmp_path / "spark.log") in str(caught.value.hint)
    server.stop()


@pytest.mark.filterwarnings("ignore:.*RETRIES_EXCEEDED")
def test_kill_9_of_the_starter_takes_the_server_with_it(tmp_path: Path) -> None:
    """And a client learns of it in seconds, where PySpark alone would try for ten minutes."""
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        guard, remote, token = starter.stdout.readline().split()
        client = connect(remote, token, str(uuid.uuid4()), "tests")
        assert client.range(5).count() == 5
        processes = processes_of(int(guard))
        os.kill(starter.pid, signal.SIGKILL)
        _, left = psutil.wait_procs(processes, timeout=5)
    assert left == []
    start = time.monotonic()
    with pytest.raises(Exception, match="UNAVAILABLE"):
        client.range(5).count()
    assert time.monotonic() - start < 20
    client.client.close()
