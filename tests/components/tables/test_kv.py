"""Sparse texts are written and read back, and what is no pair is refused with its row."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.tables.kv_to_table import kv_to_table
from components.tables.table_to_kv import table_to_kv
from studio.component import ComponentError

TABLE = pa.table(
    {
        "id": ["a", "b", "c"],
        "x": [1.5, 0.0, math.nan],
        "n": [0, -(2**62), None],
        "b": [True, False, None],
    }
)


def refusal(function: Any, table: pa.Table, **parameters: Any) -> ComponentError:
    with pytest.raises(ComponentError) as caught:
        function(table, **parameters)
    return caught.value


def test_numbers_become_pairs_without_zeros_and_missing_ones() -> None:
    table = table_to_kv(TABLE, columns=["x", "n", "b"])
    assert table.to_pydict() == {
        "id": ["a", "b", "c"],
        "kv": ["0:1.5,2:1", "1:-4611686018427387904", ""],
    }


def test_keys_separators_and_zeros_are_as_set() -> None:
    table = table_to_kv(
        TABLE,
        columns=["x", "b"],
        keys={"x": 7},
        kv="s",
        zeros=True,
        item_separator=" ",
        pair_separator="=",
    )
    assert table["s"].to_pylist() == ["1=1 7=1.5", "1=0 7=0", ""]


def test_pairs_become_columns_in_the_order_of_their_keys() -> None:
    table = pa.table({"id": [1, 2, 3], "kv": ["10:1,2:0.5", None, " 2 : 1 , 2:1,x:3"]})
    assert kv_to_table(table, column="kv").to_pydict() == {
        "id": [1, 2, 3],
        "f_2": [0.5, 0.0, 2.0],
        "f_10": [1.0, 0.0, 0.0],
        "f_x": [0.0, 0.0, 3.0],
    }


def test_chosen_keys_only(caplog: pytest.LogCaptureFixture) -> None:
    table = kv_to_table(
        pa.table({"kv": ["1:1,2:2", "3:3"]}), column="kv", keys=["2", "9"], prefix="k", absent=None
    )
    assert table.to_pydict() == {"k2": [2.0, None], "k9": [None, None]}
    assert "2 pairs of other keys" in caplog.text


@settings(max_examples=50, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False), st.floats(-1e6, 1e6), st.none()
        ),
        min_size=1,
    )
)
def test_what_is_written_is_read_back(rows: list[tuple[float, float, None]]) -> None:
    names = ["0", "1", "2"]
    columns = [pa.array(column, pa.float64()) for column in zip(*rows, strict=True)]
    table = pa.table(dict(zip(names, columns, strict=True)))
    again = kv_to_table(table_to_kv(table, columns=names), column="kv", keys=["0", "1"], prefix="")
    assert again.to_pydict() == table.select(["0", "1"]).to_pydict()


@pytest.mark.parametrize(
    ("text", "what"), [("1:2,3", "'3'"), ("1:x", "'1:x'"), ("1:", "'1:'"), ("a:nan", "'a:nan'")]
)
def test_what_is_no_pair_is_refused_with_its_row(text: str, what: str) -> None:
    error = refusal(kv_to_table, pa.table({"kv": ["1:1", text]}), column="kv")
    assert (error.code, error.row) == ("kv.invalid", 2)
    assert what in error.message


@pytest.mark.parametrize(
    ("function", "parameters", "code"),
    [
        (table_to_kv, {"columns": ["id"]}, "column.type"),
        (table_to_kv, {"columns": ["y"]}, "column.missing"),
        (table_to_kv, {"columns": ["x", "n"], "keys": {"x": 1}}, "kv.keys"),
        (table_to_kv, {"columns": ["x"], "kv": "id"}, "column.exists"),
        (kv_to_table, {"column": "x"}, "column.type"),
        (kv_to_table, {"column": "id"}, "kv.invalid"),
    ],
)
def test_what_does_not_apply_is_refused(
    function: Any, parameters: dict[str, Any], code: str
) -> None:
    assert refusal(function, TABLE, **parameters).code == code


def test_too_many_keys_are_refused() -> None:
    table = pa.table({"kv": [",".join(f"{n}:1" for n in range(11))]})
    assert refusal(kv_to_table, table, column="kv", max_columns=10).code == "kv.too_many"
