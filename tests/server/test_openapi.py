"""The OpenAPI document is true, complete, and readable by the makers of clients."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.server.helpers import Json, Served, pipeline

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document(served: Served) -> Json:
    answer = served.stranger.get(
        "/openapi.json", headers={"Authorization": served.client.headers["authorization"]}
    )
    read: Json = answer.json()
    return read


def operations(document: Json) -> list[Json]:
    return [item[m] for item in document["paths"].values() for m in METHODS if m in item]


def test_every_operation_has_a_summary_a_name_and_a_described_answer(document: Json) -> None:
    found = operations(document)
    assert len(found) >= 27
    for operation in found:
        assert operation["summary"][0].isupper(), operation
        assert operation["operationId"].isidentifier(), operation
        good = [r for status, r in operation["responses"].items() if status.startswith("20")]
        described = [media for r in good for media in r.get("content", {}).values()]
        assert described, operation["operationId"]
        assert all(media.get("schema") for media in described), operation["operationId"]


def test_names_of_operations_are_unique(document: Json) -> None:
    names = [operation["operationId"] for operation in operations(document)]
    assert len(names) == len(set(names))
    assert {"list_components", "start_run", "read_run", "cancel_run"} <= set(names)


def test_every_refusal_is_described_as_a_problem(document: Json) -> None:
    for path, item in document["paths"].items():
        if not path.startswith("/api/"):
            continue
        for operation in (item[method] for method in METHODS if method in item):
            assert "422" not in operation["responses"]
            content = operation["responses"]["default"]["content"]
            assert content == {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/ProblemDetails"}
                }
            }


def test_every_reference_leads_somewhere_and_every_schema_is_one(document: Json) -> None:
    schemas = document["components"]["schemas"]
    for name in references(document):
        assert name in schemas
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    assert not [name for name in schemas if name.endswith(("-Input", "-Output"))]


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for item in value for name in references(item)}
    if not isinstance(value, dict):
        return set()
    own = value.get("$ref", "")
    found = {own.rpartition("/")[2]} if isinstance(own, str) and own.startswith("#") else set()
    return found.union(*(references(item) for item in value.values()))


def test_a_pipeline_is_described_as_itself_where_it_is_sent_and_given(document: Json) -> None:
    sent = document["paths"]["/api/v1/pipelines"]["post"]["requestBody"]["content"]
    assert sent["application/json"]["schema"] == {"$ref": "#/components/schemas/Pipeline"}
    given = document["components"]["schemas"]["PipelineVersion"]["properties"]["document"]
    assert given["$ref"] == "#/components/schemas/Pipeline"


def test_answers_are_as_described(served: Served, document: Json) -> None:
    id = served.client.post("/runs", json={"pipeline": pipeline("described")}).json()["id"]
    run = served.client.get(f"/runs/{id}").json()
    for path, route in (
        ("/components", "/api/v1/components"),
        ("/pipelines", "/api/v1/pipelines"),
        (f"/pipelines/{run['pipeline_id']}", "/api/v1/pipelines/{pipeline_id}"),
        ("/runs", "/api/v1/runs"),
        (f"/runs/{id}", "/api/v1/runs/{run_id}"),
        (f"/runs/{id}/steps/read", "/api/v1/runs/{run_id}/steps/{node_id}"),
        ("/datasets", "/api/v1/datasets"),
    ):
        answer = served.client.get(path).json()
        media = document["paths"][route]["get"]["responses"]["200"]["content"]
        schema = {**media["application/json"]["schema"], "components": document["components"]}
        jsonschema.validate(answer, schema)


def test_the_interface_knows_the_server_as_it_is() -> None:
    """`make types` writes web/openapi.json, of which the interface's types are made."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "studio.server.describe"]
    now = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    assert now == (root / "web" / "openapi.json").read_text(), "run `make types`"
