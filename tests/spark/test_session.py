"""Sessions of steps: what they see of one another, and how they are ended from outside."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING

import psutil
import pytest

from studio.errors import UnavailableError
from studio.spark.server import SparkEndpoint, SparkServer
from studio.spark.session import connect, interrupt
from tests.spark.helpers import java_of, new_session, wait_until

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

pytestmark = pytest.mark.slow

# Adds up for hours, on every core of the server.
CLIENT = """
import sys
from studio.spark.session import connect
session = connect(*sys.stdin.read().split())
print("connected", flush=True)
session.range(0, 10**14, 1, 8).selectExpr("sum(hash(id))").collect()
"""


def unused_remote() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"sc://localhost:{probe.getsockname()[1]}"


def test_a_query_answers(session: SparkSession) -> None:
    sums = session.range(100).selectExpr("id % 2 AS k", "id").groupBy("k").sum("id").orderBy("k")
    assert sums.toArrow().to_pylist() == [{"k": 0, "sum(id)": 2450}, {"k": 1, "sum(id)": 2500}]


def test_a_session_is_in_utc(session: SparkSession) -> None:
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    row = session.sql("SELECT hour(timestamp_seconds(3600)) AS h").collect()[0]
    assert row["h"] == 1


def test_two_sessions_do_not_see_one_anothers_views(endpoint: SparkEndpoint) -> None:
    one, other = new_session(endpoint), new_session(endpoint)
    one.range(5).createOrReplaceTempView("rows")
    other.range(7).createOrReplaceTempView("rows")
    one.range(1).createOrReplaceTempView("only_here")
    assert one.table("rows").count() == 5
    assert other.table("rows").count() == 7
    assert not other.catalog.tableExists("only_here")
    one.stop()
    other.stop()


def test_a_session_that_was_stopped_is_not_opened_again(endpoint: SparkEndpoint) -> None:
    name = str(uuid.uuid4())
    connect(endpoint.remote, endpoint.token, name, "tests").stop()
    with pytest.raises(UnavailableError, match=r"SESSION_CLOSED") as caught:
        connect(endpoint.remote, endpoint.token, name, "tests")
    assert caught.value.code == "spark.refused"


def test_a_server_that_is_not_there_is_named_at_once() -> None:
    remote = unused_remote()
    start = time.monotonic()
    with pytest.raises(UnavailableError, match=remote) as caught:
        connect(remote, "token", str(uuid.uuid4()), "tests")
    assert caught.value.code == "spark.unreachable"
    assert time.monotonic() - start < 5


def test_an_interrupt_of_a_server_that_is_not_there_returns_and_leaves_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    start = time.monotonic()
    interrupt(unused_remote(), "token", str(uuid.uuid4()), "tests")
    assert time.monotonic() - start < 10
    assert "does not answer" in caplog.text


@pytest.mark.parametrize("stopped", [True, False])
def test_an_interrupt_of_a_session_that_is_idle_or_stopped_is_nothing_special(
    stopped: bool, endpoint: SparkEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    names = (endpoint.remote, endpoint.token, str(uuid.uuid4()), "tests")
    session = connect(*names)
    if stopped:
        session.stop()
    interrupt(*names)
    assert caplog.text == ""
    with pytest.raises(UnavailableError, match="SESSION_CLOSED"):
        connect(*names)


def test_an_interrupt_with_a_wrong_token_leaves_the_session_alone(
    endpoint: SparkEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    name = str(uuid.uuid4())
    session = connect(endpoint.remote, endpoint.token, name, "tests")
    interrupt(endpoint.remote, "wrong", name, "tests")
    assert "UNAUTHENTICATED" in caplog.text
    assert session.range(5).count() == 5
    session.stop()


def test_an_interrupt_of_a_server_that_does_not_answer_returns_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        start = time.monotonic()
        remote = f"sc://localhost:{mute.getsockname()[1]}"
        interrupt(remote, "token", str(uuid.uuid4()), "tests", timeout=3)
    assert 2 < time.monotonic() - start < 6


def test_an_interrupt_stops_the_query_of_a_client_that_was_killed(
    server: SparkServer, endpoint: SparkEndpoint
) -> None:
    java = java_of(server)
    names = (str(uuid.uuid4()), "tests")
    command = [sys.executable, "-c", CLIENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        assert client.stdin
        assert client.stdout
        client.stdin.write(" ".join((endpoint.remote, endpoint.token, *names)).encode())
        client.stdin.close()
        assert client.stdout.readline() == b"connected\n"
        wait_until(lambda: is_busy(java), seconds=20)
        client.kill()
    time.sleep(2)
    assert is_busy(java), "the death of its client alone would have stopped the query"

    start = time.monotonic()
    interrupt(endpoint.remote, endpoint.token, *names)
    wait_until(lambda: not is_busy(java), seconds=5)
    assert time.monotonic() - start < 6
    assert new_session(endpoint).range(10).count() == 10


def is_busy(process: psutil.Process) -> bool:
    percent: float = process.cpu_percent(interval=0.5)
    return percent > 50
