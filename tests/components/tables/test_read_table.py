"""What `read_table` reads, as which types, and what it refuses with which row."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.tables.read_table import read_table
from studio.component import ComponentError, InputPath, TableWithRoles


def write(folder: Path, content: bytes | str, name: str = "data.csv") -> InputPath:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return InputPath(str(path))


def read(folder: Path, content: bytes | str, name: str = "data.csv", **parameters: Any) -> Any:
    return read_table(path=write(folder, content, name), **parameters)


def refusal(folder: Path, content: bytes | str, name: str = "data.csv", **parameters: Any) -> Any:
    with pytest.raises(ComponentError) as caught:
        read(folder, content, name, **parameters)
    return caught.value


def test_rows_get_their_ordinal(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n1,x\n2,y\n")
    assert table.to_pydict() == {"a": [1, 2], "b": ["x", "y"], "__row__": [0, 1]}
    assert table.schema.field("__row__").type == pa.int64()


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        (["1", "-2", ""], pa.int64(), [1, -2, None]),
        (["9223372036854775807", "0"], pa.int64(), [2**63 - 1, 0]),
        (["9223372036854775808", "0"], pa.string(), None),
        (["12345678901234567", "0.5"], pa.string(), None),
        (["007", "1"], pa.string(), None),
        (["00.5", "1"], pa.string(), None),
        (["0x1f", "1"], pa.string(), None),
        (["+5", "1"], pa.string(), None),
        (["NA", "1"], pa.string(), None),
        (["null", "1"], pa.string(), None),
        (["inf", "1"], pa.string(), None),
        (["nan", "1"], pa.string(), None),
        (["1e999", "1"], pa.string(), None),
        (["1", "2.5", "-1e-3", ""], pa.float64(), [1.0, 2.5, -0.001, None]),
        (["-0", "1"], pa.float64(), [-0.0, 1.0]),
        (["true", "False", ""], pa.bool_(), [True, False, None]),
        (["true", "1"], pa.string(), None),
        (["", ""], pa.string(), [None, None]),
        (["1", *["2"] * 300_000, "foo"], pa.string(), None),
    ],
)
def test_a_column_has_the_type_that_all_of_its_values_fit(
    tmp_path: Path, values: list[str], type_: pa.DataType, expected: list[Any] | None
) -> None:
    lines = [f"{value},x" for value in values]
    table = read(tmp_path, "\n".join(["a,b", *lines]))
    assert table.schema.field("a").type == type_
    assert table["a"].to_pylist() == (values if expected is None else expected)


def test_the_same_values_of_a_real_table_are_read_as_pandas_reads_them(tmp_path: Path) -> None:
    source = Path("../shared/data/porto_seguro/train.csv")
    if not source.exists():
        pytest.skip("the Porto Seguro sample is not there")
    ours = read_table(path=InputPath(str(source))).drop_columns(["__row__"]).to_pandas()
    pd.testing.assert_frame_equal(ours, pd.read_csv(source, float_precision="round_trip"))


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r")),
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r")),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_text_that_is_quoted_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("csv")
    quoted = "".join(
        f'"{a.replace(chr(34), chr(34) * 2)}","{b.replace(chr(34), chr(34) * 2)}"\n'
        for a, b in rows
    )
    types = {"a": "string", "b": "string"}
    table = read(folder, "a,b\n" + quoted, null_values=[], column_types=types)
    assert list(zip(table["a"].to_pylist(), table["b"].to_pylist(), strict=True)) == rows


@pytest.mark.parametrize(
    ("content", "parameters"),
    [
        (b"\xef\xbb\xbfa,b\n1,x\n", {}),
        (b"a,b\r\n1,x\r\n", {}),
        (b"a,b\r1,x\r", {}),
        (b"\n\na,b\n\n1,x\n\n", {}),
        (b"a,b\n1,x", {}),
        (b'"a","b"\n"1","x"\n', {}),
        (b"a;b\n1;x\n", {"separator": ";"}),
        (b"a\tb\n1\tx\n", {"separator": "\\t"}),
        ("a,b\n1,x\n".encode("utf-16"), {"encoding": "utf-16"}),
        (gzip.compress(b"a,b\n1,x\n", mtime=0), {}),
    ],
)
def test_spellings_of_the_same_table_are_read_alike(
    tmp_path: Path, content: bytes, parameters: dict[str, Any]
) -> None:
    table = read(tmp_path, content, **parameters)
    assert table.to_pydict() == {"a": [1], "b": ["x"], "__row__": [0]}


def test_a_file_that_is_only_a_header_is_a_table_without_rows(tmp_path: Path) -> None:
    for content in ("a,b\n", "a,b"):
        table = read(tmp_path, content)
        assert table.column_names == ["a", "b", "__row__"]
        assert table.num_rows == 0


def test_ten_thousand_columns_are_read(tmp_path: Path) -> None:
    names = ",".join(f"c{i}" for i in range(10_000))
    assert read(tmp_path, f"{names}\n{'1,' * 9_999}1\n").num_columns == 10_001


def test_a_field_larger_than_a_block_is_read(tmp_path: Path) -> None:
    table = read(tmp_path, f"a,b\n1,{'x' * 3_000_000}\n")
    assert len(table["b"][0].as_py()) == 3_000_000


def test_a_literal_quote_inside_of_a_text_is_kept(tmp_path: Path) -> None:
    assert read(tmp_path, 'a,b\n1,5" pipe\n')["b"].to_pylist() == ['5" pipe']


@pytest.mark.parametrize(
    ("content", "code", "row", "words"),
    [
        (b"", "csv.empty", None, "empty"),
        (b"\n\n\n", "csv.empty", None, "empty"),
        (b"a,b\n1,2\n3\n", "csv.ragged", 2, "1 fields, expected 2"),
        (b"a,b\n1,2\n\n3,4,5\n", "csv.ragged", 2, "3 fields, expected 2"),
        (b"a,b\n1,2\n3,x\0y\n", "csv.nul", 2, "column 2"),
        (b"a\0,b\n1,2\n", "csv.header", None, "NUL"),
        (b"a,b,a\n1,2,3\n", "csv.header", None, "'a' 2 times"),
        (b"a,,b,\n1,2,3,4\n", "csv.header", None, "no name for column 2, 4"),
        (b'a,b\n1,2\n3,"x\n4,5\n', "csv.quote", 2, "not closed"),
        (b'a,b\n1,"x\n5,"z"\n', "csv.quote", 1, "not closed"),
        (b'a,b\n1,"x', "csv.quote", 1, "not closed"),
        (b"a;b\n1;2\n", "csv.separator", None, "one column"),
        (b"a\tb\n1\t2\n", "csv.separator", None, "one column"),
        ("a,b\n1,é\n".encode("latin-1"), "csv.encoding", None, "offset 6"),
        ("a,é\n1,x\n".encode("latin-1"), "csv.encoding", None, "offset 2"),
        ("a,b\n1,x\n".encode("utf-16"), "csv.encoding", None, "offset 0"),
        ("a,b\n1,点击率\n".encode("gb18030"), "csv.encoding", None, "offset 6"),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-20], "file.gzip", None, "damaged"),
    ],
)
def test_a_damaged_csv_file_is_refused_with_its_row(
    tmp_path: Path, content: bytes, code: str, row: int | None, words: str
) -> None:
    error = refusal(tmp_path, content)
    assert (error.code, error.row) == (code, row)
    assert words in error.message
    assert error.hint


def test_a_ragged_row_is_found_far_down(tmp_path: Path) -> None:
    content = "a,b\n" + "1,2\n" * 200_000 + "3\n" + "1,2\n" * 10
    assert refusal(tmp_path, content).row == 200_001


@pytest.mark.parametrize(
    ("encoding", "guess"), [("utf-16", "utf-16"), ("gb18030", "gb18030"), ("latin-1", "cp1252")]
)
def test_a_wrong_encoding_is_guessed(tmp_path: Path, encoding: str, guess: str) -> None:
    text = "名,b\n点击率,x\n" if encoding == "gb18030" else "a,b\nété,x\n"
    error = refusal(tmp_path, text.encode(encoding))
    assert error.parameter == "encoding"
    assert guess in error.hint
    assert read(tmp_path, text.encode(encoding), encoding=guess).num_rows == 1


@pytest.mark.parametrize(
    ("parameters", "parameter", "hint"),
    [
        ({"encoding": "utf-88"}, "encoding", "gb18030"),
        ({"separator": "::"}, "separator", "tab"),
        ({"label": "clickd"}, "label", "'clicked'"),
        ({"column_types": {"clickd": "int64"}}, "column_types", "'clicked'"),
    ],
)
def test_a_wrong_parameter_is_named_with_the_way_out(
    tmp_path: Path, parameters: dict[str, Any], parameter: str, hint: str
) -> None:
    error = refusal(tmp_path, "clicked,age\n1,30\n", **parameters)
    assert error.parameter == parameter
    assert hint in error.hint


def test_declared_types_win(tmp_path: Path) -> None:
    types = {"a": "string", "b": "float64", "c": "date", "d": "timestamp", "e": "int64"}
    content = "a,b,c,d,e\n1, 2,2026-01-31,2026-01-31T10:00:00,007\n"
    table = read(tmp_path, content, column_types=types)
    assert [str(type_) for type_ in table.schema.types] == [
        "string",
        "double",
        "date32[day]",
        "timestamp[us]",
        "int64",
        "int64",
    ]
    assert table["e"].to_pylist() == [7]


def test_a_value_that_does_not_fit_its_declared_type_is_refused_with_its_row(
    tmp_path: Path,
) -> None:
    content = "a,b\n" + "1,2\n" * 200_000 + "foo,2\n" + "bar,2\n"
    error = refusal(tmp_path, content, column_types={"a": "int64"})
    assert (error.code, error.row) == ("column.type", 200_001)
    assert "'foo'" in error.message


def test_texts_in_null_values_are_null(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\nNA,""\n1,x\n', null_values=["", "NA"])
    assert table["a"].to_pylist() == [None, 1]
    assert table["b"].to_pylist() == [None, "x"]


def test_roles_travel_with_the_table(tmp_path: Path) -> None:
    result = read(tmp_path, "clicked,user\n1,7\n", label="clicked", group="user")
    assert isinstance(result, TableWithRoles)
    assert result.roles == {"label": ["clicked"], "group": ["user"]}


def test_a_missing_path_is_named() -> None:
    with pytest.raises(ComponentError, match=r"no file or folder 'nowhere.csv'") as caught:
        read_table(path=InputPath("/tmp/nowhere.csv"))
    assert caught.value.code == "file.missing"


def test_a_folder_is_read_in_name_order_and_typed_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path, "b,a\n3,x\n", "part-2.csv")
    write(tmp_path, "a,b\n1,2.5\n", "part-1.csv")
    write(tmp_path, "", "_SUCCESS")
    table = read_table(path=InputPath(str(tmp_path)))
    assert table.to_pydict() == {"a": ["1", "x"], "b": [2.5, 3.0], "__row__": [0, 1]}


@pytest.mark.parametrize(
    ("first", "second", "code", "words"),
    [
        ("one.csv", "two.csv", "schema.drift", "two.csv lacks 'b' and also has 'c'"),
        ("one.csv", "two.parquet", "file.mixed_formats", "two.parquet (parquet)"),
        ("one.csv", "two.xlsx", "file.format", "two.xlsx"),
    ],
)
def test_files_of_a_folder_that_differ_are_refused(
    tmp_path: Path, first: str, second: str, code: str, words: str
) -> None:
    write(tmp_path, "a,b\n1,2\n", first)
    write(tmp_path, "a,c\n1,2\n", second)
    with pytest.raises(ComponentError) as caught:
        read_table(path=InputPath(str(tmp_path)))
    assert caught.value.code == code
    assert words in caught.value.message


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ComponentError, match="holds no files"):
        read_table(path=InputPath(str(tmp_path)))


def test_a_parquet_file_keeps_its_types_and_is_renumbered(tmp_path: Path) -> None:
    source = pa.table(
        {"a": pa.array(["x", "y"]).dictionary_encode(), "f": [1.5, float("nan")], "__row__": [8, 9]}
    )
    pq.write_table(source, tmp_path / "t.parquet")
    table = read_table(path=InputPath(str(tmp_path / "t.parquet")), column_types={"f": "string"})
    assert table.to_pydict() == {"a": ["x", "y"], "f": ["1.5", "nan"], "__row__": [0, 1]}


def test_parquet_files_of_other_types_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": ["x"]}), tmp_path / "2.parquet")
    with pytest.raises(ComponentError, match=r"'a' is int64 in 1.parquet, string in 2.parquet"):
        read_table(path=InputPath(str(tmp_path)))


def test_bytes_that_are_not_parquet_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"PAR1 no", "t.parquet").code == "parquet.invalid"
    assert refusal(tmp_path, b"a,b\n1,2\n", format="parquet").code == "parquet.invalid"


def test_json_lines_keep_texts_that_look_like_times(tmp_path: Path) -> None:
    content = '{"a":1,"b":"2026-01-31"}\n\n{"a":2.5,"c":["x","y"]}\n'
    table = read(tmp_path, content, "t.jsonl")
    assert table.to_pydict() == {
        "a": [1.0, 2.5],
        "b": ["2026-01-31", None],
        "c": [None, ["x", "y"]],
        "__row__": [0, 1],
    }


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        ("", "jsonl.empty", None),
        ('{"a":1}\n{"a":\n', "jsonl.invalid", 2),
        ('{"a":1}\n[1]\n', "jsonl.invalid", 2),
        ('{"a":1}\n{"a":"x"}\n', "jsonl.invalid", None),
        ('{"a":9007199254740993}\n{"a":0.5}\n', "jsonl.number", None),
        (b'{"a":"\xff"}\n', "csv.encoding", None),
    ],
)
def test_damaged_json_lines_are_refused_with_their_row(
    tmp_path: Path, content: bytes | str, code: str, row: int | None
) -> None:
    error = refusal(tmp_path, content, "t.jsonl")
    assert (error.code, error.row) == (code, row)
