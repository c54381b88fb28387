"""Bad data ends in an error that says where and what to do, or is mended as was asked for."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from components.ctr.encode import encode
from components.ctr.feature_map import feature_map
from components.ctr.feature_report import feature_report
from components.tables.join import join
from components.tables.read_table import read_table
from studio.component import ComponentError, InputPath

Bind = Callable[[pa.Table], ibis.Table]


def read(folder: Path, content: bytes, **parameters: Any) -> pa.Table:
    path = folder / "table.csv"
    path.write_bytes(content)
    table: Any = read_table(path=InputPath(path), **parameters)
    data: pa.Table = table.drop_columns(["__row__"])
    return data


# name: content, parameters, code, row, what the message or the hint says
REFUSED: dict[str, tuple[bytes, dict[str, Any], str, int | None, str]] = {
    "a short row": (b"a,b\n1,2\n3\n", {}, "csv.ragged", 2, "1 fields, expected 2"),
    "a long row": (b"a,b\n1,2,3\n", {}, "csv.ragged", 1, "3 fields, expected 2"),
    "a NUL": (b"a,b\n1,2\n3,x\0\n", {}, "csv.nul", 2, "column 2"),
    "UTF-16": ("a,b\n1,2\n".encode("utf-16"), {}, "csv.encoding", None, "utf-16"),
    "Latin-1": ("a\né\n".encode("latin-1"), {}, "csv.encoding", None, "offset 2"),
    "a name twice": (b"a,b,a\n1,2,3\n", {}, "csv.header", None, "'a' 2 times"),
    "a blank name": (b"a,,b\n1,2,3\n", {}, "csv.header", None, "column 2"),
    "an empty file": (b"", {}, "csv.empty", None, "line of column names"),
    "only newlines": (b"\n\r\n\n", {}, "csv.empty", None, "empty"),
    "an open quote": (b'a,b\n1,2\n3,"x\n4,5\n', {}, "csv.quote", 2, "not closed"),
    "another separator": (b"a;b\n1;2\n", {}, "csv.separator", None, "semicolon"),
    "a text among numbers": (
        b"a\n" + b"1\n" * 200_000 + b"foo\n",
        {"column_types": {"a": "int64"}},
        "column.type",
        200_001,
        "'foo'",
    ),
    "beyond 64 bits": (
        b"a\n9223372036854775808\n",
        {"column_types": {"a": "int64"}},
        "column.type",
        1,
        "9223372036854775808",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_with_its_row_and_the_way_out(name: str, tmp_path: Path) -> None:
    content, parameters, code, row, words = REFUSED[name]
    with pytest.raises(ComponentError) as caught:
        read(tmp_path, content, **parameters)
    error = caught.value
    assert (error.code, error.row) == (code, row)
    assert words in f"{error.message} {error.hint}"
    assert error.parameter


# name: content, parameters, the columns
ACCEPTED: dict[str, tuple[bytes, dict[str, Any], dict[str, list[Any]]]] = {
    "a byte order mark": (b"\xef\xbb\xbfa,b\n1,2\n", {}, {"a": [1], "b": [2]}),
    "CR for line ends": (b"a,b\r1,2\r3,4\r", {}, {"a": [1, 3], "b": [2, 4]}),
    "UTF-16, declared": ("a\né\n".encode("utf-16"), {"encoding": "utf-16"}, {"a": ["é"]}),
    "a header only": (b"a,b\n", {}, {"a": [], "b": []}),
    "leading zeros": (b"a\n007\n1\n", {}, {"a": ["007", "1"]}),
    "words for missing": (b"a\nNA\nnull\nNone\n", {}, {"a": ["NA", "null", "None"]}),
    "words for missing, told": (b"a\nNA\n1\n", {"null_values": ["NA"]}, {"a": [None, 1]}),
    "infinity": (b"a\ninf\n1\n", {}, {"a": ["inf", "1"]}),
    "beyond 64 bits": (b"a\n9223372036854775808\n", {}, {"a": ["9223372036854775808"]}),
    "a short row, repaired": (
        b"a,b\n1,2\n3\n4,5,6\n",
        {"damaged": "repair"},
        {"a": [1, 3, 4], "b": [2, None, 5]},
    ),
    "a short row, skipped": (
        b"a,b\n1,2\n3\n4,5,6\n",
        {"damaged": "skip"},
        {"a": [1], "b": [2]},
    ),
    "a NUL, removed": (b"a,b\n1,x\0y\n", {"damaged": "repair"}, {"a": [1], "b": ["xy"]}),
    "names, made unique": (
        b"a,,a,a_2\n1,2,3,4\n",
        {"damaged": "repair"},
        {"a": [1], "column_2": [2], "a_3": [3], "a_2": [4]},
    ),
    "quotes, kept while repaired": (
        b'a,b\n"x, ""y""\nz",1\n2\n',
        {"damaged": "repair"},
        {"a": ['x, "y"\nz', "2"], "b": [1, None]},
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_file_is_read_as_documented(name: str, tmp_path: Path) -> None:
    content, parameters, columns = ACCEPTED[name]
    assert read(tmp_path, content, **parameters).to_pydict() == columns


def test_what_is_mended_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read(tmp_path, b"a,b,a\n1\n1,2,3\n\0,1,1,1\n", damaged="repair")
    for words in ("1 NUL characters", "1 columns given new names", "2 rows filled up or cut"):
        assert words in caplog.text


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(10_000))
    assert read(tmp_path, f"{names}\n{'1,' * 9_999}1\n".encode()).num_columns == 10_000


def test_a_field_of_100_mb_is_refused(tmp_path: Path) -> None:
    """In a process of its own: it takes half a gigabyte for a moment."""
    path = tmp_path / "large.csv"
    path.write_bytes(b'a,b\n1,"' + b"x" * (100 << 20) + b'"\n')
    code = (
        "import sys; from components.tables.read_table import read_table\n"
        "from studio.component import ComponentError, InputPath\n"
        "try: read_table(path=InputPath(sys.argv[1]))\n"
        "except ComponentError as error: print(error.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "csv.field_too_large"


TRAIN = pa.table(
    {
        "city": ["Oslo", "Rome", "Oslo", "Rome"],
        "price": [1.0, 2.0, 3.0, 4.0],
        "clicked": [0, 1, 0, 1],
    }
)


@pytest.mark.parametrize(
    ("labels", "examples"),
    [
        ([0.0, math.nan, math.inf, -1.0], "row 2 holds nan, row 3 holds inf, row 4 holds -1.0"),
        (["yes", "no", "no", "yes"], "row 1 holds 'yes', row 2 holds 'no', row 3 holds 'no'"),
    ],
)
def test_labels_that_are_none_are_refused_with_examples_or_left_out(
    on_duckdb: Bind, labels: list[Any], examples: str
) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    table = TRAIN.set_column(2, "clicked", pa.array(labels))
    with pytest.raises(ComponentError) as caught:
        encode(table, fitted)
    assert caught.value.code == "label.invalid"
    assert examples in caught.value.message
    kept = encode(table, fitted, invalid_labels="drop").document["rows"]
    assert kept == (1 if labels[0] == 0.0 else 0)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([None] * 4, "no value that occurs often enough"),
        (["x"] * 4, "the same value in every row"),
        (["a", "b", "c", "d"], "another value in every row"),
    ],
)
def test_a_column_with_nothing_to_learn_is_warned_of(
    on_duckdb: Bind, values: list[Any], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    column = pa.array(values, pa.string())
    feature_map(on_duckdb(TRAIN.append_column("odd", column)), label="clicked")
    assert f"'odd' has {words}" in caplog.text


def test_values_that_were_not_in_training_are_unknown_and_counted(on_duckdb: Bind) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    other = TRAIN.set_column(0, "city", pa.array(["Oslo", "Bonn", "Bonn", "Kyiv"]))
    city = feature_report(other, fitted).document["fields"][0]
    assert (city["covered"], city["unknown"]) == (0.25, 0.75)


@pytest.mark.parametrize(
    ("table", "code", "words"),
    [
        (TRAIN.drop_columns(["city", "price"]), "schema.drift", "'city', 'price'"),
        (TRAIN.set_column(1, "price", pa.array(["1", "x", "3", "4"])), "column.type", "'x'"),
    ],
)
def test_a_table_of_other_columns_is_refused(
    on_duckdb: Bind, table: pa.Table, code: str, words: str
) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    with pytest.raises(ComponentError) as caught:
        encode(table, fitted)
    assert caught.value.code == code
    assert words in caught.value.message


def test_columns_in_another_order_and_more_of_them_are_fine(on_duckdb: Bind) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    turned = TRAIN.select(["clicked", "price", "city"]).append_column("more", pa.array([1] * 4))
    ours, theirs = (encode(table, fitted).arrays["feat_index"] for table in (TRAIN, turned))
    assert ours.tolist() == theirs.tolist()


def test_a_join_without_a_match_is_refused(on_duckdb: Bind) -> None:
    right = on_duckdb(pa.table({"city": ["Bonn"], "size": [1]}))
    with pytest.raises(ComponentError) as caught:
        join(on_duckdb(TRAIN), right, on=["city"])
    assert caught.value.code == "data.no_rows"
    assert "'city'" in caught.value.message


def test_a_join_that_explodes_is_refused_before_it_is_made(on_duckdb: Bind) -> None:
    side = pa.table({"k": pa.array([1] * 40_000)})
    with pytest.raises(ComponentError) as caught:
        join(on_duckdb(side), on_duckdb(side), on=["k"])
    assert caught.value.code == "join.too_many_rows"
    assert "1,600,000,000 rows, from 40,000 and 40,000" in caught.value.message
