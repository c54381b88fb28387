"""One real Spark server for all tests of this folder, and sessions on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil
import pytest

from studio.spark.server import SparkEndpoint, SparkServer
from tests.spark.helpers import new_session, processes_of

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkServer]:
    """Started by a thread that is over by now, and stopped with all that it has started itself."""
    server = SparkServer(tmp_path_factory.mktemp("spark"), cores=2)
    starter = threading.Thread(target=server.start)
    starter.start()
    starter.join()
    server.ready(timeout=120)
    yield server
    processes = processes_of(server.pid)
    server.stop()
    _, left = psutil.wait_procs(processes, timeout=10)
    assert left == []


@pytest.fixture(scope="session")
def endpoint(server: SparkServer) -> SparkEndpoint:
    return server.endpoint


@pytest.fixture
def session(endpoint: SparkEndpoint) -> Iterator[SparkSession]:
    session = new_session(endpoint)
    yield session
    session.stop()
