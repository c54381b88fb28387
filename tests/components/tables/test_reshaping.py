"""What each component on tables gives, worked out by hand; and what it refuses."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.component import ComponentError

Bind = Callable[[pa.Table], ibis.Table]

CLICKS = pa.table(
    {
        "__row__": [0, 1, 2, 3, 4],
        "user": [1, 2, 1, None, 2],
        "price": [0.5, None, 2.5, 4.0, 1.0],
        "city": ["Oslo", "Rome", None, "Rome", "Bonn"],
    }
)
USERS = pa.table({"__row__": [0, 1, 2], "user": [2, 1, 9], "age": [30, 40, 50]})


def run(name: str, *tables: Any, **parameters: Any) -> Any:
    function = getattr(importlib.import_module(f"components.tables.{name}"), name)
    return function(*tables, **parameters)


def column(table: ibis.Table, name: str) -> list[Any]:
    values: list[Any] = table.to_pyarrow()[name].to_pylist()
    return values


def rows(table: ibis.Table) -> list[int]:
    return column(table, "__row__")


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ({"column": "user", "value": 1}, [0, 2]),
        ({"column": "user", "operator": "!=", "value": 1}, [1, 4]),
        ({"column": "price", "operator": ">=", "value": 1}, [2, 3, 4]),
        ({"column": "city", "operator": "in", "values": ["Oslo", "Bonn"]}, [0, 4]),
        ({"column": "city", "operator": "not in", "values": ["Oslo", "Bonn"]}, [1, 3]),
        ({"column": "city", "operator": "is null"}, [2]),
        ({"column": "city", "operator": "is not null"}, [0, 1, 3, 4]),
    ],
)
def test_rows_that_meet_a_condition_are_kept_and_all_others_are_the_rest(
    on_duckdb: Bind, condition: dict[str, Any], kept: list[int]
) -> None:
    outputs = run("filter_rows", on_duckdb(CLICKS), **condition)
    assert rows(outputs.kept) == kept
    assert rows(outputs.rest) == [row for row in range(5) if row not in kept]


def test_columns_are_chosen_in_order_renamed_and_the_ordinal_stays(on_duckdb: Bind) -> None:
    table = run(
        "select_columns", on_duckdb(CLICKS), columns=["price", "user"], rename={"user": "who"}
    )
    assert table.columns == ("price", "who", "__row__")
    assert column(table, "who") == [1, 2, 1, None, 2]
    assert run("select_columns", on_duckdb(CLICKS), drop=["__row__", "city"]).columns == (
        "user",
        "price",
    )


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("inner", [(0, 40), (1, 30), (2, 40), (4, 30)]),
        ("left", [(0, 40), (1, 30), (2, 40), (3, None), (4, 30)]),
        ("outer", [(0, 40), (1, 30), (2, 40), (3, None), (4, 30), (None, 50)]),
    ],
)
def test_joined_rows_come_in_the_order_of_the_left_table(
    on_duckdb: Bind, how: str, expected: list[tuple[int | None, int | None]]
) -> None:
    left = on_duckdb(CLICKS.append_column("n", CLICKS["__row__"]))
    table = run("join", left, on_duckdb(USERS), on=["user"], how=how)
    assert list(zip(column(table, "n"), column(table, "age"), strict=True)) == expected
    assert rows(table) == list(range(len(expected)))
    if how == "outer":
        assert column(table, "user")[-1] == 9


def test_columns_of_one_name_get_the_suffix(on_duckdb: Bind) -> None:
    right = USERS.append_column("price", pa.array([7.0, 8.0, 9.0]))
    table = run("join", on_duckdb(CLICKS), on_duckdb(right), on=["user"], suffix="_paid")
    assert column(table, "price_paid") == [8.0, 7.0, 8.0, 7.0]


def test_every_group_is_summarised(on_duckdb: Bind) -> None:
    table = run(
        "aggregate",
        on_duckdb(CLICKS),
        by=["user"],
        sum=["price"],
        mean=["price"],
        min=["city"],
        max=["price"],
        distinct=["city"],
    )
    assert table.to_pyarrow().to_pydict() == {
        "user": [1, 2, None],
        "count": [2, 2, 1],
        "price_sum": [3.0, 1.0, 4.0],
        "price_mean": [1.5, 1.0, 4.0],
        "city_min": ["Oslo", "Bonn", "Rome"],
        "price_max": [2.5, 1.0, 4.0],
        "city_distinct": [1, 2, 1],
        "__row__": [0, 1, 2],
    }


def test_without_groups_the_whole_table_is_one(on_duckdb: Bind) -> None:
    table = run("aggregate", on_duckdb(CLICKS), mean=["price", "user"])
    assert column(table, "count") == [5]
    assert column(table, "price_mean") == [2.0]
    assert column(table, "user_mean") == [1.5]


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(values=st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1, max_size=30))
def test_sums_of_floats_are_exact_to_52_bits_of_the_largest(
    on_duckdb: Bind, values: list[float]
) -> None:
    from fractions import Fraction

    total = column(run("aggregate", on_duckdb(pa.table({"x": values})), sum=["x"]), "x_sum")[0]
    error = abs(Fraction(total) - sum(map(Fraction, values)))
    # No factor is above 2^1000, so that numbers below 1e-286 keep fewer bits.
    finest = max(Fraction(max(map(abs, values))) / 2**51, Fraction(1, 2**1000))
    assert error <= len(values) * finest


@pytest.mark.parametrize(
    ("parameters", "name", "expected"),
    [
        ({"value": 9.0}, "price", [0.5, 9.0, 2.5, 4.0, 1.0]),
        ({"method": "mean"}, "price", [0.5, 2.0, 2.5, 4.0, 1.0]),
        ({"method": "min"}, "price", [0.5, 0.5, 2.5, 4.0, 1.0]),
        ({"method": "max"}, "price", [0.5, 4.0, 2.5, 4.0, 1.0]),
        ({"method": "most frequent"}, "city", ["Oslo", "Rome", "Rome", "Rome", "Bonn"]),
        ({"method": "most frequent"}, "user", [1, 2, 1, 1, 2]),
        ({"value": "?"}, "city", ["Oslo", "Rome", "?", "Rome", "Bonn"]),
        ({"method": "mean"}, "user", [1, 2, 1, 2, 2]),
    ],
)
def test_missing_values_are_filled(
    on_duckdb: Bind, parameters: dict[str, Any], name: str, expected: list[Any]
) -> None:
    table = run("fill_missing", on_duckdb(CLICKS), columns=[name], **parameters)
    assert column(table, name) == expected
    assert table.schema()[name] == on_duckdb(CLICKS).schema()[name]


def test_where_values_were_missing_can_be_kept(on_duckdb: Bind) -> None:
    table = run("fill_missing", on_duckdb(CLICKS), columns=["price"], value=0, indicator="_missing")
    assert column(table, "price_missing") == [0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("values", "type_", "expected"),
    [
        (["1", " -2 ", "x", "", None, "1.5"], "int64", [1, -2, None, None, None, None]),
        (["1", "1e3", ".5", "nan", "0x1"], "float64", [1.0, 1000.0, 0.5, None, None]),
        (["true", "FALSE", "1"], "bool", [True, False, None]),
        ([1.0, -2.0, 0.5, 1e300], "int64", [1, -2, None, None]),
        ([0, 1, 2], "bool", [False, True, None]),
        ([2**63 - 1, -1], "string", ["9223372036854775807", "-1"]),
        ([True, False, None], "string", ["true", "false", None]),
        ([True, False, None], "float64", [1.0, 0.0, None]),
    ],
)
def test_values_that_fit_are_cast_and_others_become_missing(
    on_duckdb: Bind, values: list[Any], type_: str, expected: list[Any]
) -> None:
    table = on_duckdb(pa.table({"x": values}))
    cast = run("cast_types", table, types={"x": type_}, invalid="null")
    assert column(cast, "x") == expected


def test_a_value_that_does_not_fit_is_refused_with_its_row(on_duckdb: Bind) -> None:
    table = on_duckdb(pa.table({"__row__": [0, 1, 2], "x": ["1", "foo", "bar"]}))
    with pytest.raises(ComponentError) as caught:
        run("cast_types", table, types={"x": "int64"})
    assert "'foo' in row 2" in caught.value.message


def test_tables_are_stacked_by_the_names_of_their_columns(on_duckdb: Bind) -> None:
    turned = CLICKS.select(["city", "__row__", "price", "user"]).slice(1, 2)
    table = run("merge_rows", [on_duckdb(CLICKS), on_duckdb(turned)])
    assert column(table, "city") == ["Oslo", "Rome", None, "Rome", "Bonn", "Rome", None]
    assert rows(table) == list(range(7))
    once = run("merge_rows", [on_duckdb(CLICKS), on_duckdb(turned)], distinct=True)
    assert column(once, "city") == ["Oslo", "Rome", None, "Rome", "Bonn"]


def test_tables_of_other_columns_are_not_stacked(on_duckdb: Bind) -> None:
    with pytest.raises(ComponentError) as caught:
        run("merge_rows", [on_duckdb(CLICKS), on_duckdb(USERS)])
    assert caught.value.code == "schema.drift"
    assert "'age' (none and int64)" in caught.value.message


def test_columns_are_put_side_by_side_by_the_ordinal(on_duckdb: Bind) -> None:
    right = pa.table({"__row__": [2, 0, 1], "user": [7, 8, 9]})
    table = run("merge_columns", on_duckdb(CLICKS.slice(0, 3)), on_duckdb(right))
    assert column(table, "user_right") == [8, 9, 7]
    with pytest.raises(ComponentError) as caught:
        run("merge_columns", on_duckdb(CLICKS), on_duckdb(right))
    assert caught.value.code == "data.rows"
    assert "5 and 3 rows" in caught.value.message


def test_rows_are_numbered_in_an_order(on_duckdb: Bind) -> None:
    table = run("append_id", on_duckdb(CLICKS), column="n", order_by=["price"])
    assert column(table, "n") == [0, 4, 2, 3, 1]
    assert rows(table) == [0, 1, 2, 3, 4]


MANY = pa.table(
    {
        "__row__": list(range(1000)),
        "user": [n % 37 if n % 11 else None for n in range(1000)],
        "time": [n // 10 if n % 13 else None for n in range(1000)],
        "clicked": [int(n % 10 == 0) for n in range(1000)],
    }
)


def test_a_split_by_group_never_parts_one(on_duckdb: Bind) -> None:
    outputs = run("split", on_duckdb(MANY), method="group", group_by="user", fraction=0.5)
    train, test = set(column(outputs.train, "user")), set(column(outputs.test, "user"))
    assert not train & test
    assert len(train) == 19  # half of 37 users and of the rows without a user
    assert sorted(rows(outputs.train) + rows(outputs.test)) == list(range(1000))


def test_a_split_by_time_puts_the_latest_into_test(on_duckdb: Bind) -> None:
    outputs = run("split", on_duckdb(MANY), method="time", time="time", fraction=0.75)
    train = column(outputs.train, "time")
    test = [time for time in column(outputs.test, "time") if time is not None]
    assert max(train) < min(test)
    assert None not in train
    assert len(train) / (len(train) + len(test)) == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize("method", ["random", "stratified", "group"])
def test_folds_are_alike_in_size_and_hold_every_row(on_duckdb: Bind, method: str) -> None:
    by = {"random": None, "stratified": "clicked", "group": "user"}[method]
    table = run("add_folds", on_duckdb(MANY), folds=4, method=method, by=by).to_pyarrow()
    folds = table["fold"].to_pylist()
    assert table["__row__"].to_pylist() == list(range(1000))
    assert set(folds) == {0, 1, 2, 3}
    if method == "group":
        assert len(set(zip(table["user"].to_pylist(), folds, strict=True))) == 38
        return
    counts = [folds.count(fold) for fold in range(4)]
    assert max(counts) - min(counts) <= 2
    if method == "stratified":
        clicked = zip(table["clicked"].to_pylist(), folds, strict=True)
        assert sorted(fold for click, fold in clicked if click) == sorted([0, 1, 2, 3] * 25)


def test_a_sample_has_the_rows_asked_for_and_its_seed_decides_which(on_duckdb: Bind) -> None:
    def drawn(**parameters: Any) -> list[int]:
        outputs = run("sample", on_duckdb(MANY), **parameters)
        assert sorted(rows(outputs.sample) + rows(outputs.rest)) == list(range(1000))
        return rows(outputs.sample)

    assert len(drawn(rows=100)) == len(drawn(fraction=0.1)) == 100
    assert drawn(rows=100) == drawn(fraction=0.1) == sorted(drawn(rows=100))
    assert drawn(rows=100) != drawn(rows=100, seed=1)
    assert drawn(rows=5000) == list(range(1000))


@pytest.mark.parametrize(
    ("name", "parameters", "code", "parameter"),
    [
        ("filter_rows", {"column": "town", "value": 1}, "column.missing", "column"),
        ("filter_rows", {"column": "user"}, "parameter.required", "value"),
        ("filter_rows", {"column": "user", "operator": "in"}, "parameter.required", "values"),
        ("filter_rows", {"column": "user", "value": "1"}, "parameter.type", "value"),
        ("filter_rows", {"column": "city", "value": 1}, "parameter.type", "value"),
        ("select_columns", {"columns": ["town"]}, "column.missing", "columns"),
        ("select_columns", {"rename": {"user": "city"}}, "column.exists", "rename"),
        ("select_columns", {"columns": []}, "data.empty", "columns"),
        ("aggregate", {"by": ["town"]}, "column.missing", "by"),
        ("aggregate", {"sum": ["city"]}, "column.type", "sum"),
        ("fill_missing", {"columns": ["town"], "value": 1}, "column.missing", "columns"),
        ("fill_missing", {"columns": ["city"], "method": "mean"}, "parameter.type", "method"),
        ("fill_missing", {"columns": ["user"], "value": "x"}, "parameter.type", "value"),
        ("fill_missing", {"columns": ["user"]}, "parameter.required", "value"),
        ("cast_types", {"types": {"price": "string"}}, "column.type", "types"),
        ("add_folds", {"column": "city"}, "column.exists", "column"),
        ("add_folds", {"method": "group"}, "parameter.required", "by"),
        ("add_folds", {"method": "group", "by": "price"}, "column.type", "by"),
        ("sample", {}, "parameter.required", "rows"),
        ("sample", {"rows": 1, "fraction": 0.5}, "parameter.required", "rows"),
        ("append_id", {"order_by": ["town"]}, "column.missing", "order_by"),
        ("split", {"method": "time"}, "parameter.required", "time"),
        ("split", {"method": "group", "group_by": "price"}, "column.type", "group_by"),
    ],
)
def test_what_does_not_apply_is_refused_at_its_parameter(
    on_duckdb: Bind, name: str, parameters: dict[str, Any], code: str, parameter: str
) -> None:
    with pytest.raises(ComponentError) as caught:
        run(name, on_duckdb(CLICKS), **parameters)
    assert (caught.value.code, caught.value.parameter) == (code, parameter)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"on": ["town"]}, "column.missing"),
        ({"on": ["user"], "right_on": ["user", "age"]}, "join.columns"),
        ({"on": ["city"], "right_on": ["age"]}, "column.type"),
    ],
)
def test_columns_that_cannot_be_joined_are_refused(
    on_duckdb: Bind, parameters: dict[str, Any], code: str
) -> None:
    with pytest.raises(ComponentError) as caught:
        run("join", on_duckdb(CLICKS), on_duckdb(USERS), **parameters)
    assert caught.value.code == code
