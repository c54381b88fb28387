"""Drafts, versions, copies and templates over REST."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from studio.diff import PipelineDiff
from tests.server.helpers import READ, Json, Served, end_run, pipeline, problem, start_run

NOBODY = "0" * 32


def add(served: Served, document: Json | None = None) -> str:
    answer = served.client.post("/pipelines", json=document or pipeline())
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


def put(served: Served, id: str, document: Json, tag: str) -> httpx.Response:
    return served.client.put(f"/pipelines/{id}/draft", json=document, headers={"If-Match": tag})


def store(served: Served, id: str, tag: str, **body: str) -> httpx.Response:
    headers = {"If-Match": tag}
    return served.client.post(f"/pipelines/{id}/versions", json=body, headers=headers)


def test_a_draft_is_saved_at_every_change_and_makes_no_version(served: Served) -> None:
    id = add(served)
    for number in range(1, 4):
        answer = put(served, id, pipeline(f"change {number}"), f'"d{number}"')
        assert (answer.status_code, answer.headers["etag"]) == (200, f'"d{number + 1}"')
    draft = served.client.get(f"/pipelines/{id}/draft")
    assert draft.headers["etag"] == '"d4"'
    assert draft.json()["document"] == pipeline("change 3")
    assert (draft.json()["revision"], draft.json()["base_version"]) == (4, 1)
    assert served.client.get(f"/pipelines/{id}").json()["newest_version"] == 1


def test_a_draft_may_name_components_that_are_not_here(served: Served) -> None:
    id = add(served)
    unknown = pipeline(nodes=[READ, {"id": "x", "component": "not_yet_written"}])
    assert put(served, id, unknown, '"d1"').status_code == 200


@pytest.mark.parametrize(
    "document", [{"name": "p", "nodes": [{"id": "no component"}]}, [], {"schema_version": 99}]
)
def test_a_draft_that_is_no_pipeline_is_refused(served: Served, document: Any) -> None:
    id = add(served)
    problem(put(served, id, document, '"d1"'), 422)
    assert served.client.get(f"/pipelines/{id}/draft").json()["revision"] == 1


def test_a_stale_draft_is_told_with_the_one_that_is_here(served: Served) -> None:
    id = add(served)
    put(served, id, pipeline("theirs"), '"d1"')
    answer = put(served, id, pipeline("mine"), '"d1"')
    assert answer.status_code == 412
    told = answer.json()
    assert told["errors"][0]["code"] == "draft.revision"
    assert told["draft"] == served.client.get(f"/pipelines/{id}/draft").json()
    assert told["draft"]["document"]["name"] == "theirs"


def test_a_draft_saved_without_its_tag_is_428_and_a_tag_of_another_kind_412(
    served: Served,
) -> None:
    id = add(served)
    problem(served.client.put(f"/pipelines/{id}/draft", json=pipeline()), 428)
    problem(served.client.post(f"/pipelines/{id}/versions", json={}), 428)
    for tag in ('"1"', "d1", '"d0"', '"d01"', 'W/"d1"', "*", '"d9999999999"'):
        problem(put(served, id, pipeline(), tag), 412)


def test_a_draft_becomes_a_version_with_its_note_and_author(served: Served) -> None:
    id = add(served)
    put(served, id, pipeline("second"), '"d1"')
    made = store(served, id, '"d2"', note="Better.", author="Ada")
    assert (made.status_code, made.headers["etag"]) == (201, '"2"')
    assert made.headers["location"] == f"/api/v1/pipelines/{id}/versions/2"
    again = store(served, id, '"d2"', note="Nothing changed.")
    assert (again.status_code, again.json()["version"]) == (200, 2)
    listed = served.client.get(f"/pipelines/{id}/versions").json()
    told = [(item["version"], item["note"], item["author"]) for item in listed["versions"]]
    assert told == [(2, "Better.", "Ada"), (1, "", "")]
    assert served.client.get(f"/pipelines/{id}/draft").json()["base_version"] == 2


def test_a_stale_draft_is_not_stored(served: Served) -> None:
    id = add(served)
    put(served, id, pipeline("theirs"), '"d1"')
    assert store(served, id, '"d1"').status_code == 412
    assert served.client.get(f"/pipelines/{id}").json()["newest_version"] == 1


def test_versions_are_paged(served: Served) -> None:
    id = add(served)
    for number in range(1, 5):
        put(served, id, pipeline(f"v{number}"), f'"d{number}"')
        store(served, id, f'"d{number + 1}"')
    seen: list[int] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = served.client.get(f"/pipelines/{id}/versions", params=query).json()
        seen += [item["version"] for item in page["versions"]]
        cursor = page["next"]
    assert seen == [5, 4, 3, 2, 1]


def test_a_diff_names_what_was_changed_since_a_version(served: Served) -> None:
    id = add(served)
    other = {**READ, "parameters": {"path": "other.csv"}}
    put(served, id, pipeline(nodes=[other]), '"d1"')
    told = PipelineDiff(**served.client.get(f"/pipelines/{id}/diff?from=1").json())
    (node,) = told.nodes.changed
    (change,) = node.parameters
    assert (change.name, change.before, change.after) == ("path", "data.csv", "other.csv")
    store(served, id, '"d2"')
    between = served.client.get(f"/pipelines/{id}/diff?from=1&to=2").json()
    assert between == told.model_dump(mode="json")
    assert served.client.get(f"/pipelines/{id}/diff?from=2&to=draft").json()["equal"]
    problem(served.client.get(f"/pipelines/{id}/diff?from=3"), 404)
    for query in ("", "?from=x", "?from=1&to=x", "?from=0"):
        problem(served.client.get(f"/pipelines/{id}/diff{query}"), 422)


def test_a_version_is_restored_into_the_draft(served: Served) -> None:
    id = add(served, pipeline("first"))
    put(served, id, pipeline("second"), '"d1"')
    store(served, id, '"d2"')
    restored = served.client.post(f"/pipelines/{id}/restore", json={"version": 1})
    assert (restored.status_code, restored.headers["etag"]) == (200, '"d3"')
    assert restored.json()["document"] == pipeline("first")
    assert restored.json()["base_version"] == 1
    assert served.client.get(f"/pipelines/{id}").json()["newest_version"] == 2
    stale = {"If-Match": '"d2"'}
    answer = served.client.post(f"/pipelines/{id}/restore", json={"version": 1}, headers=stale)
    assert answer.status_code == 412
    problem(served.client.post(f"/pipelines/{id}/restore", json={"version": 9}), 404)


def test_a_copy_is_a_pipeline_of_its_own(served: Served) -> None:
    id = add(served, pipeline("first"))
    put(served, id, pipeline("drawn"), '"d1"')
    drawn = served.client.post(f"/pipelines/{id}/copy", json={}).json()
    assert drawn["document"] == pipeline("drawn (copy)")
    stored = served.client.post(f"/pipelines/{id}/copy", json={"version": 1, "name": "x"}).json()
    assert stored["document"] == pipeline("x")
    assert len({id, drawn["id"], stored["id"]}) == 3


def test_a_pipeline_put_away_keeps_its_runs(served: Served) -> None:
    run = start_run(served, pipeline("put away"))
    id = served.client.get(f"/runs/{run}").json()["pipeline_id"]
    assert served.client.delete(f"/pipelines/{id}").json()["id"] == id
    end_run(served, run)
    for path in ("", "/draft", "/versions", "/diff?from=1", "/export"):
        problem(served.client.get(f"/pipelines/{id}{path}"), 404)
    problem(served.client.post(f"/pipelines/{id}/runs", json={}), 404)
    problem(served.client.delete(f"/pipelines/{id}"), 404)
    assert served.client.get(f"/runs/{run}").json()["pipeline_name"] == "put away"
    kept = served.client.get(f"/pipelines/{id}/versions/1").json()
    assert kept["document"]["name"] == "put away"


def test_what_is_exported_can_be_imported(served: Served) -> None:
    document = pipeline("Ü 😀/..\\x", layout={"nodes": {"read": {"x": 1.0, "y": 2.0}}})
    answer = served.client.get(f"/pipelines/{add(served, document)}/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="x.json"'
    headers = {"Content-Type": "application/json"}
    made = served.client.post("/pipelines", content=answer.content, headers=headers).json()
    assert made["document"] == document


def test_a_document_of_a_newer_studio_is_refused_in_words(served: Served) -> None:
    told = problem(served.client.post("/pipelines", json=pipeline(schema_version=2)), 422)
    assert told["errors"][0]["code"] == "pipeline.schema_version"
    assert "schema_version 2" in told["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "draft", None),
        ("PUT", "draft", pipeline()),
        ("GET", "versions", None),
        ("POST", "versions", {}),
        ("GET", "diff?from=1", None),
        ("POST", "restore", {"version": 1}),
        ("POST", "copy", {}),
        ("GET", "export", None),
        ("DELETE", "", None),
    ],
)
def test_of_no_pipeline_there_is_no_draft(
    served: Served, method: str, path: str, body: Json | None
) -> None:
    headers = {"If-Match": '"d1"'} if path in ("draft", "versions") else {}
    address = f"/pipelines/{NOBODY}/{path}".rstrip("/")
    problem(served.client.request(method, address, json=body, headers=headers), 404)


def test_templates_are_listed_and_become_pipelines_that_can_run(served: Served) -> None:
    templates = {t["name"]: t for t in served.client.get("/templates").json()["templates"]}
    assert {"deepfm", "porto_seguro"} <= templates.keys()
    template = templates["deepfm"]
    assert (template["title"], template["expected_seconds"]) == ("DeepFM", None)
    made = served.client.post("/templates/deepfm")
    assert made.status_code == 201
    assert made.json()["document"] == template["document"]
    run = served.client.post(f"/pipelines/{made.json()['id']}/runs", json={})
    assert run.status_code == 201, run.text
    end_run(served, run.json()["id"], "cancelled")
    told = problem(served.client.post("/templates/deepfn"), 404)
    assert "'deepfm'" in told["errors"][0]["hint"]
