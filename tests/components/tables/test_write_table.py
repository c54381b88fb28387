"""Files that are read back as they were written, and only into the folder for exports."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from components.tables.read_table import read_table
from components.tables.write_table import write_table
from studio.component import ComponentError, InputPath, context

TABLE = pa.table(
    {
        "__row__": [0, 1, 2],
        "id": [2**53 + 1, -(2**63), None],
        "price": [0.1, -0.0, None],
        "city": ['a "quoted", text', "點擊\n🙂", None],
        "new": [True, False, None],
        "day": [datetime.date(2024, 2, 29), None, datetime.date(1999, 1, 1)],
    }
)


@pytest.fixture
def exports(tmp_path: Path) -> Iterator[Path]:
    context.exports = tmp_path / "exports"
    yield tmp_path / "exports"
    context.exports = None


def refusal(table: pa.Table = TABLE, **parameters: Any) -> ComponentError:
    with pytest.raises(ComponentError) as caught:
        write_table(table, **parameters)
    return caught.value


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.parquet", "a.jsonl", "deep/er/a.ndjson"])
def test_a_table_is_read_back_as_it_was_written(exports: Path, name: str) -> None:
    separator = "\t" if name.endswith("tsv") else ","
    report = write_table(TABLE, path=name, separator=separator).document
    assert report["metrics"] == {
        "rows": 3,
        "columns": 5,
        "bytes": (exports / name).stat().st_size,
    }
    types: dict[str, Any] = {} if name.endswith("parquet") else {"day": "date"}
    read: Any = read_table(path=InputPath(exports / name), separator=separator, column_types=types)
    assert read.select(TABLE.column_names).to_pylist() == TABLE.to_pylist()
    assert [path.name for path in exports.rglob("*") if path.is_file()] == [Path(name).name]


def test_the_platforms_columns_are_written_on_request(exports: Path) -> None:
    write_table(TABLE, path="a.csv", ordinals=True)
    assert (exports / "a.csv").read_text().startswith('"__row__","id"')


@pytest.mark.parametrize(
    "path", ["../a.csv", "/tmp/a.csv", "a/../../b.csv", ".", "link/a.csv", "a\0.csv"]
)
def test_no_path_leads_out_of_the_folder(exports: Path, tmp_path: Path, path: str) -> None:
    exports.mkdir()
    (exports / "link").symlink_to(tmp_path)
    assert refusal(path=path).code == "export.outside"
    assert not list(tmp_path.glob("*.csv"))


def test_a_file_is_replaced_or_kept(exports: Path) -> None:
    write_table(TABLE, path="a.csv")
    write_table(TABLE.slice(0, 1), path="a.csv")
    content = (exports / "a.csv").read_bytes()
    assert refusal(path="a.csv", existing="refuse").code == "export.exists"
    assert (exports / "a.csv").read_bytes() == content


def test_a_name_without_a_format_is_refused(exports: Path) -> None:
    assert refusal(path="table").code == "file.format"
    write_table(TABLE, path="table", format="jsonl")


def test_what_csv_cannot_hold_is_refused_and_leaves_no_file(exports: Path) -> None:
    error = refusal(pa.table({"list": [[1], [2, 3]]}), path="a.csv")
    assert error.code == "export.failed"
    assert list(exports.iterdir()) == []


def test_outside_of_a_studio_nothing_is_written() -> None:
    assert refusal(path="a.csv").code == "export.exports"
