"""What several tests of the Spark server need to find, open and wait for."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil

from studio.spark.server import SparkEndpoint, SparkServer
from studio.spark.session import connect

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession


def new_session(endpoint: SparkEndpoint) -> SparkSession:
    return connect(endpoint.remote, endpoint.token, str(uuid.uuid4()), "tests")


def processes_of(pid: int | None) -> list[psutil.Process]:
    """The guard with that id, the JVM, and its Python workers."""
    guard = psutil.Process(pid)
    return [guard, *guard.children(recursive=True)]


def java_of(server: SparkServer) -> psutil.Process:
    (java,) = psutil.Process(server.pid).children()
    return java


def wait_until(condition: Callable[[], bool], *, seconds: float) -> float:
    """How many seconds it took; fails when it takes longer than `seconds`."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, f"not so after {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - start
