"""Python scripts through real runs: what comes in, what goes out, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.catalog import CatalogReader
from studio.database.engine import Database
from studio.database.steps import StepRecord
from studio.errors import StudioError
from studio.executors.local import LocalExecutor
from studio.inspector import Inspector
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.sandbox.launch import find_mechanism
from studio.settings import Settings, builtin_folder
from tests.conftest import Studio, pipeline

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() == "none", reason="this machine has no sandbox"),
]

TABLE = "user,clicks\nann,1\nbob,5\ncid,3\n"


@pytest.fixture
def studio(
    settings: Settings, database: Database, executor: LocalExecutor, sandbox: SandboxKeeper
) -> Studio:
    """A studio with the components that are shipped."""
    read = Inspector().read_components
    catalog = CatalogReader([builtin_folder("components")], database, read).load()
    runner = Runner(settings, database, executor, SparkKeeper(settings), sandbox)
    return Studio(settings, database, catalog, runner)


def run(studio: Studio, code: str, tables: int = 1, **parameters: Any) -> StepRecord:
    """A script that has so many times the same table on its ports."""
    return studio.execute(document(studio, code, tables, **parameters))["script"]


def document(studio: Studio, code: str, tables: int = 1, **parameters: Any) -> dict[str, Any]:
    file = studio.settings.home.parent / "table.csv"
    file.write_text(TABLE)
    nodes = {
        "table": {"component": "read_table", "parameters": {"path": str(file)}},
        "script": {
            "component": "python_script",
            "name": "My script",
            "parameters": {"code": code, **parameters},
        },
    }
    return pipeline(nodes, [f"table.table > script.t{number + 1}" for number in range(tables)])


def columns(step: StepRecord, port: str = "t1") -> list[str]:
    assert step.state == "succeeded", step.problems
    return [column["name"] for column in step.outputs[port]["summary"]["columns"]]


def test_the_script_of_a_new_node_passes_its_table_on(studio: Studio) -> None:
    node = {"component": "python_script"}
    passed = document(studio, "")
    passed["nodes"][1] = {"id": "script", **node}
    step = studio.execute(passed)["script"]
    assert columns(step) == ["user", "clicks", "__row__"]
    assert list(step.outputs) == ["t1"]


TYPES = {
    "def main(t1): return t1.assign(kind=type(t1).__module__)[['clicks']]": "nothing",
    "import pandas as pd\ndef main(t1: pd.DataFrame): return t1[['clicks']]": "pandas",
    "import polars as pl\ndef main(t1: pl.DataFrame): return t1.select('clicks')": "polars",
    "import pyarrow as pa\ndef main(t1: pa.Table): return t1.select(['clicks'])": "pyarrow",
    "import ibis\ndef main(t1: ibis.Table | None): return t1.select('clicks')": "ibis",
}


@pytest.mark.parametrize("code", list(TYPES), ids=list(TYPES.values()))
def test_a_table_comes_as_what_main_annotates(studio: Studio, code: str) -> None:
    assert "clicks" in columns(run(studio, code))


def test_several_tables_of_several_libraries_go_out(studio: Studio) -> None:
    code = """
import polars as pl, pyarrow as pa

def main(t1, t2: pl.DataFrame, t3: pa.Table):
    return t1[["user"]], t2.select("clicks"), t3
"""
    step = run(studio, code, tables=3)
    assert (columns(step, "t1"), columns(step, "t2")) == (["user"], ["clicks"])
    assert columns(step, "t3") == ["user", "clicks", "__row__"]


def test_outputs_may_be_named(studio: Studio) -> None:
    step = run(studio, "def main(t1): return {'t3': t1, 't1': t1[['user']]}")
    assert sorted(step.outputs) == ["t1", "t3"]


def test_a_script_without_inputs_is_a_source(studio: Studio) -> None:
    code = "import pandas as pd\ndef main(): return pd.DataFrame({'n': [1, 2]})"
    assert columns(run(studio, code, tables=0)) == ["n"]


def test_roles_are_kept_for_the_columns_that_are_still_there(studio: Studio) -> None:
    asked = document(studio, "def main(t1): return t1")
    asked["nodes"][0]["parameters"]["label"] = "clicks"
    step = studio.execute(asked)["script"]
    assert step.outputs["t1"]["summary"]["roles"] == {"label": ["clicks"]}


REFUSALS = {
    "def main(t1)\n    return t1": ("script.syntax", "expected ':' (line 1, column 13)"),
    "def other(): pass": ("script.no_main", "defines no function"),
    "main = 3": ("script.no_main", "defines no function"),
    "import nothing_like_it": (
        "script.exception",
        "No module named 'nothing_like_it' (script.py, line 1",
    ),
    "def main(t1):\n    return t1['x']": ("script.exception", "KeyError: 'x' (script.py, line 2)"),
    "def main(): return 1": ("script.arguments", "t1 is connected, but `main` takes 0"),
    "def main(t1, t2): return t1": ("script.arguments", "takes 't2', but no table"),
    "def main(t1): pass": ("script.returned", "returned no table"),
    "def main(t1): return [t1] * 5": ("script.returned", "returned no table"),
    "def main(t1): return {'x': t1}": ("script.returned", "returned a port 'x'"),
    "def main(t1): return 3": ("output.type", "was given a builtins.int"),
    "def main(t1: int): return t1": ("component.error", "cannot be read as int"),
    "def main(t1: Nothing): return t1": ("script.exception", "name 'Nothing' is not defined"),
}


@pytest.mark.parametrize("code", list(REFUSALS))
def test_what_cannot_run_names_the_node_and_says_why(studio: Studio, code: str) -> None:
    problem = run(studio, code).problems[0]
    expected, words = REFUSALS[code]
    assert problem["code"] == expected
    assert words in problem["message"]
    assert problem["node_name"] == "My script"


PLACES = {
    "def main(t1)\n    return t1": (1, 13),
    "def main(t1):\n    return t1['x']": (2, None),
    "import os\nimport nothing_like_it": (2, None),
    "def other(): pass": (None, None),
}


@pytest.mark.parametrize("code", list(PLACES))
def test_an_error_tells_its_place_in_the_code_for_the_editor(studio: Studio, code: str) -> None:
    problem = run(studio, code).problems[0]
    assert problem["field"] == "code"
    assert (problem.get("line"), problem.get("column")) == PLACES[code]


def test_the_log_has_the_traceback_as_the_author_wrote_it(studio: Studio) -> None:
    code = "def helper():\n    raise ValueError('no')\n\ndef main(t1):\n    helper()"
    record = studio.finish(studio.submit(document(studio, code)))
    log = (studio.settings.logs / record.id / "script.1.log").read_text()
    own = 'File "script.py", line 5, in main\n    helper()\n  File "script.py", line 2, in helper'
    assert own in log
    assert "worker" not in log


def test_a_port_that_got_nothing_is_told_to_who_waits_for_it(studio: Studio) -> None:
    asked = document(studio, "def main(t1): return t1")
    asked["nodes"].append({"id": "next", "component": "split"})
    asked["edges"].append(
        {"source": {"node": "script", "port": "t2"}, "target": {"node": "next", "port": "table"}}
    )
    steps = studio.execute(asked)
    assert steps["script"].state == "succeeded"
    problem = steps["next"].problems[0]
    assert problem["code"] == "input.missing"
    assert "My script gave nothing on its port 't2'" in problem["message"]


def test_an_unchanged_script_is_reused_and_a_changed_one_runs(studio: Studio) -> None:
    assert run(studio, "def main(t1): return t1").state == "succeeded"
    assert run(studio, "def main(t1): return t1").state == "reused"
    assert run(studio, "def main(t1): return t1  # changed").state == "succeeded"


def test_a_script_sees_nothing_of_the_studio(studio: Studio) -> None:
    canary = studio.settings.home / "token"
    canary.write_text("canary-7c1b")
    code = f"""
import glob, os, socket
def main(t1):
    found = [p for p in glob.glob({str(studio.settings.home)!r} + '/**', recursive=True)]
    print(found, os.environ)
    try:
        print(open({str(canary)!r}).read())
    except OSError as error:
        print(error)
    try:
        socket.create_connection(('127.0.0.1', 1))
    except OSError as error:
        print(error)
    return t1
"""
    record = studio.finish(studio.submit(document(studio, code)))
    log = (studio.settings.logs / record.id / "script.1.log").read_text()
    assert record.state == "succeeded"
    assert "canary-7c1b" not in log
    assert "studio.db" not in log
    assert "No such file or directory" in log or "Permission denied" in log
    assert "Address family not supported" in log


def test_an_error_of_syntax_is_found_before_a_run_and_nothing_is_run(
    studio: Studio, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    spec = studio.catalog.specs["python_script"]
    broken = f"open({str(canary)!r}, 'w')\ndef main(t1)\n    return t1"
    mended = broken.replace("(t1)", "(t1):")
    inspector = Inspector()
    try:
        with pytest.raises(StudioError, match=r"expected ':' \(line 2, column 13\)") as error:
            inspector.schemas(spec, {"code": broken, "columns": {}}, {})
        assert error.value.problems()[0].field == "code"
        columns = {"t1": {"n": "int64"}}
        told = inspector.schemas(spec, {"code": mended, "columns": columns}, {})
    finally:
        inspector.stop()
    assert told["t1"] == [{"name": "n", "type": "int64", "role": None}]
    assert not canary.exists()
