"""Whose code runs in whose runs in a team: own, approved by a second person, revoked, typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from studio.database.packages import get_approval, put_approval
from studio.database.pipelines import create_pipeline
from studio.database.runs import get_run
from studio.database.steps import list_steps
from studio.errors import ConflictError
from studio.graph import thaw
from studio.pipeline import load_pipeline
from studio.runner.packages import PackageChecks
from studio.settings import Settings
from tests.server.helpers import Json, Served, pipeline, problem, serving
from tests.server.team import audited, person

SOURCE = """
import pandas as pd
def {name}(table: pd.DataFrame, *, times: int = {times}) -> pd.DataFrame:
    \"\"\"Multiply.\"\"\"
    return table
"""
READ = {"id": "read", "component": "read_table", "parameters": {"path": "dataset:t.csv"}}
People = dict[str, httpx.Client]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = Settings(home=tmp_path_factory.mktemp("team") / "home", mode="team")
    with serving(settings) as served:
        kind = {"Content-Type": "application/octet-stream"}
        served.client.put("/datasets/t.csv", content=b"a\n1\n", headers=kind)
        yield served


@pytest.fixture(scope="module")
def people(team: Served) -> Iterator[People]:
    roles: Any = {
        "mallory": "developer",
        "alice": "developer",
        "rita": "reviewer",
        "adam": "admin",
        "eddy": "editor",
    }
    clients = {name: person(team, name, role) for name, role in roles.items()}
    yield clients
    for client in clients.values():
        client.close()


def upload(client: httpx.Client, name: str, times: int = 2) -> Json:
    answer = client.post(
        "/packages",
        content=SOURCE.format(name=name, times=times),
        params={"filename": f"{name}.py"},
        headers={"Content-Type": "text/x-python"},
    )
    assert answer.status_code in (200, 201), answer.text
    version: Json = answer.json()
    return version


def using(*nodes: Json, **more: Any) -> Json:
    edges = [
        {
            "source": {"node": "read", "port": "table"},
            "target": {"node": n["id"], "port": "table" if n["component"] != "sql" else "t1"},
        }
        for n in nodes
    ]
    return pipeline(nodes=[READ, *nodes], edges=edges, **more)


def package_node(name: str) -> Json:
    return {"id": "node", "component": name, "name": "Times"}


def sql_node(query: str) -> Json:
    return {"id": "node", "component": "sql", "name": "Query", "parameters": {"query": query}}


def run(client: httpx.Client, document: Json) -> httpx.Response:
    return client.post("/runs", json={"pipeline": document})


def decide(client: httpx.Client, version: Json, what: str = "approve") -> httpx.Response:
    return client.post(f"/packages/{version['name']}/versions/{version['version']}/{what}")


def refused(answer: httpx.Response, code: str = "code.not_approved") -> Json:
    """The one problem of a refused run."""
    (item,) = problem(answer, 422)["errors"]
    assert item["code"] == code, item
    told: Json = item
    return told


def runner_says(team: Served, run_id: str, node: str = "node") -> str | None:
    """What the runner's check comes to just before the step: a code of a problem, or None."""
    checks = PackageChecks(team.settings, team.database)
    with team.database.read() as connection:
        record = get_run(connection, run_id)
        (step,) = [item for item in list_steps(connection, run_id) if item.node_id == node]
    try:
        checks.check(thaw(step.bound), record)
    except ConflictError as error:
        return error.code
    return None


def test_a_package_runs_for_its_author_and_for_others_once_a_second_person_approved_it(
    team: Served, people: People
) -> None:
    version = upload(people["mallory"], "times_one")
    document = using(package_node("times_one"))
    own = run(people["mallory"], document)
    assert own.status_code == 201, own.text
    assert own.json()["created_by"] == "mallory"
    assert runner_says(team, own.json()["id"]) is None

    told = refused(run(people["alice"], document))
    assert (told["node"], told["node_name"], told["field"]) == ("node", "Times", "digest")
    assert told["arguments"]["digest"] == version["digest"]
    assert "times_one" in told["message"]
    assert "mallory" in told["message"]
    assert told["arguments"]["reviewers"] == "adam, rita"
    assert "adam, rita" in told["hint"]
    assert version["digest"] in told["hint"]

    problem(decide(people["mallory"], version), 403)
    problem(decide(people["alice"], version), 403)
    assert decide(people["rita"], version).json()["approval"]["actor"] == "rita"
    approved = run(people["alice"], document)
    assert approved.status_code == 201, approved.text
    assert runner_says(team, approved.json()["id"]) is None

    (line,) = audited(team, action="approve", object="package:times_one")
    assert (line["actor"], line["address"]) == ("rita", "127.0.0.1")
    assert line["detail"]["digest"] == version["digest"]
    (line,) = audited(team, action="upload", object="package:times_one")
    assert (line["actor"], line["detail"]["digest"]) == ("mallory", version["digest"])
    refusals = audited(team, action="refuse", actor="alice")
    assert version["digest"] in [
        item["detail"]["problems"][0]["digest"] for item in refusals if "problems" in item["detail"]
    ]


def test_nobody_approves_their_own_code_whatever_their_role(people: People) -> None:
    for name in ("rita", "adam"):
        version = upload(people[name], f"own_{name}")
        told = problem(decide(people[name], version), 409)["errors"][0]
        assert told["code"] == "approval.own"
        refused(run(people["alice"], using(package_node(f"own_{name}"))))


def test_an_approval_is_of_a_digest_not_of_a_name(people: People) -> None:
    version = upload(people["mallory"], "times_two", 2)
    decide(people["rita"], version)
    assert run(people["alice"], using(package_node("times_two"))).status_code == 201
    changed = upload(people["mallory"], "times_two", 3)
    refused(run(people["alice"], using(package_node("times_two"))))
    pinned = package_node("times_two") | {"digest": version["digest"]}
    assert run(people["alice"], using(pinned)).status_code == 201
    newer = package_node("times_two") | {"digest": changed["digest"]}
    refused(run(people["alice"], using(newer)))


def test_who_uploads_what_another_wrote_cannot_approve_it_for_them_both(
    team: Served, people: People
) -> None:
    """Equal content under two names: an approval by either of its authors is worth nothing."""
    version = upload(people["mallory"], "times_three")
    decide(people["rita"], version)
    source = SOURCE.format(name="times_three", times=2)
    again = people["rita"].post(
        "/packages",
        content=source,
        params={"filename": "times_three.py", "name": "other_name"},
        headers={"Content-Type": "text/x-python"},
    )
    if again.status_code == 201:  # else the name of the component is taken, which is as good
        assert again.json()["digest"] == version["digest"]
        refused(run(people["alice"], using(package_node("times_three"))))
    else:
        problem(again, 409)


def test_revoking_ends_new_runs_and_stops_queued_ones_before_their_next_step(
    team: Served, people: People
) -> None:
    version = upload(people["mallory"], "times_four")
    decide(people["rita"], version)
    document = using(package_node("times_four"))
    queued = {name: run(people[name], document).json()["id"] for name in ("alice", "mallory")}
    assert [runner_says(team, id) for id in queued.values()] == [None, None]
    assert decide(people["adam"], version, "revoke").status_code == 200
    for name, id in queued.items():
        refused(run(people[name], document), "code.revoked")
        assert runner_says(team, id) == "code.revoked"
    assert audited(team, action="revoke", object="package:times_four")[0]["actor"] == "adam"
    lines = audited(team, action="refuse", object=f"run:{queued['alice']}")
    assert lines[0]["detail"]["problems"][0]["code"] == "code.revoked"


def test_a_queued_run_of_who_was_removed_or_lost_the_role_runs_no_code_of_theirs(
    team: Served, people: People
) -> None:
    with person(team, "leaver", "developer") as leaver:
        upload(leaver, "times_five")
        id = run(leaver, using(package_node("times_five"))).json()["id"]
        assert runner_says(team, id) is None
        team.client.put("/accounts/leaver", json={"role": "editor"})
        assert runner_says(team, id) == "code.not_approved"
        team.client.put("/accounts/leaver", json={"role": "developer"})
        assert runner_says(team, id) is None
        team.client.delete("/accounts/leaver")
        assert runner_says(team, id) == "code.not_approved"


def test_code_that_asks_for_hosts_waits_for_a_second_person_even_in_its_authors_runs(
    people: People,
) -> None:
    source = (
        "import pandas as pd\nfrom studio.component import component\n"
        '@component(title="Asks", category="Custom", network=["api.example.com:443"])\n'
        "def asks(table: pd.DataFrame) -> pd.DataFrame:\n"
        '    """Ask."""\n    return table\n'
    )
    answer = people["mallory"].post(
        "/packages",
        content=source,
        params={"filename": "asks.py"},
        headers={"Content-Type": "text/x-python"},
    )
    assert answer.status_code == 201, answer.text
    refused(run(people["mallory"], using(package_node("asks"))))
    decide(people["rita"], answer.json())
    assert run(people["mallory"], using(package_node("asks"))).status_code == 201


def test_an_approval_of_local_mode_is_worth_nothing_in_a_team(team: Served, people: People) -> None:
    version = upload(people["mallory"], "times_six")
    with team.database.begin() as connection:
        put_approval(connection, version["digest"], "approved", "local")
        assert get_approval(connection, version["digest"]).state == "approved"
    refused(run(people["alice"], using(package_node("times_six"))))


def test_what_a_person_types_runs_in_their_runs_and_in_others_once_approved(
    team: Served, people: People
) -> None:
    document = using(sql_node("SELECT a FROM t1 -- mallory's"), name="typed")
    own = run(people["mallory"], document)
    assert own.status_code == 201, own.text
    told = refused(run(people["alice"], document))
    assert (told["node"], told["node_name"]) == ("node", "Query")
    digest = told["arguments"]["digest"]
    waiting = {item["digest"]: item for item in people["rita"].get("/code").json()["code"]}
    assert waiting[digest]["author"] == "mallory"
    assert "mallory's" in waiting[digest]["source"]["query"]
    problem(people["mallory"].post(f"/code/{digest}/approve"), 403)
    approved = people["rita"].post(f"/code/{digest}/approve").json()
    assert approved["approval"]["actor"] == "rita"
    later = run(people["alice"], document)
    assert later.status_code == 201
    assert runner_says(team, later.json()["id"]) is None
    assert digest not in [item["digest"] for item in people["rita"].get("/code").json()["code"]]
    people["adam"].post(f"/code/{digest}/revoke")
    for name in ("alice", "mallory"):
        refused(run(people[name], document), "code.revoked")
    assert runner_says(team, own.json()["id"]) == "code.revoked"


def test_saving_anothers_code_does_not_make_it_ones_own(people: People) -> None:
    """The danger is a colleague's script in a shared pipeline, which one moves a node of."""
    document = using(sql_node("SELECT a FROM t1 -- a trap"), name="shared")
    made = people["mallory"].post("/pipelines", json=document).json()
    path = f"/pipelines/{made['id']}"
    moved = {**document, "layout": {"nodes": {"node": {"x": 5, "y": 5}}}}
    tag = {"If-Match": '"d1"'}
    assert people["alice"].put(f"{path}/draft", json=moved, headers=tag).status_code == 200
    stored = people["alice"].post(f"{path}/versions", json={}, headers={"If-Match": '"d2"'})
    assert stored.json()["author"] == "alice", stored.text
    refused(people["alice"].post(f"{path}/runs", json={}))
    copy = people["alice"].post(f"{path}/copy", json={}).json()
    refused(people["alice"].post(f"/pipelines/{copy['id']}/runs", json={}))
    exported = people["alice"].get(f"{path}/export").json()
    refused(run(people["alice"], exported))
    assert people["mallory"].post(f"{path}/runs", json={}).status_code == 201
    # Whoever changes code answers for the whole of it.
    changed = using(sql_node("SELECT a FROM t1 -- mine now"), name="shared")
    assert run(people["alice"], changed).status_code == 201


def test_code_that_was_there_before_the_team_is_nobodys(team: Served, people: People) -> None:
    document = using(sql_node("SELECT a FROM t1 -- of before"), name="old")
    with team.database.begin() as connection:
        record = create_pipeline(connection, load_pipeline(document))
    path = f"/pipelines/{record.id}"
    told = refused(people["alice"].post(f"{path}/runs", json={}))
    assert "nobody who is known" in told["message"]
    renamed = {**document, "description": "seen"}
    saved = people["alice"].put(f"{path}/draft", json=renamed, headers={"If-Match": '"d1"'})
    assert saved.status_code == 200
    refused(people["alice"].post(f"{path}/runs", json={}))
    digest = told["arguments"]["digest"]
    assert people["rita"].get(f"/code/{digest}").json()["author"] == ""
    assert people["rita"].post(f"/code/{digest}/approve").status_code == 200
    assert people["alice"].post(f"{path}/runs", json={}).status_code == 201


def test_a_value_that_is_put_into_code_makes_it_other_code(people: People) -> None:
    document = using(
        sql_node("SELECT a FROM t1 WHERE a > ${least}"),
        name="with a value",
        parameters={"least": {"type": "integer", "default": 1}},
    )
    made = people["mallory"].post("/pipelines", json=document).json()
    path = f"/pipelines/{made['id']}/runs"
    with_value = {"parameters": {"least": 7}}
    refused(people["alice"].post(path, json=with_value))
    # Text and value are both Mallory's; who approved the text has not approved every value.
    assert people["mallory"].post(f"{path[:-4]}plan", json=with_value).json()["problems"] == []
    assert people["mallory"].post(path, json=with_value).status_code == 201
    digest = refused(people["alice"].post(path, json={}))["arguments"]["digest"]
    assert people["rita"].post(f"/code/{digest}/approve").status_code == 200
    assert people["alice"].post(path, json={}).status_code == 201
    refused(people["alice"].post(path, json=with_value))
    refused(people["alice"].post(path, json={"parameters": {"least": 8}}))


def test_an_editor_draws_with_code_that_was_approved_only(people: People) -> None:
    document = using(sql_node("SELECT a FROM t1 -- eddy's"), name="eddy")
    told = refused(run(people["eddy"], document))
    assert "eddy" in told["message"]
    assert people["alice"].post(f"/code/{told['arguments']['digest']}/approve").status_code == 403
    people["rita"].post(f"/code/{told['arguments']['digest']}/approve")
    assert run(people["eddy"], document).status_code == 201


def test_a_plan_says_what_a_run_would_and_takes_nobodys_place(people: People) -> None:
    document = using(sql_node("SELECT a FROM t1 -- planned first"), name="planned")

    def planned(name: str) -> list[str]:
        answer = people[name].post("/plan", json={"pipeline": document}).json()
        return [item["code"] for item in answer["problems"]]

    assert planned("alice") == [], "what nobody has typed yet is hers"
    assert planned("mallory") == []
    assert planned("eddy") == ["code.not_approved"]
    assert run(people["alice"], document).status_code == 201
    assert planned("mallory") == ["code.not_approved"]
    assert planned("alice") == []


def test_code_of_the_studios_own_templates_is_everybodys(people: People) -> None:
    made = people["eddy"].post("/templates/movielens").json()
    plan = people["eddy"].post(f"/pipelines/{made['id']}/plan", json={}).json()
    assert plan["problems"] == []
