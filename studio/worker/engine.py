"""The engine of a step's tables: DuckDB in the process, or a session on a Spark server."""

from __future__ import annotations

import os
import tempfile
import uuid
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.spark.session import connect
from studio.step import SPARK_TOKEN_VARIABLE, StepOrder

_START_SECONDS = 120.0


class Engine:
    """Opened when first used: most steps need none of it. Any: the libraries load lazily."""

    def __init__(self, order: StepOrder, scratch: Path) -> None:
        self._order = order
        self._scratch = scratch

    @property
    def is_spark(self) -> bool:
        return self._order.engine == "spark"

    @cached_property
    def ibis(self) -> Any:
        """The Ibis backend that `ibis.Table` ports are bound to."""
        import ibis

        if self.is_spark:
            return ibis.pyspark.connect(self.spark)
        return ibis.duckdb.connect(
            threads=self._order.threads,
            temp_directory=str(self._scratch),
            **({"memory_limit": f"{self._order.memory}B"} if self._order.memory else {}),
        )

    @cached_property
    def spark(self) -> Any:
        """This step's own Spark session: on the studio's server, or on one of the step's own."""
        session = self._order.spark
        if session is None:
            return self._own_spark()
        token = os.environ.get(SPARK_TOKEN_VARIABLE)
        return connect(session.remote, token, session.session_id, session.user_id)

    def _own_spark(self) -> Any:
        """In a sandbox no server of ours is there; this one ends with the sandbox."""
        from studio.spark.server import SparkServer

        folder = Path(tempfile.mkdtemp(prefix="spark-"))
        self._server = SparkServer(folder, cores=self._order.threads)
        self._server.start()
        endpoint = self._server.ready(_START_SECONDS)
        return connect(endpoint.remote, endpoint.token, str(uuid.uuid4()), "step")
