"""Packages over REST: uploaded, read, edited, compared, approved, updated, removed."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from studio.sandbox.launch import find_mechanism
from studio.settings import Settings
from tests.server.helpers import READ, Json, Served, problem, serving

HEAD = "import pandas as pd\n"
SCRIPT = "# /// script\n# dependencies = ['x @ file:///']\n# ///\n"


def source(name: str = "twice", signature: str = "*, factor: int = 2", body: str = "...") -> str:
    return f"{HEAD}def {name}(table: pd.DataFrame, {signature}) -> pd.DataFrame:\n    {body}\n"


def upload(served: Served, content: str | bytes, filename: str = "twice.py", **query: str) -> Json:
    answer = send(served, content, filename, **query)
    assert answer.status_code in (200, 201), answer.text
    made: Json = answer.json()
    return made


def send(
    served: Served, content: str | bytes, filename: str = "twice.py", **query: str
) -> httpx.Response:
    kind = "application/zip" if filename.endswith(".zip") else "text/x-python"
    data = content.encode() if isinstance(content, str) else content
    return served.client.post(
        "/packages",
        content=data,
        params={"filename": filename, **query},
        headers={"Content-Type": kind},
    )


def zipped(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return buffer.getvalue()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Served]:
    with serving(Settings(home=tmp_path / "home")) as served:
        yield served


def listed(served: Served, name: str) -> Json | None:
    items = served.client.get("/components").json()["components"]
    return next((item for item in items if item["name"] == name), None)


def pipeline_with(*nodes: Json) -> Json:
    edges = [
        {"source": {"node": "read", "port": "table"}, "target": {"node": n["id"], "port": "table"}}
        for n in nodes
    ]
    return {"schema_version": 1, "name": "p", "nodes": [READ, *nodes], "edges": edges}


def test_a_package_goes_through_its_life(fresh: Served) -> None:
    started = time.monotonic()
    made = upload(fresh, source())
    item = listed(fresh, "twice")
    assert time.monotonic() - started < 2
    assert item is not None
    assert (item["origin"], item["package"], item["digest"]) == ("package", "twice", made["digest"])
    assert (item["approval"], item["badge"], item["package_version"]) == ("not_approved", None, 1)

    again = send(fresh, source())
    assert (again.status_code, again.json()["version"]) == (200, 1)

    edited = fresh.client.put(
        "/packages/twice/versions/1",
        json={"files": {"twice.py": source(signature="*, times: int = 2")}, "note": "renamed"},
    )
    assert (edited.status_code, edited.json()["version"]) == (201, 2)
    stale = fresh.client.put(
        "/packages/twice/versions/1", json={"files": {"twice.py": source(body="return table")}}
    )
    assert problem(stale, 409)["errors"][0]["code"] == "package.stale"

    diff = fresh.client.get("/packages/twice/versions/1/diff").json()
    (change,) = diff["components"]
    assert change["breaks"]
    assert [(part["name"], part["breaks"]) for part in change["parts"]] == [
        ("times", False),
        ("factor", True),
    ]
    assert "+def twice(table: pd.DataFrame, *, times: int = 2)" in diff["files"][0]["diff"]

    text = fresh.client.get("/packages/twice/versions/2/source").json()["files"]
    assert [file["path"] for file in text] == ["twice.py"]

    detail = fresh.client.get("/packages/twice").json()
    assert [entry["version"] for entry in detail["versions"]] == [2, 1]
    exported = fresh.client.get("/packages/twice/versions/2/export")
    assert exported.headers["content-type"] == "application/zip"
    assert upload(fresh, exported.content, "twice.zip")["version"] == 2

    log = fresh.client.get("/audit", params={"object": "package:twice"}).json()["entries"]
    assert [entry["action"] for entry in log] == ["upload", "upload"]


def test_a_run_of_code_that_nobody_approved_is_refused_and_says_which(fresh: Served) -> None:
    made = upload(fresh, source())
    node = {"id": "mine", "component": "twice", "digest": made["digest"]}
    refused = fresh.client.post("/runs", json={"pipeline": pipeline_with(node)})
    (error,) = problem(refused, 422)["errors"]
    assert (error["code"], error["node"]) == ("package.not_approved", "mine")
    approved = fresh.client.post("/packages/twice/versions/1/approve").json()
    assert (approved["approval"]["state"], approved["approval"]["actor"]) == ("approved", "local")
    assert fresh.client.post("/runs", json={"pipeline": pipeline_with(node)}).status_code == 201
    fresh.client.post("/packages/twice/versions/1/revoke").raise_for_status()
    refused = fresh.client.post("/runs", json={"pipeline": pipeline_with(node)})
    assert problem(refused, 422)["errors"][0]["code"] == "package.revoked"


def test_nodes_are_brought_up_to_date_with_their_edges(fresh: Served) -> None:
    old = upload(fresh, source())
    decorator = (
        "from studio.component import component\n"
        "@component(title='T', category='C', replaces={'rows': 'table', 'times': 'factor'})\n"
    )
    changed = source(signature="*, times: int = 2, more: bool = True").replace("table:", "rows:")
    new = upload(fresh, changed.replace("def ", decorator + "def "))
    node = {"id": "a", "component": "twice", "digest": old["digest"], "parameters": {"factor": 5}}
    other = {"id": "b", "component": "twice", "digest": old["digest"], "parameters": {}}
    body = {"pipeline": pipeline_with(node, other), "nodes": ["a"]}
    answer = fresh.client.post("/packages/update", json=body).json()
    (change,) = answer["changes"]
    assert change["renamed"] == {"table": "rows", "factor": "times"}
    assert change["dropped_edges"] == []
    moved = {item["id"]: item for item in answer["pipeline"]["nodes"]}
    assert (moved["a"]["digest"], moved["a"]["parameters"]) == (new["digest"], {"times": 5})
    assert moved["b"]["digest"] == old["digest"]
    checked = fresh.client.post("/pipelines/validate", json=answer["pipeline"]).json()
    assert checked == {"valid": True, "problems": []}


def test_a_package_that_a_pipeline_needs_is_not_removed(fresh: Served) -> None:
    old, new = upload(fresh, source()), upload(fresh, source(body="return table"))
    node = {"id": "mine", "component": "twice", "digest": old["digest"], "name": "Mine"}
    fresh.client.post("/pipelines", json=pipeline_with(node)).raise_for_status()
    for path in ("/packages/twice", "/packages/twice/versions/1"):
        told = problem(fresh.client.delete(path), 409)["errors"][0]
        assert (told["code"], "Mine" in told["message"]) == ("package.in_use", True)
    used = fresh.client.get("/packages/twice/versions/2/where-used").json()["pipelines"]
    assert [(use["node"], use["outdated"]) for use in used[0]["nodes"]] == [("mine", True)]
    id = fresh.client.post("/pipelines", json=pipeline_with()).json()["id"]
    drawn = {**node, "digest": new["digest"]}
    tag = fresh.client.get(f"/pipelines/{id}/draft").headers["etag"]
    fresh.client.put(
        f"/pipelines/{id}/draft", json=pipeline_with(drawn), headers={"If-Match": tag}
    ).raise_for_status()
    told = problem(fresh.client.delete("/packages/twice/versions/2"), 409)["errors"][0]
    assert told["code"] == "package.in_use"
    fresh.client.delete(f"/pipelines/{id}").raise_for_status()
    fresh.client.delete("/packages/twice/versions/2").raise_for_status()
    assert not (fresh.settings.home / "packages" / new["digest"]).exists()
    assert fresh.client.get("/packages/twice").json()["version"] == 1
    reason = {"reason": "Use thrice."}
    fresh.client.post("/packages/twice/deprecate", json=reason).raise_for_status()
    item = listed(fresh, "twice")
    assert item is not None
    assert item["deprecated"] == "Use thrice."


@pytest.mark.parametrize(
    ("content", "filename", "code", "line"),
    [
        ("def f(:\n", "f.py", "source.invalid", 1),
        ("x = 1", "f.py", "package.no_component", None),
        ("x = 1", "f.txt", "archive.type", None),
        (b"PK\x03\x04 no zip", "f.zip", "archive.damaged", None),
        (b"\xff\xfe", "f.py", "archive.encoding", None),
        (source("read_table"), "read_table.py", "component.name_taken", None),
        (SCRIPT + source(), "twice.py", "requirements.not_allowed", None),
        ("x=" + "1+" * 200_000 + "1\n" + source(), "twice.py", "source.invalid", None),
    ],
)
def test_what_cannot_be_a_package_is_refused_with_its_place(
    served: Served, content: str | bytes, filename: str, code: str, line: int | None
) -> None:
    answer = send(served, content, filename)
    status = 409 if code == "component.name_taken" else 422
    error = problem(answer, status)["errors"][0]
    assert (error["code"], error.get("line")) == (code, line)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "a/b"])
def test_an_upload_has_the_type_of_an_upload(served: Served, kind: str) -> None:
    answer = served.client.post(
        "/packages?filename=f.py", content=b"x", headers={"Content-Type": kind}
    )
    assert problem(answer, 415)["errors"][0]["code"] == "request.content_type"


def test_a_form_with_a_file_is_an_upload_too(served: Served) -> None:
    """As `curl -F file=@sent.zip -F note=…` sends it; every byte of a zip counts."""
    content = zipped(in_a_form__py=source("in_a_form")) + b"\r\n--\r\n"
    sent = {"file": ("sent.zip", content, "application/zip")}
    answer = served.client.post("/packages", files=sent, data={"name": "formed", "note": "by form"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["name"], answer.json()["note"]) == ("formed", "by form")
    again = served.client.post("/packages?name=formed", files=sent)
    assert (again.status_code, again.json()["version"]) == (200, 1)


FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.py"\r\n\r\ncode'
NO_FORMS = {
    "no boundary": ("multipart/form-data", PART + b"\r\n--x--\r\n"),
    "another boundary": ("multipart/form-data; boundary=y", PART + b"\r\n--x--\r\n"),
    "no end": (FORM, PART),
    "no file": (FORM, b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\nv\r\n--x--'),
    "two files": (FORM, PART + b"\r\n" + PART + b"\r\n--x--"),
    "no head": (FORM, b"--x\r\nnothing\r\n--x--"),
    "many parts": (FORM, b"\r\n".join([PART] * 50) + b"\r\n--x--"),
}


@pytest.mark.parametrize("way", NO_FORMS)
def test_a_form_that_is_none_is_refused(served: Served, way: str) -> None:
    kind, body = NO_FORMS[way]
    answer = served.client.post("/packages", content=body, headers={"Content-Type": kind})
    assert problem(answer, 422)["errors"][0]["code"] == "request.form"


def test_a_form_of_another_sites_page_is_refused(served: Served) -> None:
    headers = {"Content-Type": FORM, "Origin": "http://evil.example"}
    answer = served.client.post("/packages", content=PART + b"\r\n--x--", headers=headers)
    assert problem(answer, 403)["errors"][0]["code"] == "origin"


def test_an_upload_stands_in_the_palette_within_two_seconds(served: Served) -> None:
    began = time.monotonic()
    upload(served, source("quickly_there"), "quickly_there.py")
    components = served.client.get("/components").json()["components"]
    assert "quickly_there" in {item["name"] for item in components}
    assert time.monotonic() - began < 2


def test_an_upload_that_is_too_large_is_refused_while_it_comes(served: Served) -> None:
    chunks = (bytes(1 << 20) for _ in range(40))
    answer = served.client.post(
        "/packages?filename=f.zip", content=chunks, headers={"Content-Type": "application/zip"}
    )
    assert problem(answer, 413)["errors"][0]["code"] == "archive.too_large"


def test_a_source_is_read_without_being_stored(served: Served) -> None:
    answer = served.client.post("/packages/read", json={"source": source("mine")}).json()
    assert [spec["name"] for spec in answer["components"]] == ["mine"]
    assert listed(served, "mine") is None
    broken = served.client.post("/packages/read", json={"source": "def f(:"}).json()
    (told,) = broken["problems"]
    assert (told["line"], told["column"]) == (1, 7)


def test_an_upload_starts_no_process_and_imports_nothing(fresh: Served, tmp_path: Path) -> None:
    upload(fresh, source("first"), "first.py")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    canary = tmp_path / "canary"
    bomb = f"open({str(canary)!r}, 'w')"
    upload(
        fresh,
        zipped(
            twice__py=source(body=bomb) + bomb,
            setup__py=bomb,
            pyproject__toml="[build-system]\nrequires=['evil']\nbuild-backend='evil'\n",
            **{"conftest.py": bomb, "__init__.py": bomb, "_helper.py": bomb},
        ),
        "hostile.zip",
    )
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
    assert not canary.exists()


@pytest.mark.slow
@pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here")
def test_a_checked_version_has_its_badge_in_the_catalog(fresh: Served) -> None:
    upload(fresh, source(body="return table"))
    refused = fresh.client.post("/packages/twice/versions/1/check", timeout=120)
    assert problem(refused, 409)["errors"][0]["code"] == "package.not_approved"
    fresh.client.post("/packages/twice/versions/1/approve").raise_for_status()
    checked = fresh.client.post("/packages/twice/versions/1/check", timeout=120).json()
    (report,) = checked["report"]["components"]
    outcomes = {check["name"]: check["outcome"] for check in report["checks"]}
    assert (outcomes["documentation"], outcomes["deterministic"]) == ("failed", "passed")
    item = listed(fresh, "twice")
    assert item is not None
    assert item["badge"] == "failed"


@pytest.mark.slow
@pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here")
def test_a_version_is_checked_by_itself_once_it_may_run(fresh: Served) -> None:
    upload(fresh, source(body="return table"))
    item = listed(fresh, "twice")
    assert item is not None
    assert item["badge"] is None
    fresh.client.post("/packages/twice/versions/1/approve").raise_for_status()
    deadline = time.monotonic() + 120
    while (item := listed(fresh, "twice")) is None or item["badge"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert item["badge"] == "failed"  # nothing is said of its ports


def test_a_secret_is_written_and_listed_but_never_given_back(fresh: Served) -> None:
    told = fresh.client.put("/secrets/TOKEN", json={"value": "canary-value"})
    assert told.json() == fresh.client.get("/secrets").json() == {"names": ["TOKEN"]}
    log = fresh.client.get("/audit", params={"object": "secret:TOKEN"})
    assert [entry["action"] for entry in log.json()["entries"]] == ["secret_set"]
    assert "canary-value" not in told.text + log.text
    assert fresh.client.delete("/secrets/TOKEN").json() == {"names": []}
    problem(fresh.client.delete("/secrets/TOKEN"), 404)
    problem(fresh.client.put("/secrets/1x", json={"value": "v"}), 404)
