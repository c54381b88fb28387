"""A macro: computed on the rows, blind to everything else."""

import math

import pyarrow as pa
import pytest
from duckdb_macro import duckdb_macro

TABLE = pa.table({"amount": [0.0, 1.0, None, -5.0], "b c": [1, 2, 3, 4]})


def test_the_expression_is_computed_row_by_row():
    result = duckdb_macro(TABLE)["value"].to_pylist()
    assert result == pytest.approx([0.0, math.log(2), None, math.log(6)])
    assert duckdb_macro(TABLE, body="a * b", columns=["amount", "b c"])["value"].to_pylist() == [
        0.0,
        2.0,
        None,
        -20.0,
    ]


@pytest.mark.parametrize(
    "body", ["(select content from read_text('/etc/hostname'))", "a) ; drop table x; --", "nope(a)"]
)
def test_files_and_statements_are_refused_in_words(body):
    with pytest.raises(Exception, match="DuckDB"):
        duckdb_macro(TABLE, body=body)
