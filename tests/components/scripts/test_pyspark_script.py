"""PySpark scripts: each has a Spark server of its own inside its sandbox."""

from __future__ import annotations

import pytest

from studio.sandbox.launch import find_mechanism
from tests.components.scripts.test_python_script import columns, document, studio
from tests.conftest import Studio

__all__ = ["studio"]  # the fixture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() != "bubblewrap", reason="it needs a network of its own"),
    pytest.mark.timeout(600),
]

CODE = """
import os
from pyspark.sql import functions as F
from pyspark.sql.functions import udf

def main(spark, t1, t2=None):
    shout = udf(lambda text: text.upper() + "!")
    extra = spark.createDataFrame([(1, "one")], "n int, word string")
    try:
        spark.read.text("/etc/shadow").count()
    except Exception as error:
        print("refused:", type(error).__name__)
    else:
        print("it can read the shadow")
    return t1.where("clicks > 1").withColumn("shout", shout("user")), extra
"""


def test_a_script_computes_on_a_spark_of_its_own(studio: Studio) -> None:
    asked = document(studio, CODE)
    asked["nodes"][1]["component"] = "pyspark_script"
    record = studio.finish(studio.submit(asked), seconds=300)
    step = studio.steps(record.id)["script"]
    log = (studio.settings.logs / record.id / "script.1.log").read_text()
    assert columns(step) == ["user", "clicks", "__row__", "shout"], log
    assert step.outputs["t1"]["summary"]["rows"] == 2
    assert columns(step, "t2") == ["n", "word"]
    assert "refused:" in log
    assert "shadow" not in log.replace("/etc/shadow", "")
    assert studio.runner._spark._server.pid is None  # the shared server was not even started
