"""Uploads: whole or not there, hashed as they come, within their limits."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.artifacts import digest_tree
from studio.server import limits
from studio.server.limits import Limits
from studio.settings import Settings
from tests.server.helpers import LIMITS, Served, problem, serving, wait_until


def leftovers(served: Served) -> list[Path]:
    return list((served.settings.home / "uploads").iterdir())


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("clicks.csv", "data.csv"),
        ("Clicks 2024.CSV", "data.csv"),
        ("a.csv.gz", "data.csv.gz"),
        ("a.tar.gz", "data"),
        ("a.parquet", "data.parquet"),
        ("a.jsonl", "data.jsonl"),
        ("a.py", "data"),
        ("index.html", "data"),
        ("a", "data"),
        ("0", "data"),
        ("a..csv", "data.csv"),
    ],
)
def test_a_file_is_kept_by_its_content_and_its_name_is_a_label(
    served: Served, name: str, file: str
) -> None:
    content = b"a,b\n1,2\n" + name.encode()
    answer = served.client.put(f"/datasets/{name}", content=content)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    digest = digest_tree({file: hashlib.sha256(content).hexdigest()})
    assert (made["name"], made["digest"], made["size"]) == (name, digest, len(content))
    store = served.app.state.parts.store
    assert [path.name for path in store.path(digest).iterdir()] == [file]
    assert store.verify(digest)
    assert served.client.get(f"/datasets/{name}").json() == made
    assert made in served.client.get("/datasets").json()["datasets"]
    assert leftovers(served) == []


def test_a_new_file_of_the_same_name_takes_its_place(served: Served) -> None:
    for content in (b"old", b"new", b"new"):
        served.client.put("/datasets/same", content=content).raise_for_status()
    listed = served.client.get("/datasets").json()["datasets"]
    assert [item["size"] for item in listed if item["name"] == "same"] == [3]
    assert served.client.get("/artifacts/" + only(listed, "same") + "/download").content == b"new"


def only(listed: list[dict[str, str]], name: str) -> str:
    return next(item["digest"] for item in listed if item["name"] == name)


def test_a_body_without_a_length_is_taken_as_it_comes(served: Served) -> None:
    chunks = (bytes([65 + number]) * 70_000 for number in range(20))
    whole = b"".join(bytes([65 + number]) * 70_000 for number in range(20))
    made = served.client.put("/datasets/chunks.csv", content=chunks).json()
    assert made["size"] == len(whole)
    assert served.client.get(f"/artifacts/{made['digest']}/download").content == whole


def test_a_name_is_in_any_script(served: Served) -> None:
    name = "点击日志.csv"
    assert served.client.put(f"/datasets/{name}", content=b"a\n1\n").status_code in (200, 201)
    assert served.client.get(f"/datasets/{name}").json()["name"] == name


@pytest.mark.parametrize(
    "name",
    ["%2e%2e", ".hidden", "-x", " x", "a%2fb", "a%5cb", "💥", "a%0ab", "a%0a", "x" * 129, "a%00"],
)
def test_a_name_that_is_a_path_or_worse_is_refused(served: Served, name: str) -> None:
    answer = served.client.put(f"/datasets/{name}", content=b"a")
    assert answer.status_code in (404, 405, 422)
    problem(answer, answer.status_code)


def test_an_empty_file_is_refused(served: Served) -> None:
    assert problem(served.client.put("/datasets/empty"), 422)["errors"][0]["code"] == (
        "dataset.empty"
    )
    problem(served.client.get("/datasets/empty"), 404)


def endless() -> Iterator[bytes]:
    for _ in range(200):
        yield b"x" * 65536


@pytest.mark.parametrize("content", [b"x" * (LIMITS.upload + 1), endless()], ids=["said", "unsaid"])
def test_more_than_the_limit_is_413_and_leaves_nothing(
    served: Served, content: bytes | Iterator[bytes]
) -> None:
    told = problem(served.client.put("/datasets/large", content=content), 413)
    assert "2 MiB" in told["detail"]
    problem(served.client.get("/datasets/large"), 404)
    wait_until(lambda: leftovers(served) == [])


def test_a_client_that_goes_away_leaves_nothing(served: Served) -> None:
    head = (
        "PUT /api/v1/datasets/gone HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {served.client.headers['authorization']}\r\n"
        "Content-Length: 2000000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port), 5) as connection:
        connection.sendall(head.encode() + b"x" * 1_500_000)
        wait_until(lambda: leftovers(served) != [])
    wait_until(lambda: leftovers(served) == [])
    problem(served.client.get("/datasets/gone"), 404)


@pytest.mark.slow
def test_a_nearly_full_disk_is_507_with_the_way_out(tmp_path: Path) -> None:
    full = Limits(reserve=1 << 60)
    with serving(Settings(home=tmp_path / "home"), full) as served:
        told = problem(served.client.put("/datasets/a", content=b"a"), 507)
        assert "STUDIO_HOME" in told["errors"][0]["hint"]
        assert leftovers(served) == []
        served.client.get("/datasets").raise_for_status()


@pytest.mark.slow
def test_what_a_crash_left_half_received_is_removed_at_the_start(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    half = settings.home / "uploads" / "upload-x" / "content"
    half.mkdir(parents=True)
    (half / "data.csv").write_bytes(b"half")
    with serving(settings) as served:
        assert leftovers(served) == []


@pytest.mark.parametrize(
    ("size", "words"), [(5, "5 bytes"), (64 << 20, "64 MiB"), (3 << 29, "1.5 GiB"), (1024, "1 KiB")]
)
def test_a_size_is_told_as_a_person_reads_it(size: int, words: str) -> None:
    assert limits.in_words(size) == words
