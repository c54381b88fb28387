"""JSON that cannot be kept as written is refused, and nothing that is sent ends in a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.server.strict_json import BodyError, parse_json
from tests.server.helpers import READ, Served, pipeline, problem

JSON = {"Content-Type": "application/json"}

REFUSED = [
    (b"", 400, "json.invalid"),
    (b" ", 400, "json.invalid"),
    (b"{", 400, "json.invalid"),
    (b'{"a":1,}', 400, "json.invalid"),
    (b'{"a":1} x', 400, "json.invalid"),
    (b"{'a':1}", 400, "json.invalid"),
    (b'{"a":01}', 400, "json.invalid"),
    (b'"\xff"', 400, "json.invalid"),
    (b'\xef\xbb\xbf{"a":1}', 400, "json.invalid"),
    ('{"a":1}'.encode("utf-16"), 400, "json.invalid"),
    (b'{"a":"\x00"}', 400, "json.invalid"),
    (b'{"a":' + b"1" * 5000 + b"}", 400, "json.invalid"),
    (b"[" * 101 + b"]" * 101, 400, "json.depth"),
    (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400, "json.depth"),
    (b"[" * 100_000, 400, "json.depth"),
    (b'{"a":' * 100_000, 400, "json.depth"),
    (b'{"a":1,"a":1}', 422, "json.duplicate_key"),
    (b'[{"b":{"\\u0061":1,"a":2}}]', 422, "json.duplicate_key"),
    (b'{"a":NaN}', 422, "parameter.not_finite"),
    (b'{"a":[Infinity]}', 422, "parameter.not_finite"),
    (b"-Infinity", 422, "parameter.not_finite"),
    (b'{"a":1e999}', 422, "parameter.not_finite"),
    (b'{"a":-1e999}', 422, "parameter.not_finite"),
    (b'{"a":1e-999}', 422, "parameter.not_finite"),
    (b'{"a":9223372036854775808}', 422, "parameter.too_large"),
    (b'{"a":"\\ud800"}', 422, "string.invalid"),
    (b'{"a":["x\\u0000y"]}', 422, "string.invalid"),
    (b'{"\\udfff":1}', 422, "string.invalid"),
    (b'{"\\u0000":1}', 422, "string.invalid"),
]

_JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("aä😀", min_size=1), inner),
)


@given(_JSON_VALUES)
def test_what_can_be_kept_is_read_as_it_was_written(value: Any) -> None:
    for is_ascii in (True, False):
        read = parse_json(json.dumps(value, ensure_ascii=is_ascii).encode())
        assert json.dumps(read) == json.dumps(value)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(body: bytes) -> None:
    try:
        parse_json(body)
    except BodyError as error:
        json.dumps(error.problems()[0].to_json()).encode()


@pytest.mark.parametrize(("body", "status", "code"), REFUSED)
def test_what_cannot_be_kept_is_refused(body: bytes, status: int, code: str) -> None:
    with pytest.raises(BodyError) as raised:
        parse_json(body)
    assert (raised.value.status, raised.value.code) == (status, code)


def test_a_hundred_levels_are_taken() -> None:
    text = b"[" * 100 + b"]" * 100
    assert json.dumps(parse_json(text)).encode() == text


def test_zero_and_small_numbers_are_not_taken_for_lost_ones() -> None:
    assert parse_json(b"[0, 0.0, -0.0, 0e5, 0.000e-7, 5e-324]") == [0, 0.0, 0.0, 0.0, 0.0, 5e-324]


@pytest.mark.parametrize(("body", "status", "code"), REFUSED)
@pytest.mark.parametrize(
    "path", ["/pipelines", "/pipelines/validate", "/runs", f"/pipelines/{'0' * 32}/runs"]
)
def test_a_route_refuses_it_as_a_problem(
    served: Served, path: str, body: bytes, status: int, code: str
) -> None:
    answer = served.client.post(path, content=body, headers=JSON)
    assert problem(answer, status)["errors"][0]["code"] == code


def test_a_number_that_is_none_is_told_by_node_and_field(served: Served) -> None:
    body = json.dumps(pipeline(nodes=[{**READ, "parameters": {"rate": "X"}}]))
    for path, text in (
        ("/pipelines", body),
        ("/runs", f'{{"pipeline": {body}}}'),
    ):
        answer = served.client.post(path, content=text.replace('"X"', "1e999"), headers=JSON)
        error = problem(answer, 422)["errors"][0]
        assert (error["node"], error["field"]) == ("read", "parameters.rate")
        assert error["hint"]


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "text/json",
        "application/problem+json",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/pipelines"),
        ("POST", "/pipelines/validate"),
        ("PUT", f"/pipelines/{'0' * 32}"),
        ("POST", "/runs"),
        ("POST", f"/pipelines/{'0' * 32}/runs"),
    ],
)
def test_a_body_of_another_type_is_415(
    served: Served, method: str, path: str, kind: str | None
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    body = json.dumps(pipeline()).encode()
    answer = served.client.request(method, path, content=body, headers=headers)
    assert "application/json" in problem(answer, 415)["errors"][0]["hint"]


@pytest.mark.parametrize("path", ["/tickets", f"/runs/{'0' * 32}/cancel"])
def test_a_form_is_refused_where_no_body_is_needed(served: Served, path: str) -> None:
    problem(served.client.post(path, data={"a": "b"}), 415)


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=UTF-8"])
def test_json_is_taken_with_and_without_its_charset(served: Served, kind: str) -> None:
    body = json.dumps(pipeline()).encode()
    headers = {"Content-Type": kind}
    assert served.client.post("/pipelines/validate", content=body, headers=headers).is_success


def test_a_body_over_the_limit_is_413(served: Served) -> None:
    body = json.dumps(pipeline(description="x" * (1 << 20))).encode()
    error = problem(served.client.post("/pipelines", content=body, headers=JSON), 413)
    assert "1 MiB" in error["detail"]


def test_a_body_of_unknown_size_is_413_when_it_passes_the_limit(served: Served) -> None:
    chunks = (b"[" + b"1," * 30_000 for _ in range(100))
    problem(served.client.post("/pipelines", content=chunks, headers=JSON), 413)


DEEP: Any = 1
for _ in range(80):
    DEEP = [DEEP]
NAMES = [
    "😀 emoji",
    "\u202eright to left",
    "e\u0301 combining",
    "zero\u200bwidth",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7}",
    "../../etc/passwd",
    "a\r\nSet-Cookie: x=1",
]
BAD_DOCUMENTS: list[Any] = [
    [],
    "x",
    1,
    None,
    True,
    {},
    {"name": None},
    {"name": ""},
    {"name": "x" * 201},
    {"name": "p", "nodes": {}},
    {"name": "p", "nodes": [1, None, []]},
    {"name": "p", "nodes": [{"id": ["a"], "component": "c"}]},
    {"name": "p", "nodes": [{"id": "../x", "component": "c"}]},
    {"name": "p", "nodes": [{"id": "a\n", "component": "c"}]},
    {"name": "p", "nodes": [{"id": "a", "component": "c", "resources": {"cpu": 10**18}}]},
    {"name": "p", "nodes": [{"id": "a", "component": "c", "timeout": -1}]},
    {"name": "p", "edges": [{"source": "a", "target": "b"}]},
    {"name": "p", "schema_version": 2},
    {"name": "p", "unknown": 1},
    {"name": "p", "layout": {"nodes": {"a": {"x": "left"}}}},
    {"name": "p", "parameters": {"1": {"type": "string"}}},
    {"name": "p", "parameters": {"a": {"type": "secret"}}},
]


@pytest.mark.parametrize("document", BAD_DOCUMENTS, ids=lambda item: json.dumps(item)[:50])
def test_a_document_of_wrong_form_is_422_everywhere(served: Served, document: Any) -> None:
    body = json.dumps(document).encode()
    problem(served.client.post("/pipelines", content=body, headers=JSON), 422)
    problem(served.client.post("/runs", json={"pipeline": document}), 422)
    told = served.client.post("/pipelines/validate", content=body, headers=JSON)
    assert told.status_code == 200
    assert told.json()["valid"] is False


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_kept_as_it_was_written(served: Served, name: str) -> None:
    made = served.client.post("/pipelines", json=pipeline(name, description=name))
    assert made.status_code == 201
    read = served.client.get(f"/pipelines/{made.json()['id']}").json()["document"]
    assert (read["name"], read["description"]) == (name, name)


@pytest.mark.parametrize("value", [-(2**63), 1e308, "x" * 100_000, DEEP, [[]], False, None])
@pytest.mark.parametrize("field", ["path", "column_types", "nothing"])
def test_a_wrong_parameter_is_told_and_never_a_500(served: Served, field: str, value: Any) -> None:
    document = pipeline(nodes=[{**READ, "parameters": {"path": "data.csv", field: value}}])
    told = served.client.post("/pipelines/validate", json=document)
    assert told.status_code == 200
    answer = served.client.post("/runs", json={"pipeline": document})
    assert answer.status_code == (201 if told.json()["valid"] else 422)
    assert len(answer.content) < 20_000


def test_too_many_nodes_are_refused_with_the_limit(served: Served) -> None:
    document = pipeline(nodes=[{"id": f"n{i}", "component": "c"} for i in range(10_001)])
    words = "A pipeline may have 10,000 nodes; this one has 10,001."
    for path, body in (("/pipelines", document), ("/runs", {"pipeline": document})):
        assert problem(served.client.post(path, json=body), 413)["detail"] == words
    for path, body in (("/pipelines/validate", document), ("/plan", {"pipeline": document})):
        answer = served.client.post(path, json=body).json()
        assert [item["message"] for item in answer["problems"]] == [words]


def test_every_problem_of_a_pipeline_is_told_at_once(served: Served) -> None:
    nodes = [READ, {"id": "s", "component": "split", "parameters": {"fraction": 2}}]
    loop = {"source": {"node": "s", "port": "train"}, "target": {"node": "s", "port": "table"}}
    gone = {"source": {"node": "raed", "port": "table"}, "target": {"node": "s", "port": "x"}}
    told = served.client.post(
        "/pipelines/validate", json=pipeline(nodes=nodes, edges=[loop, gone])
    ).json()
    codes = {item["code"] for item in told["problems"]}
    assert {"graph.cycle", "edge.node", "parameter.invalid"} <= codes
    assert "'read'" in next(i["hint"] for i in told["problems"] if i["code"] == "edge.node")


@pytest.mark.parametrize(
    "body",
    [
        {"pipeline": pipeline(), "parameters": {"x": 1}},
        {"pipeline": pipeline(), "parameters": []},
        {"pipeline": pipeline(), "folder": 1},
        {"pipeline": pipeline(), "folder": "x" * 5000},
        {"pipeline": pipeline(), "nodes": []},
        {"pipeline": pipeline(nodes=[])},
        {"parameters": {}},
    ],
)
def test_a_run_request_of_wrong_form_is_422(served: Served, body: Any) -> None:
    problem(served.client.post("/runs", json=body), 422)


@pytest.mark.parametrize(
    "query",
    [
        "/runs?limit=0",
        "/runs?limit=201",
        "/runs?limit=" + "9" * 5000,
        "/runs?limit=x",
        "/runs?state=gone",
        "/runs?pipeline=%00",
        "/runs?pipeline=../x",
        "/runs?cursor=x",
        "/runs?cursor=%00",
        "/runs?cursor=W10",
        "/runs?cursor=" + "W" * 201,
        "/runs?cursor=WzFlOTk5LCJhIl0",
        "/runs?cursor=WzEuMCwiXHUwMDAwIl0",
        "/events?after=-1",
        "/events?after=99999999999999999999",
        "/pipelines?cursor=eA",
    ],
)
def test_a_query_of_wrong_form_is_422(served: Served, query: str) -> None:
    problem(served.client.get(query), 422)


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "99999999999999999999"])
def test_a_last_event_id_that_is_none_is_422(served: Served, value: str) -> None:
    problem(served.client.get("/events", headers={"Last-Event-ID": value}), 422)
