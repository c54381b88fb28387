"""What a query gives, that it sees its inputs only, and errors that name the line."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.tables import sql as module
from components.tables._sql import LockedEngine
from components.tables.sql import sql
from studio.component import ComponentError, Schema

CLICKS = pa.table(
    {
        "__row__": [0, 1, 2, 3],
        "user": [1, 2, 1, None],
        "price": [0.5, 1.5, 2.5, None],
        "clicked": [1, 0, 1, 0],
    }
)
USERS = pa.table({"__row__": [0, 1], "user": [1, 2], "city": ["Oslo", "點擊 🙂"]})


def ask(query: str, timeout: float = 60, **tables: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sql(query=query, timeout=timeout, **tables).to_pylist()
    return rows


def refusal(query: str, timeout: float = 60, **tables: pa.Table) -> ComponentError:
    with pytest.raises(ComponentError) as caught:
        sql(query=query, timeout=timeout, **(tables or {"t1": CLICKS, "t2": USERS}))
    assert caught.value.parameter == "query"
    return caught.value


@pytest.mark.parametrize("name", ["t1", "${t1}", "T1"])
def test_an_input_is_named_as_here_or_as_in_pai(name: str) -> None:
    rows = ask(f"SELECT user, clicked FROM {name} WHERE clicked = 1", t1=CLICKS)
    assert rows == [
        {"user": 1, "clicked": 1, "__row__": 0},
        {"user": 1, "clicked": 1, "__row__": 1},
    ]


def test_inputs_are_joined_and_summed() -> None:
    query = """
        WITH spent AS (SELECT user, sum(clicked) AS clicks FROM t1 GROUP BY ALL)
        SELECT city, clicks FROM spent JOIN t4 USING (user) ORDER BY city
    """
    assert ask(query, t1=CLICKS, t4=USERS) == [
        {"city": "Oslo", "clicks": 2, "__row__": 0},
        {"city": "點擊 🙂", "clicks": 0, "__row__": 1},
    ]


def test_no_input_is_needed() -> None:
    assert ask("SELECT i FROM range(3) AS t(i);") == [{"i": n, "__row__": n} for n in range(3)]


def test_sums_of_whole_numbers_are_whole_numbers_of_64_bits() -> None:
    table = sql(query="SELECT sum(user) AS s, count(*) AS n FROM t1", timeout=9, t1=CLICKS)
    assert [str(field.type) for field in table.schema] == ["int64", "int64", "int64"]
    error = refusal("SELECT sum(9223372036854775807) AS s FROM t1", t1=CLICKS)
    assert error.code == "sql.value"


HOSTILE = {
    "a file by its name": "SELECT * FROM '{folder}/secret.parquet'",
    "a file by a reader": "SELECT * FROM read_parquet('{folder}/secret.parquet')",
    "a CSV": "SELECT * FROM read_csv('/etc/passwd')",
    "a text": "SELECT * FROM read_text('/etc/passwd')",
    "a blob": "SELECT content FROM read_blob('/etc/passwd')",
    "JSON": "SELECT * FROM read_json('/etc/passwd')",
    "a list of files": "SELECT * FROM glob('/etc/*')",
    "in a subquery": "SELECT (SELECT count(*) FROM read_text('/etc/passwd')) AS n",
    "in a CTE": "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "in a lateral join": "SELECT * FROM t1, LATERAL (SELECT * FROM glob('/*')) AS g",
    "in a set": "SELECT 1 AS n UNION ALL SELECT count(*) FROM glob('/*')",
    "the environment": "SELECT getenv('PATH') AS p",
    "a setting": "SELECT current_setting('temp_directory') AS p",
    "all settings": "SELECT * FROM duckdb_settings()",
    "secrets": "SELECT * FROM duckdb_secrets()",
    "a query in a text": "SELECT * FROM query('SELECT 1')",
    "a table by a text": "SELECT * FROM query_table('t1')",
    "a pointer": "SELECT * FROM arrow_scan(1, 2, 3)",
    "the catalogue": "SELECT * FROM information_schema.tables",
    "another schema": "SELECT * FROM main.sqlite_master",
    "a Python variable": "SELECT * FROM python_variable",
    "an input that is not connected": "SELECT * FROM t3",
    "COPY": "COPY t1 TO '{folder}/out.csv'",
    "COPY of a query": "COPY (SELECT 1) TO '{folder}/out.csv'",
    "EXPORT": "EXPORT DATABASE '{folder}'",
    "ATTACH": "ATTACH '{folder}/x.db'",
    "INSTALL": "INSTALL httpfs",
    "LOAD": "LOAD httpfs",
    "SET": "SET memory_limit = '100GB'",
    "RESET": "RESET lock_configuration",
    "PRAGMA": "PRAGMA version",
    "CALL": "CALL pragma_version()",
    "CREATE": "CREATE TABLE x AS SELECT 1",
    "a macro": "CREATE MACRO f(x) AS x",
    "DROP": "DROP VIEW t1",
    "INSERT": "INSERT INTO t1 VALUES (1)",
    "INSERT in a CTE": "WITH x AS (INSERT INTO t1 VALUES (1)) SELECT 1 AS n",
    "DESCRIBE": "DESCRIBE t1",
    "EXPLAIN": "EXPLAIN SELECT 1",
    "two statements": "SELECT 1; SELECT 2",
    "a statement behind a comment": "SELECT 1 --\n; COPY t1 TO '{folder}/out.csv'",
    "nothing": "-- nothing",
    "SECRET": "CREATE SECRET s (TYPE s3)",
    "BEGIN": "BEGIN",
    "PREPARE": "PREPARE p AS SELECT 1",
}

python_variable = pa.table({"secret": [1]})


@pytest.mark.parametrize("name", HOSTILE)
def test_a_query_reaches_its_inputs_only(name: str, tmp_path: Path) -> None:
    pq.write_table(CLICKS, tmp_path / "secret.parquet")
    error = refusal(HOSTILE[name].format(folder=tmp_path))
    assert error.code in ("sql.not_allowed", "sql.name"), error.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.parquet"]


@pytest.mark.parametrize(
    ("query", "word"), [("COPY t1 TO 'x'", "COPY"), ("SELECT 1; SELECT 2", "2 statements")]
)
def test_a_refusal_names_the_statement(query: str, word: str) -> None:
    error = refusal(query)
    assert error.code == "sql.not_allowed"
    assert word in error.message
    assert "one SELECT" in str(error.hint)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_engine_alone_refuses_what_reaches_beyond_it(name: str, tmp_path: Path) -> None:
    """The lock holds without the look at the syntax tree: both have to fail for a leak."""
    pq.write_table(CLICKS, tmp_path / "secret.parquet")
    engine = LockedEngine({"t1": CLICKS})
    with contextlib.suppress(Exception):
        engine._connection.execute(HOSTILE[name].format(folder=tmp_path)).fetchall()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.parquet"]
    content = "file" in name or name in ("a CSV", "a text", "a blob", "JSON")
    if content:
        with pytest.raises(Exception, match=r"disabled|denied|not exist"):
            engine._connection.execute(HOSTILE[name].format(folder=tmp_path))


@pytest.mark.parametrize(
    ("query", "code", "line", "hint"),
    [
        ("SELECT\n  user,\n  prise\nFROM t1", "sql.name", 3, "price"),
        ("SELECT user\nFROM t1\nWHERE user = = 1", "sql.syntax", 3, ""),
        ("SELECT user\nFROM t9", "sql.not_allowed", 2, "t1"),
        ("SELECT\n lenght(city) AS n\nFROM t2", "sql.name", 2, "length"),
        ("SELECT\n CAST(city AS int) AS n FROM t2", "sql.value", 2, "try_cast"),
        ("SELECT 1 AS a\n\nFROM glob('x')", "sql.not_allowed", 3, ""),
    ],
)
def test_an_error_names_its_line(query: str, code: str, line: int, hint: str) -> None:
    error = refusal(query)
    assert error.code == code
    assert f"(line {line})" in error.message
    assert error.line == line
    assert hint in str(error.hint)


def test_two_columns_of_one_name_are_refused() -> None:
    error = refusal("SELECT user AS a, price AS a FROM t1")
    assert error.code in ("column.exists", "sql.name")


def test_a_query_without_an_end_is_ended() -> None:
    began = time.monotonic()
    query = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r"
    assert refusal(query, timeout=1, t1=CLICKS).code == "sql.timeout"
    assert time.monotonic() - began < 20


def test_the_columns_are_known_before_a_run() -> None:
    schema = module._schema(
        Schema({"__row__": "int64", "user": "int64", "price": "double", "day": "date32[day]"}),
        None,
        None,
        None,
        query="SELECT user, sum(price) AS spent, count(*) AS n, min(day) AS first"
        " FROM t1 GROUP BY 1 -- by user",
        timeout=60,
    )
    assert {name: str(type_) for name, type_ in schema.types.items()} == {
        "user": "int64",
        "spent": "double",
        "n": "int64",
        "first": "date32[day]",
        "__row__": "int64",
    }


def test_a_wrong_column_is_told_before_a_run() -> None:
    with pytest.raises(ComponentError) as caught:
        module._schema(
            Schema({"a": "int64"}), None, None, None, query="SELECT b FROM t1", timeout=1
        )
    assert caught.value.code == "sql.name"
