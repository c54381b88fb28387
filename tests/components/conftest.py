"""The engines that table components are held to: DuckDB, and one real Spark for all tests."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.spark.server import SparkServer
from studio.spark.session import connect

Bind = Callable[[pa.Table], ibis.Table]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ibis.BaseBackend]:
    server = SparkServer(tmp_path_factory.mktemp("spark"), cores=2)
    server.start()
    try:
        endpoint = server.ready(timeout=120)
        session = connect(endpoint.remote, endpoint.token, str(uuid.uuid4()), "tests")
        yield ibis.pyspark.connect(session)
        session.stop()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def on_spark(spark: ibis.BaseBackend, tmp_path_factory: pytest.TempPathFactory) -> Bind:
    """Gives an Arrow table as an `ibis.Table` of Spark, by way of Parquet as in a step."""
    return _binder(spark, tmp_path_factory.mktemp("on_spark"), "file://")


@pytest.fixture(scope="session")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> Bind:
    """Gives an Arrow table as an `ibis.Table` of DuckDB, by way of Parquet as in a step."""
    backend = ibis.duckdb.connect(threads=2)
    return _binder(backend, tmp_path_factory.mktemp("on_duckdb"), "")


def _binder(backend: ibis.BaseBackend, folder: Path, prefix: str) -> Bind:
    numbers = itertools.count()

    def bind(table: pa.Table) -> ibis.Table:
        path = folder / f"{next(numbers)}.parquet"
        pq.write_table(table, path)
        return backend.read_parquet(f"{prefix}{path}")

    return bind
