"""What the steps of host tests do, named by an environment variable."""

from __future__ import annotations

import os
import time
from pathlib import Path


def run(folder: str, pipe: int) -> int:
    bodies = {
        "nothing": lambda: None,
        "sleep": lambda: time.sleep(60),
        "capabilities": lambda: print(Path("/proc/self/status").read_text()),
        "tensorflow": _tensorflow,
        "duckdb": _duckdb,
        "arrow": _arrow,
        "pandas": _pandas,
        "polars": _polars,
    }
    bodies[os.environ["STUDIO_TEST_BODY"]]()
    return 0


def _tensorflow() -> None:
    import tensorflow as tf

    double = tf.function(lambda x: tf.matmul(x, x) + 1.0)
    assert double(tf.eye(64)).numpy().sum() == 64 * 65


def _duckdb() -> None:
    import ibis

    table = ibis.duckdb.connect().create_table("t", schema={"a": "int64"})
    assert table.count().execute() == 0


def _arrow() -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    assert pc.sum(pa.array(range(100_000))).as_py() == 4_999_950_000


def _pandas() -> None:
    import pandas as pd

    frame = pd.DataFrame({"k": [1, 1, 2], "v": [1, 2, 3]})
    assert frame.groupby("k").v.sum().to_list() == [3, 3]


def _polars() -> None:
    import polars as pl

    assert pl.DataFrame({"v": [1, 2]}).lazy().select(pl.col("v").sum()).collect().item() == 3
