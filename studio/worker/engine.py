"""The engine of a step's tables: DuckDB in the process, or a session on a Spark server."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from studio.errors import UnavailableError
from studio.spark.session import connect
from studio.step import SPARK_TOKEN_VARIABLE, StepOrder


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
        """This step's own Spark session."""
        session = self._order.spark
        if session is None:
            raise UnavailableError("No Spark server was given to this step.")
        token = os.environ.get(SPARK_TOKEN_VARIABLE)
        return connect(session.remote, token, session.session_id, session.user_id)
