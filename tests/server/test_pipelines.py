"""Pipelines over REST: nothing is lost, nobody overwrites what they have not seen."""

from __future__ import annotations

import jsonschema
import pytest

from tests.server.helpers import Json, Served, pipeline, problem

NOBODY = "0" * 32


def add(served: Served, document: Json) -> Json:
    answer = served.client.post("/pipelines", json=document)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/pipelines/{answer.json()['id']}"
    made: Json = answer.json()
    return made


def test_a_pipeline_is_given_back_as_it_was_saved(served: Served) -> None:
    document = pipeline("as saved", layout={"nodes": {"read": {"x": 1, "y": 2.5}}})
    made = add(served, document)
    for path in (made["id"], f"{made['id']}/versions/1"):
        answer = served.client.get(f"/pipelines/{path}")
        assert answer.json()["document"] == document
        assert answer.headers["etag"] == '"1"'


def test_a_save_is_a_new_version_and_the_old_one_stays(served: Served) -> None:
    id = add(served, pipeline("first"))["id"]
    answer = served.client.put(
        f"/pipelines/{id}?note=renamed", json=pipeline("second"), headers={"If-Match": '"1"'}
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json()["note"] == "renamed"
    old = served.client.get(f"/pipelines/{id}/versions/1").json()
    assert (old["document"]["name"], old["version"], old["newest_version"]) == ("first", 1, 2)


def test_a_save_without_the_version_it_was_made_to_is_428(served: Served) -> None:
    id = add(served, pipeline())["id"]
    answer = problem(served.client.put(f"/pipelines/{id}", json=pipeline()), 428)
    assert "If-Match" in answer["errors"][0]["hint"]


@pytest.mark.parametrize("tag", ['"2"', '"0"', "1", 'W/"1"', '"1", "2"', "*", "", '"x"', '"１"'])
def test_a_save_to_another_version_is_412(served: Served, tag: str) -> None:
    id = add(served, pipeline("kept"))["id"]
    headers = {"If-Match": tag.encode()}
    answer = served.client.put(f"/pipelines/{id}", json=pipeline("lost"), headers=headers)  # type: ignore[arg-type]
    assert problem(answer, 412)["errors"][0]["hint"]
    assert served.client.get(f"/pipelines/{id}").json()["document"]["name"] == "kept"


def test_of_two_saves_of_one_version_the_second_is_told(served: Served) -> None:
    id = add(served, pipeline())["id"]
    headers = {"If-Match": '"1"'}
    first, second = (
        served.client.put(f"/pipelines/{id}", json=pipeline(name), headers=headers)
        for name in ("a", "b")
    )
    assert first.status_code == 200
    assert "version 2" in problem(second, 412)["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/pipelines/{NOBODY}"),
        ("GET", f"/pipelines/{NOBODY}/versions/1"),
        ("PUT", f"/pipelines/{NOBODY}"),
        ("POST", f"/pipelines/{NOBODY}/runs"),
        ("GET", f"/runs/{NOBODY}"),
        ("GET", f"/runs/{NOBODY}/steps"),
        ("GET", f"/runs/{NOBODY}/steps/a"),
        ("GET", f"/runs/{NOBODY}/steps/a/log"),
        ("GET", f"/runs/{NOBODY}/events"),
        ("POST", f"/runs/{NOBODY}/cancel"),
        ("GET", f"/artifacts/{NOBODY * 2}"),
        ("GET", f"/artifacts/{NOBODY * 2}/preview"),
        ("GET", f"/artifacts/{NOBODY * 2}/download"),
        ("GET", "/datasets/nothing"),
        ("GET", "/components/nothing"),
        ("GET", "/nowhere"),
    ],
)
def test_what_is_not_there_is_404(served: Served, method: str, path: str) -> None:
    body = {"PUT": pipeline(), "POST": {}}.get(method)
    headers = {"If-Match": '"1"'} if method == "PUT" else {}
    body = None if path.endswith("cancel") else body
    problem(served.client.request(method, path, json=body, headers=headers), 404)


def test_a_version_that_was_never_saved_is_404(served: Served) -> None:
    id = add(served, pipeline())["id"]
    for version in ("2", "0", "-1", "x", "9" * 30):
        problem(served.client.get(f"/pipelines/{id}/versions/{version}"), 404)


def test_a_wrong_method_is_405_with_all_the_right_ones(served: Served) -> None:
    answer = served.client.delete("/runs")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


def test_pages_hold_every_pipeline_once_and_the_last_changed_first(served: Served) -> None:
    made = [add(served, pipeline(f"page {number}"))["id"] for number in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = served.client.get("/pipelines", params=query).json()
        assert 0 < len(page["pipelines"]) <= 2
        seen += [item["id"] for item in page["pipelines"]]
        cursor = page["next"]
    assert seen[:5] == made[::-1]
    assert len(seen) == len(set(seen))


def test_the_schema_is_one_and_fits_what_is_accepted(served: Served) -> None:
    schema = served.client.get("/pipelines/schema").json()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(pipeline(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(pipeline(unknown=1), schema)


def test_a_pipeline_without_problems_is_valid(served: Served) -> None:
    told = served.client.post("/pipelines/validate", json=pipeline()).json()
    assert told == {"valid": True, "problems": []}


def test_components_are_listed_with_their_form_and_a_wrong_name_with_the_right_one(
    served: Served,
) -> None:
    listed = served.client.get("/components").json()
    assert {"read_table", "split", "train", "evaluate"} <= {i["name"] for i in listed["components"]}
    spec = served.client.get("/components/read_table").json()
    assert any(spec.items() <= item.items() for item in listed["components"])
    jsonschema.Draft202012Validator.check_schema(spec["parameters"])
    error = problem(served.client.get("/components/read_tabel"), 404)["errors"][0]
    assert "'read_table'" in error["hint"]
