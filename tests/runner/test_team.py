"""Code of a team in the sandbox: who may run it is looked at again before each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from studio.catalog import Catalog, CatalogReader
from studio.database.accounts import add_account
from studio.database.audit import Actor, list_audit
from studio.database.engine import Database
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunOrder
from studio.database.steps import StepRecord, list_steps
from studio.errors import PipelineError
from studio.executors.local import LocalExecutor
from studio.inspector import Inspector
from studio.packages.trust import Trust
from studio.packages.typed import find_typed_code
from studio.pipeline import load_pipeline
from studio.roles import Role
from studio.run import FINAL_RUN_STATES
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.sandbox.launch import find_mechanism
from studio.sandbox.probes import SandboxReport
from studio.settings import Settings, builtin_folder
from studio.submission import Submission
from tests.conftest import Json, Studio, pipeline

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here"),
]

PEOPLE: dict[str, Role] = {"ann": "developer", "bob": "developer", "rita": "reviewer"}
SLOW = "SELECT count(*) AS n FROM range(300000000) AS big(n), t1"


@dataclass
class Team:
    studio: Studio
    settings: Settings
    database: Database
    catalog: Catalog

    def run(self, person: str, document: Json) -> str:
        """A document that a person sends, run."""
        here = Submission(self.database, self.settings, self.catalog, Actor(person))
        loaded = load_pipeline(document)
        with self.database.begin() as connection:
            here.note_code(connection, loaded)
            record = create_pipeline(connection, loaded)
        return here.submit(record, RunOrder()).id

    def steps(self, run: str) -> dict[str, StepRecord]:
        with self.database.read() as connection:
            return {step.node_id: step for step in list_steps(connection, run)}

    def finish(self, run: str) -> dict[str, StepRecord]:
        self.studio.turn_until(lambda: self.studio.run(run).state in FINAL_RUN_STATES, 120)
        return self.steps(run)


def make_team(
    settings: Settings, database: Database, executor: LocalExecutor, sandbox: SandboxKeeper
) -> Team:
    read = Inspector().read_components
    catalog = CatalogReader([builtin_folder("components")], database, read).load()
    runner = Runner(settings, database, executor, SparkKeeper(settings), sandbox)
    with database.begin() as connection:
        for name, role in PEOPLE.items():
            add_account(connection, name, role, "operator")
    return Team(Studio(settings, database, catalog, runner), settings, database, catalog)


@pytest.fixture
def team_settings(settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "rows.csv").write_text("a\n1\n2\n")
    return replace(settings, mode="team", data_folders=(tmp_path,))


@pytest.fixture
def team(
    team_settings: Settings, database: Database, executor: LocalExecutor, sandbox: SandboxKeeper
) -> Team:
    return make_team(team_settings, database, executor, sandbox)


def queries(*texts: str) -> Json:
    """Each asks what the one before has given."""
    nodes: dict[str, Any] = {
        "read": {"component": "read_table", "parameters": {"path": "rows.csv"}}
    }
    edges, source = [], "read.table"
    for number, text in enumerate(texts):
        nodes[f"q{number}"] = {"component": "sql", "parameters": {"query": text}}
        edges.append(f"{source} > q{number}.t1")
        source = f"q{number}.table"
    return pipeline(nodes, edges)


def test_what_one_typed_runs_and_anothers_does_not_until_a_reviewer_approved_it(
    team: Team,
) -> None:
    document = queries("SELECT a FROM t1")
    assert team.finish(team.run("ann", document))["q0"].state == "succeeded"
    with pytest.raises(PipelineError) as refused:
        team.run("bob", document)
    (told,) = refused.value.problems()
    assert told.arguments is not None
    digest = told.arguments["digest"]
    Trust(team.database, True).decide(digest, True, Actor("rita"), "code:sql")
    assert team.finish(team.run("bob", document))["q0"].state in ("succeeded", "reused")


def test_code_that_is_revoked_while_its_run_goes_on_starts_no_step_more(team: Team) -> None:
    document = queries(SLOW, "SELECT n FROM t1 -- later")
    run = team.run("ann", document)
    team.studio.turn_until(lambda: team.steps(run)["q0"].state == "running", 60)
    found = find_typed_code(load_pipeline(document), team.catalog.specs)
    for digest in [code.digest for code in found]:
        Trust(team.database, True).decide(digest, False, Actor("rita"), "code:sql")
    steps = team.finish(run)
    assert steps["q1"].state == "failed"
    assert steps["q1"].problems[0]["code"] == "code.revoked"
    with team.database.read() as connection:
        (line,) = [item for item in list_audit(connection) if item.action == "refuse"]
    assert (line.actor, line.object) == ("ann", f"run:{run}")


def test_a_team_runs_nothing_in_a_sandbox_that_is_not_whole_whatever_is_set(
    team_settings: Settings, database: Database, executor: LocalExecutor
) -> None:
    settings = replace(team_settings, allow_weak_sandbox=True)
    keeper = SandboxKeeper(settings.home, settings.runs_in_weak_sandbox)
    keeper._report = SandboxReport("bubblewrap", missing=("read_home",))
    team = make_team(settings, database, executor, keeper)
    step = team.finish(team.run("ann", queries("SELECT a FROM t1")))["q0"]
    assert step.state == "failed"
    assert step.problems[0]["code"] == "sandbox.unavailable"
    assert "read_home" in step.problems[0]["message"]
