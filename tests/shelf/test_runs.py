"""Components that people brought, in real runs: in the sandbox, with their own libraries."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from studio.catalog import CatalogReader
from studio.database.audit import Actor, list_audit
from studio.database.engine import Database
from studio.database.packages import PackageVersionRecord
from studio.database.steps import StepRecord
from studio.executors.local import LocalExecutor
from studio.inspector import Inspector, SourceReader
from studio.packages.archive import Files
from studio.packages.environments import Environments
from studio.packages.shelf import PackageShelf
from studio.packages.trust import Trust
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.launch import find_mechanism
from studio.secrets import Secrets
from studio.settings import Settings
from tests.conftest import PACKAGES, Json, Studio, pipeline

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here"),
]


class Bench:
    """A studio whose shelf can be filled while it runs."""

    def __init__(self, studio: Studio, catalog: CatalogReader, shelf: PackageShelf) -> None:
        self.studio, self._catalog, self.shelf = studio, catalog, shelf
        self.environments = Environments(studio.settings.home, studio.database)

    def add(self, name: str, source: str, approved: bool = True) -> PackageVersionRecord:
        files: Files = {f"{name}.py": source.encode()}
        record, _ = self.shelf.add(files, name, {}, actor=Actor("ann"))
        self.environments.build(record)
        if approved:
            Trust(self.studio.database, False).decide_package(record, True, Actor("ann"))
        self.studio.catalog = self._catalog.load()
        return record

    def run(self, *components: str, rows: Path, **node: Any) -> dict[str, StepRecord]:
        return self.studio.execute(chain(*components, rows=rows, **node))


def chain(*components: str, rows: Path, **node: Any) -> Json:
    """`rows`, and one component after another on its table."""
    nodes: dict[str, Json] = {"rows": {"component": "rows", "parameters": {"path": str(rows)}}}
    edges, last = [], "rows.frame"
    for name in components:
        nodes[name] = {"component": name, **node}
        edges.append(f"{last} > {name}.table")
        last = f"{name}.table"
    return pipeline(nodes, edges)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "numbers.txt"
    file.write_text("1\n2\n3\n")
    return file


@pytest.fixture
def bench(
    settings: Settings,
    database: Database,
    executor: LocalExecutor,
    shelf: PackageShelf,
    sources: SourceReader,
) -> Bench:
    reader = CatalogReader([PACKAGES], database, Inspector().read_components, shelf)
    runner = Runner(settings, database, executor, SparkKeeper(settings))
    return Bench(Studio(settings, database, reader.load(), runner), reader, shelf)


def source(name: str, body: str, head: str = "", parameters: str = "") -> str:
    return (
        f"{head}import pandas as pd\n"
        f"def {name}(table: pd.DataFrame, {parameters}) -> pd.DataFrame:\n    {body}\n"
    )


def needs(requirement: str) -> str:
    return f"# /// script\n# dependencies = [{requirement!r}]\n# ///\n"


def column(studio: Studio, step: StepRecord, name: str) -> list[Any]:
    """The values of a column of a small table that a step made."""
    import io
    import json
    from base64 import b64decode

    import pyarrow.parquet as pq

    from studio.database.artifacts import get_artifact

    with studio.database.read() as connection:
        artifact = get_artifact(connection, step.outputs["table"]["digest"])
    assert artifact.content is not None
    file = json.loads(artifact.content)["part-00000.parquet"]
    values: list[Any] = pq.read_table(io.BytesIO(b64decode(file))).column(name).to_pylist()
    return values


def only_problem(step: StepRecord) -> dict[str, Any]:
    assert step.state == "failed", step
    (problem,) = step.problems
    return problem


def test_a_plain_function_runs_on_a_table(bench: Bench, rows: Path) -> None:
    bench.add("twice", source("twice", "return table * factor", parameters="*, factor: int = 2"))
    steps = bench.run("twice", rows=rows, parameters={"factor": 3})
    assert steps["twice"].state == "succeeded", steps["twice"].problems
    assert column(bench.studio, steps["twice"], "n") == [3, 6, 9]


def test_two_components_with_two_versions_of_numpy_run_in_one_pipeline(
    bench: Bench, rows: Path
) -> None:
    body = "import numpy; return table.assign({0}=numpy.__version__)"
    bench.add("old", source("old", body.format("old"), needs("numpy==1.26.4")))
    bench.add("new", source("new", body.format("new"), needs("numpy>=2,<3")))
    steps = bench.run("old", "new", rows=rows)
    assert steps["new"].state == "succeeded", [step.problems for step in steps.values()]
    assert column(bench.studio, steps["new"], "old") == ["1.26.4"] * 3
    assert column(bench.studio, steps["new"], "new")[0].startswith("2.")


def test_an_edit_during_a_run_does_not_change_the_run(bench: Bench, rows: Path) -> None:
    slow = source("first", "import time; time.sleep(2); return table")
    bench.add("first", slow)
    bench.add("second", source("second", "return table.assign(who='before')"))
    run = bench.studio.submit(chain("first", "second", rows=rows))
    bench.studio.turn_until(lambda: bench.studio.steps(run.id)["first"].state == "running")
    bench.add("second", source("second", "return table.assign(who='after')"))
    bench.studio.finish(run)
    steps = bench.studio.steps(run.id)
    assert column(bench.studio, steps["second"], "who") == ["before"] * 3
    later = bench.run("first", "second", rows=rows)
    assert later["first"].state == "reused"
    assert column(bench.studio, later["second"], "who") == ["after"] * 3


def test_a_revoked_component_starts_no_step_more(bench: Bench, rows: Path) -> None:
    bench.add("first", source("first", "import time; time.sleep(1); return table"))
    record = bench.add("second", source("second", "return table"))
    run = bench.studio.submit(chain("first", "second", rows=rows))
    bench.studio.turn_until(lambda: bench.studio.steps(run.id)["first"].state == "running")
    Trust(bench.studio.database, False).decide_package(record, False, Actor("bob"))
    bench.studio.finish(run)
    assert only_problem(bench.studio.steps(run.id)["second"])["code"] == "package.revoked"


def test_code_that_was_changed_on_disk_is_not_run(bench: Bench, rows: Path, tmp_path: Path) -> None:
    record = bench.add("twice", source("twice", "return table"))
    canary = tmp_path / "canary"
    file = bench.shelf.folder(record) / "twice.py"
    file.chmod(0o644)
    file.write_text(source("twice", f"open({str(canary)!r}, 'w'); return table"))
    steps = bench.run("twice", rows=rows)
    assert only_problem(steps["twice"])["code"] == "package.tampered"
    assert not canary.exists()


def test_an_environment_with_a_dropped_pth_is_not_used(bench: Bench, rows: Path) -> None:
    head = needs("typing-extensions==4.12.2")
    record = bench.add("twice", source("twice", "return table", head))
    spec = bench.studio.catalog.specs["twice"]
    assert spec.environment is not None
    folder = bench.environments.folder(spec.environment)
    packages = next(folder.glob("lib/python*/site-packages"))
    packages.chmod(0o755)
    (packages / "evil.pth").write_text("import os; os.system('touch /tmp/canary')")
    steps = bench.run("twice", rows=rows)
    assert only_problem(steps["twice"])["code"] == "environment.tampered"
    bench.environments.repair(record)
    bench.environments.wait(record, 120)
    assert bench.run("twice", rows=rows)["twice"].state == "succeeded"


def test_libraries_of_the_environment_are_seen_and_the_studios_are_not(
    bench: Bench, rows: Path
) -> None:
    body = (
        "import importlib.util as u\n"
        "    seen = [n for n in ('tensorflow', 'fastapi', 'sqlalchemy') if u.find_spec(n)]\n"
        "    return table.assign(seen=','.join(seen))"
    )
    bench.add("looks", source("looks", body, needs("typing-extensions")))
    steps = bench.run("looks", rows=rows)
    assert steps["looks"].state == "succeeded", steps["looks"].problems
    assert set(column(bench.studio, steps["looks"], "seen")) == {""}


def test_an_error_is_told_with_the_authors_lines_and_what_they_were_given(
    bench: Bench, rows: Path
) -> None:
    text = source("divide", "return _by(table, zero)", parameters="*, zero: int = 0")
    bench.add("divide", text + "\n\ndef _by(table, zero):\n    return 1 / zero\n")
    problem = only_problem(bench.run("divide", rows=rows)["divide"])
    assert problem["code"] == "component.exception"
    assert problem["message"] == "ZeroDivisionError: division by zero (divide.py, line 7)"
    own = [(f["file"], f["line"], f["code"]) for f in problem["frames"] if f["user"]]
    assert own == [
        ("divide.py", 7, "return 1 / zero"),
        ("divide.py", 3, "return _by(table, zero)"),
    ]
    assert problem["parameters"] == {"zero": "0"}
    assert problem["inputs"] == {"table": "pandas.DataFrame, 3 × 2"}


def test_every_step_of_brought_code_is_in_the_audit_log(bench: Bench, rows: Path) -> None:
    record = bench.add("twice", source("twice", "return table"))
    for _ in range(2):  # the second one is reused: no code ran
        bench.run("twice", rows=rows)
    with bench.studio.database.read() as connection:
        log = list_audit(connection, "package:twice")
    (step,) = [item for item in log if item.action == "step"]
    assert step.detail["digest"] == record.digest
    assert (step.detail["component"], step.detail["node"]) == ("twice", "twice")


def test_a_step_with_libraries_of_its_own_starts_quickly(bench: Bench, rows: Path) -> None:
    """Its environment being there: a smoke test; the figure is in the benchmark."""
    bench.add("twice", source("twice", "return table * factor", parameters="*, factor: int = 2"))
    bench.run("twice", rows=rows)
    started = time.monotonic()
    steps = bench.run("twice", rows=rows, parameters={"factor": 4})
    assert steps["twice"].state == "succeeded"
    assert time.monotonic() - started < 10


def allow(bench: Bench, executor: LocalExecutor, **changes: Any) -> None:
    """Go on with other settings."""
    studio = bench.studio
    studio.settings = settings = replace(studio.settings, **changes)
    studio.runner = Runner(settings, studio.database, executor, SparkKeeper(settings))


def asks(host: str, url: str) -> str:
    body = f"import urllib.request; urllib.request.urlopen({url!r}, timeout=10); return table"
    mark = "from studio.component import component\n"
    mark += f"@component(title='T', category='C', network=[{host!r}])\n"
    return source("asks", body).replace("def ", mark + "def ")


def test_code_that_asks_for_the_network_is_not_started_where_it_is_closed(
    bench: Bench, executor: LocalExecutor, rows: Path
) -> None:
    bench.add("asks", asks("api.example.com", "https://api.example.com/"))
    allow(bench, executor, allow_network=False)
    problem = only_problem(bench.run("asks", rows=rows)["asks"])
    assert (problem["code"], "api.example.com:443" in problem["message"]) == (
        "package.network",
        True,
    )


@pytest.mark.skipif(find_mechanism() != "bubblewrap", reason="there is no network here")
def test_a_step_reaches_the_hosts_of_its_approved_code_and_the_audit_log_says_so(
    bench: Bench, executor: LocalExecutor, rows: Path
) -> None:
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        host = f"127.0.0.1:{server.server_port}"
        bench.add("asks", asks(host, f"http://{host}/"))
        refused = only_problem(bench.run("asks", rows=rows)["asks"])
        allow(bench, executor, private_hosts=frozenset({host}))
        assert bench.run("asks", rows=rows)["asks"].state == "succeeded"
        server.shutdown()
    assert "this machine, which is not allowed" in refused["message"]
    with bench.studio.database.read() as connection:
        log = list_audit(connection, "package:asks")
    told = [item.detail for item in log if item.action == "network"]
    assert [detail["reached"] for detail in told] == [[host], []]
    assert [len(detail["refused"]) for detail in told] == [0, 1]
    (approval,) = [item.detail for item in log if item.action == "approve"]
    assert approval["network"] == [host]


SECRET = """
from studio.component import Secret, context
import os, pandas as pd
def uses(table: pd.DataFrame, *, token: Secret = "") -> pd.DataFrame:
    left = [name for name in os.listdir(".") if "secret" in name]
    return table.assign(length=len(context.secret(token)), left=",".join(left))
"""


def test_a_secret_is_given_by_name_and_its_value_is_nowhere_else(bench: Bench, rows: Path) -> None:
    value = "a-canary-of-a-secret"
    home = bench.studio.settings.home
    bench.add("uses", SECRET)
    document = chain("uses", rows=rows, parameters={"token": "TOKEN"})
    problem = only_problem(bench.studio.execute(document)["uses"])
    assert (problem["code"], problem["field"]) == ("secret.unknown", "token")
    Secrets(home).put("TOKEN", value)
    steps = bench.studio.execute(document)
    assert steps["uses"].state == "succeeded", steps["uses"].problems
    assert column(bench.studio, steps["uses"], "length") == [len(value)] * 3
    assert set(column(bench.studio, steps["uses"], "left")) == {""}
    holders = [
        path.name
        for path in home.rglob("*")
        if path.is_file() and value.encode() in path.read_bytes()
    ]
    assert holders == ["secrets.json"]
    assert (home / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_no_parameter_names_is_not_given(bench: Bench, rows: Path) -> None:
    Secrets(bench.studio.settings.home).put("OTHER", "value")
    body = "from studio.component import context; return table.assign(x=context.secret('OTHER'))"
    bench.add("steals", source("steals", body))
    problem = only_problem(bench.run("steals", rows=rows)["steals"])
    assert "was not given a secret 'OTHER'" in problem["message"]
