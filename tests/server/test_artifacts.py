"""Artifacts: looked at through the inspector, downloaded as files that no browser runs."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.artifacts import Kind
from studio.database.artifacts import add_artifact
from studio.server.zips import zip_folder
from studio.store import pack, read_tree
from tests.server.helpers import Served, problem

REPORT = {"format": 1, "metrics": {"auc": 0.75}}


def keep(served: Served, folder: Path, kind: Kind, inline: bool) -> str:
    """What the runner does with the output of a step."""
    tree = read_tree(folder)
    content = pack(folder, tree) if inline else None
    if not inline:
        served.app.state.parts.store.put(folder, tree)
    with served.database.begin() as connection:
        add_artifact(connection, tree.digest, kind, tree.size, content)
    return tree.digest


@pytest.fixture
def report(served: Served, tmp_path: Path) -> str:
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps(REPORT))
    return keep(served, folder, "report", inline=True)


@pytest.fixture
def table(served: Served, tmp_path: Path) -> str:
    folder = tmp_path / "table"
    folder.mkdir()
    rows = pa.table({"id": range(250), "name": [f"<b>{i}</b>" for i in range(250)]})
    pq.write_table(rows, folder / "part-0.parquet", row_group_size=100)
    about = {"format": 1, "rows": 250, "roles": {"id": ["id"]}}
    (folder / "table.json").write_text(json.dumps(about))
    return keep(served, folder, "table", inline=False)


@pytest.mark.slow
def test_rows_of_a_table_are_shown_in_pages(served: Served, table: str) -> None:
    page = served.client.get(f"/artifacts/{table}/preview?offset=95&limit=10").json()
    assert [row[0] for row in page["rows"]] == list(range(95, 105))
    assert (page["n_rows"], page["offset"], page["kind"]) == (250, 95, "table")
    assert [(c["name"], c["role"]) for c in page["columns"]] == [("id", "id"), ("name", None)]
    beyond = served.client.get(f"/artifacts/{table}/preview?offset=999")
    assert beyond.json()["rows"] == []


def test_a_report_in_its_row_is_shown_whole(served: Served, report: str) -> None:
    told = served.client.get(f"/artifacts/{report}/preview").json()
    assert told == {"kind": "report", "document": REPORT}
    about = served.client.get(f"/artifacts/{report}").json()
    assert (about["digest"], about["kind"]) == (report, "report")


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=1001", "offset=x"])
def test_a_page_that_cannot_be_is_422(served: Served, report: str, query: str) -> None:
    problem(served.client.get(f"/artifacts/{report}/preview?{query}"), 422)


def test_one_file_is_downloaded_as_it_is(served: Served, report: str) -> None:
    answer = served.client.get(f"/artifacts/{report}/download")
    assert answer.json() == REPORT
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="report-{report[:12]}.json"'
    )


def test_many_files_are_downloaded_as_an_archive(served: Served, table: str) -> None:
    answer = served.client.get(f"/artifacts/{table}/download")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].endswith(f'"table-{table[:12]}.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["part-0.parquet", "table.json"]
        read = pq.read_table(io.BytesIO(archive.read("part-0.parquet")))
    assert read.num_rows == 250


def test_a_page_that_a_step_wrote_is_never_run_by_the_browser(
    served: Served, tmp_path: Path
) -> None:
    folder = tmp_path / "file"
    folder.mkdir()
    (folder / 'x"; filename=evil.html').write_text("<script>alert(1)</script>")
    digest = keep(served, folder, "file", inline=False)
    answer = served.client.get(f"/artifacts/{digest}/download")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="file-{digest[:12]}.html"'
    )
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_an_archive_is_the_same_bytes_each_time_and_has_no_path_for_windows(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "x"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a").write_bytes(b"a" * 3_000_000)
    (folder / "..\\..\\b").write_bytes(b"b")
    first, second = (b"".join(zip_folder(folder)) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [".._.._b", "inner/a"]


def test_files_that_are_gone_are_404_with_the_way_out(served: Served) -> None:
    digest = "f" * 64
    with served.database.begin() as connection:
        add_artifact(connection, digest, "file", 1, None)
    for path in ("preview", "download"):
        told = problem(served.client.get(f"/artifacts/{digest}/{path}"), 404)
        assert "again" in told["errors"][0]["hint"]


@pytest.mark.slow
def test_a_broken_table_is_told_and_the_server_goes_on(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "part-0.parquet").write_bytes(b"PAR1 no parquet PAR1")
    (folder / "table.json").write_text('{"rows": 1, "roles": {}}')
    digest = keep(served, folder, "table", inline=False)
    told = problem(served.client.get(f"/artifacts/{digest}/preview"), 400)
    assert told["errors"][0]["code"] == "preview.failed"
    assert served.stranger.get("/readyz").status_code == 200
