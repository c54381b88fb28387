"""Rows and statistics of tables and datasets, held to what pandas says of the same rows."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.database.inspections import get_inspection
from studio.inspector.cells import MAX_CELL, MAX_REPLY
from tests.server.helpers import Json, Served, problem
from tests.server.test_artifacts import keep, report

__all__ = ["report"]  # a fixture

N = 1000


def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": np.arange(N),
            "price": pd.Series(random.normal(10, 3, N)).where(np.arange(N) % 10 != 0),
            "city": random.choice(["Rome", "Oslo", "x>y", "l'Aquila"], N),
            "clicked": random.random(N) < 0.3,
            "a = b": random.integers(0, 5, N),
            "day": [dt.date(2024, 1, 1) + dt.timedelta(days=int(i) % 50) for i in range(N)],
        }
    )


def keep_table(served: Served, path: Path, data: Any, roles: Json | None = None) -> str:
    folder = path / "table"
    folder.mkdir()
    table = data if isinstance(data, pa.Table) else pa.Table.from_pandas(data)
    half = table.num_rows // 2
    for number, part in enumerate((table.slice(0, half), table.slice(half))):
        pq.write_table(part, folder / f"part-{number:05}.parquet", row_group_size=100)
    about = {"rows": table.num_rows, "roles": roles or {}}
    (folder / "table.json").write_text(json.dumps(about))
    return keep(served, folder, "table", inline=False)


@pytest.fixture(scope="module")
def table(served: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    return keep_table(served, tmp_path_factory.mktemp("t"), frame(), {"label": ["clicked"]})


def ask(served: Served, digest: str, **query: Any) -> Json:
    answer = served.client.get(f"/artifacts/{digest}/rows", params=query)
    assert answer.status_code == 200, answer.text
    page: Json = answer.json()
    return page


def test_rows_are_paged_in_the_order_of_the_table(served: Served, table: str) -> None:
    page = ask(served, table, offset=495, limit=10, columns="id")
    assert page["rows"] == [[number] for number in range(495, 505)]
    assert (page["offset"], page["total"]) == (495, N)
    assert len(ask(served, table)["rows"]) == 200
    assert ask(served, table, offset=N)["rows"] == []


def test_columns_come_in_the_order_asked_for_with_type_and_role(served: Served, table: str) -> None:
    page = ask(served, table, columns="clicked,id", limit=1)
    told = [(c["name"], c["type"], c["role"]) for c in page["columns"]]
    assert told == [("clicked", "bool", "label"), ("id", "int64", None)]


@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_ordered_and_equal_ones_keep_the_order_of_the_table(
    served: Served, table: str, descending: bool
) -> None:
    sign = "-" if descending else ""
    page = ask(served, table, order=f"{sign}a = b", columns="id", limit=1000)
    expected = frame().sort_values("a = b", ascending=not descending, kind="stable")["id"]
    assert [row[0] for row in page["rows"]] == list(expected)


def test_null_comes_last_in_either_order(served: Served, table: str) -> None:
    for order in ("price", "-price"):
        page = ask(served, table, order=order, columns="price", offset=N - 100)
        assert page["rows"] == [[None]] * 100


FILTERS = {
    "price>10": lambda f: f["price"] > 10,
    "price <= 9.5": lambda f: f["price"] <= 9.5,
    "city=Rome": lambda f: f["city"] == "Rome",
    "city!=x>y": lambda f: f["city"] != "x>y",
    "city=x>y": lambda f: f["city"] == "x>y",
    "city=l'Aquila": lambda f: f["city"] == "l'Aquila",
    "city~O": lambda f: f["city"].str.lower().str.contains("o"),
    "city!~o": lambda f: ~f["city"].str.lower().str.contains("o"),
    "clicked=true": lambda f: f["clicked"],
    "a = b>=3": lambda f: f["a = b"] >= 3,
    "a = b = 3": lambda f: f["a = b"] == 3,
    "price is null": lambda f: f["price"].isna(),
    "price IS NOT NULL": lambda f: f["price"].notna(),
    "day<2024-01-05": lambda f: f["day"] < dt.date(2024, 1, 5),
}


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_keeps_the_rows_that_it_says(served: Served, table: str, text: str) -> None:
    data = frame()
    expected = list(data[FILTERS[text](data)]["id"])
    page = ask(served, table, filter=text, columns="id", limit=1000)
    assert [row[0] for row in page["rows"]] == expected
    assert page["total"] == len(expected) > 0


def test_all_filters_must_hold_and_the_total_is_of_all_pages(served: Served, table: str) -> None:
    page = ask(served, table, filter=["city=Rome", "price>10"], limit=5)
    data = frame()
    assert page["total"] == ((data["city"] == "Rome") & (data["price"] > 10)).sum()
    assert len(page["rows"]) == 5


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"columns": "id,prise"}, "column.missing", "columns"),
        ({"order": "prise"}, "column.missing", "order"),
        ({"filter": "prise>1"}, "column.missing", "filter"),
        ({"filter": "price"}, "filter.form", "filter"),
        ({"filter": "price like 3"}, "filter.form", "filter"),
        ({"filter": "price>cheap"}, "filter.value", "filter"),
        ({"filter": "day=yesterday"}, "filter.value", "filter"),
        ({"filter": "id=1 OR 1=1"}, "filter.value", "filter"),
    ],
)
def test_a_question_that_cannot_be_is_refused_with_its_field(
    served: Served, table: str, query: Json, code: str, field: str
) -> None:
    (error,) = problem(served.client.get(f"/artifacts/{table}/rows", params=query), 422)["errors"]
    assert (error["code"], error["field"]) == (code, field)
    assert error["hint"]
    if "prise" in str(query):
        assert "'price'" in error["hint"]


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=1001", "offset=x"])
def test_a_page_that_cannot_be_is_422(served: Served, table: str, query: str) -> None:
    problem(served.client.get(f"/artifacts/{table}/rows?{query}"), 422)


def test_a_filter_is_a_value_and_never_a_part_of_the_query(served: Served, table: str) -> None:
    for text in ("city='; DROP TABLE x; --", 'city="', "city=" + "\\" * 9, "city=?"):
        assert ask(served, table, filter=text)["total"] == 0


def test_what_is_not_a_table_has_no_rows(served: Served, report: str) -> None:
    for path in ("rows", "statistics"):
        told = problem(served.client.get(f"/artifacts/{report}/{path}"), 422)
        assert told["errors"][0]["code"] == "artifact.kind"


def test_a_cell_and_a_reply_have_a_largest_size(served: Served, tmp_path: Path) -> None:
    text = pa.table({"text": ["é" * 20_000] * 500, "n": range(500)})
    page = served.client.get(f"/artifacts/{keep_table(served, tmp_path, text)}/rows?limit=500")
    rows = page.json()["rows"]
    assert rows[0][0] == "é" * MAX_CELL + "…"
    assert 1 <= len(rows) < 500
    assert len(page.content) < 2 * MAX_REPLY


def test_one_row_of_very_many_columns_fits_into_a_reply(served: Served, tmp_path: Path) -> None:
    wide = pa.table({f"c{number}": ["x" * 5000] for number in range(500)})
    page = served.client.get(f"/artifacts/{keep_table(served, tmp_path, wide)}/rows")
    assert len(page.json()["rows"]) == 1
    assert len(page.content) < 2 * MAX_REPLY


def test_values_that_json_has_not_are_told_as_text(served: Served, tmp_path: Path) -> None:
    data = pa.table({"big": [2**60], "list": [[1, None]], "time": [dt.datetime(2024, 1, 2, 3)]})
    page = ask(served, keep_table(served, tmp_path, data))
    assert page["rows"] == [[str(2**60), "[1, null]", "2024-01-02 03:00:00"]]


def statistics(served: Served, digest: str) -> dict[str, Json]:
    answer = served.client.get(f"/artifacts/{digest}/statistics")
    assert answer.status_code == 200, answer.text
    return {column["name"]: column for column in answer.json()["columns"]}


def test_statistics_are_those_of_pandas(served: Served, table: str) -> None:
    columns, data = statistics(served, table), frame()
    price, values = columns["price"], data["price"]
    assert (price["nulls"], price["distinct"]) == (values.isna().sum(), values.nunique())
    assert price["mean"] == pytest.approx(values.mean(), rel=1e-11)
    assert price["std"] == pytest.approx(values.std(ddof=0), rel=1e-11)
    assert (price["min"], price["max"]) == pytest.approx((values.min(), values.max()), rel=1e-11)
    expected, edges = np.histogram(values.dropna(), bins=20)
    assert [bin["count"] for bin in price["bins"]] == list(expected)
    assert [bin["from"] for bin in price["bins"]] == pytest.approx(list(edges[:-1]))
    assert price["top"] is None
    assert columns["clicked"]["role"] == "label"
    assert columns["day"]["max"] == "2024-02-19"


def test_top_values_are_the_most_frequent_ones_first(served: Served, table: str) -> None:
    counts = frame()["city"].value_counts()
    top = statistics(served, table)["city"]["top"]
    assert {item["value"]: item["count"] for item in top} == counts.to_dict()
    assert [item["count"] for item in top] == sorted(counts, reverse=True)
    assert statistics(served, table)["city"]["bins"] is None


def test_the_bins_hold_every_value_once_and_cover_the_range(served: Served, table: str) -> None:
    for column in statistics(served, table).values():
        if column["bins"]:
            assert sum(bin["count"] for bin in column["bins"]) == N - column["nulls"]
            edges = [bin["from"] for bin in column["bins"]] + [column["bins"][-1]["to"]]
            assert edges == sorted(edges)


def test_awkward_columns_have_statistics(served: Served, tmp_path: Path) -> None:
    data = pa.table(
        {
            "all null": pa.array([None, None], pa.float64()),
            "constant": [3, 3],
            "nested": [[1], [2]],
            "record": [{"x": 1}, {"x": 2}],
            "huge": [1e308, -1e308],
            "no type": pa.array([None, None]),
            "bytes": [b"\x00", b"b"],
            "time": [dt.datetime(2024, 1, 1), None],
        }
    )
    columns = statistics(served, keep_table(served, tmp_path, data))
    assert columns["constant"]["bins"] == [{"from": 3.0, "to": 3.0, "count": 2}]
    assert columns["all null"]["bins"] is None
    assert columns["nested"]["distinct"] is None
    assert len(columns) == 8


def test_an_empty_table_has_statistics_and_no_rows(served: Served, tmp_path: Path) -> None:
    digest = keep_table(served, tmp_path, pa.table({"x": pa.array([], pa.int64())}))
    assert statistics(served, digest)["x"]["nulls"] == 0
    assert ask(served, digest, order="x") == {
        "columns": [{"name": "x", "type": "int64", "role": None}],
        "rows": [],
        "offset": 0,
        "total": 0,
    }


def test_of_a_large_table_counts_are_exact_and_bins_of_a_sample(
    served: Served, tmp_path: Path
) -> None:
    n = 1_000_001
    digest = keep_table(served, tmp_path, pa.table({"x": range(n), "y": [i % 7 for i in range(n)]}))
    told = served.client.get(f"/artifacts/{digest}/statistics").json()
    assert (told["rows"], told["sample"]) == (n, 200_000)
    x, y = told["columns"]
    assert (x["min"], x["max"], x["mean"]) == (0, n - 1, (n - 1) / 2)
    assert sum(bin["count"] for bin in x["bins"]) == 200_000
    assert y["distinct"] == pytest.approx(7, abs=1)


def test_statistics_are_computed_once_for_a_digest(served: Served, tmp_path: Path) -> None:
    digest = keep_table(served, tmp_path, pa.table({"x": [1, 2, 3]}))
    first = served.client.get(f"/artifacts/{digest}/statistics").json()
    with served.database.read() as connection:
        kept = get_inspection(connection, digest, "statistics:1")
    assert kept is not None
    assert kept["rows"] == 3
    served.app.state.parts.inspector.stop()
    assert served.client.get(f"/artifacts/{digest}/statistics").json() == first


def upload(served: Served, name: str, content: bytes) -> None:
    assert served.client.put(f"/datasets/{name}", content=content).status_code == 201


def test_a_dataset_is_looked_at_as_the_reader_of_tables_reads_it(served: Served) -> None:
    upload(served, "look.csv", b"code,n\n007,1\n12,\n")
    page = served.client.get("/datasets/look.csv/rows").json()
    assert page["rows"] == [["007", 1], ["12", None]]
    assert [column["type"] for column in page["columns"]] == ["string", "int64"]
    columns = served.client.get("/datasets/look.csv/statistics").json()["columns"]
    assert [column["nulls"] for column in columns] == [0, 1]


def test_a_dataset_that_is_replaced_is_looked_at_anew(served: Served) -> None:
    looks: list[set[Path]] = []
    for content, rows in ((b"x\n1\n", [[1]]), (b"x\n2\n3\n", [[2], [3]])):
        upload(served, "again.csv", content)
        assert served.client.get("/datasets/again.csv/rows").json()["rows"] == rows
        looks.append(set((served.settings.home / "looks").iterdir()))
    assert len(looks[1] - looks[0]) == len(looks[0] - looks[1]) == 1  # the old one is gone


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bad.csv", b"x,y\n1\n", "csv.ragged"),
        ("bad.parquet", b"PAR1 no PAR1", "parquet.invalid"),
        ("unknown", b"x\n1\n", "file.format"),
    ],
)
def test_a_dataset_that_is_no_table_is_refused_as_the_reader_would(
    served: Served, name: str, content: bytes, code: str
) -> None:
    upload(served, name, content)
    for path in ("rows", "statistics"):
        told = problem(served.client.get(f"/datasets/{name}/{path}"), 422)
        assert told["errors"][0]["code"] == code
