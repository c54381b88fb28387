"""Which rows go to which part, the same on DuckDB and on Spark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.tables.split import split
from studio.component import ComponentError

Bind = Callable[[pa.Table], ibis.Table]


def make_table(rows: int) -> pa.Table:
    numbers = np.random.default_rng(5)
    cities = ["Oslo", "Łódź", "東京", None]
    city = [cities[i] for i in numbers.choice(4, rows, p=[0.6, 0.3, 0.08, 0.02])]
    clicked = numbers.integers(0, 2, rows)
    return pa.table(
        {"city": pa.array(city, pa.string()), "clicked": pa.array(clicked), "__row__": range(rows)}
    )


def rows_of(table: ibis.Table) -> list[int]:
    rows: list[int] = table.to_pyarrow()["__row__"].to_pylist()
    return rows


def split_rows(table: ibis.Table, **parameters: Any) -> tuple[list[int], list[int]]:
    train, test = split(table, **parameters)
    return rows_of(train), rows_of(test)


@pytest.mark.parametrize("fraction", [0.001, 0.3, 0.5, 0.8, 0.999])
@pytest.mark.parametrize("rows", [0, 1, 2, 7, 1000])
def test_a_random_split_has_the_nearest_share_and_loses_no_row(
    on_duckdb: Bind, rows: int, fraction: float
) -> None:
    train, test = split_rows(on_duckdb(make_table(rows)), fraction=fraction)
    assert len(train) == int(rows * fraction + 0.5)
    assert sorted(train + test) == list(range(rows))


def test_rows_stay_in_the_order_of_the_input(on_duckdb: Bind) -> None:
    for part in split_rows(on_duckdb(make_table(5000)), method="stratified", stratify_by="city"):
        assert part == sorted(part)


def test_the_columns_and_types_are_kept(on_duckdb: Bind) -> None:
    table = on_duckdb(make_table(10))
    for part in split(table):
        assert part.schema() == table.schema()


def test_the_same_seed_gives_the_same_rows_and_another_one_others(on_duckdb: Bind) -> None:
    table = on_duckdb(make_table(1000))
    assert split_rows(table, seed=1) == split_rows(table, seed=1)
    assert split_rows(table, seed=1) != split_rows(table, seed=2)


def test_a_part_may_be_split_again_with_the_same_seed(on_duckdb: Bind) -> None:
    train, _ = split(on_duckdb(make_table(1000)), fraction=0.8)
    again, validation = split(train, fraction=0.8)
    assert (len(rows_of(again)), len(rows_of(validation))) == (640, 160)


def test_train_is_a_random_sample(on_duckdb: Bind) -> None:
    train, _ = split_rows(on_duckdb(make_table(20_000)), fraction=0.5)
    assert np.mean(train) == pytest.approx(9_999.5, abs=4 * 20_000 / np.sqrt(12 * 10_000))


def test_every_stratum_has_the_nearest_share_and_null_is_one(on_duckdb: Bind) -> None:
    source = make_table(997)
    train, _ = split_rows(on_duckdb(source), method="stratified", stratify_by="city", fraction=0.7)
    cities = source["city"].to_pylist()
    for city in {"Oslo", "Łódź", "東京", None}:
        size = cities.count(city)
        assert sum(cities[row] == city for row in train) == int(size * 0.7 + 0.5)


def test_a_text_that_looks_like_the_null_stratum_is_not_mixed_with_it(on_duckdb: Bind) -> None:
    source = pa.table({"s": ["", None, "=", "", None, "="], "__row__": range(6)})
    train, _ = split_rows(on_duckdb(source), method="stratified", stratify_by="s", fraction=0.5)
    assert sorted(str(source["s"][row].as_py()) for row in train) == ["", "=", "None"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"fraction": 0.333, "seed": 9},
        {"method": "stratified", "stratify_by": "city"},
        {"method": "stratified", "stratify_by": "clicked", "fraction": 0.07, "seed": 3},
    ],
)
def test_spark_and_duckdb_give_the_same_rows(
    on_duckdb: Bind, on_spark: Bind, parameters: dict[str, Any]
) -> None:
    source = make_table(3001)
    ours, theirs = split(on_duckdb(source), **parameters), split(on_spark(source), **parameters)
    for part, other in zip(ours, theirs, strict=True):
        assert part.to_pyarrow().to_pydict() == other.to_pyarrow().to_pydict()


@pytest.mark.slow
@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.generate],  # on a failure nothing is shrunk: a try takes a second
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    strata=st.lists(st.one_of(st.none(), st.text(max_size=3)), min_size=1, max_size=30),
    fraction=st.floats(0.01, 0.99),
    seed=st.integers(0, 2**40),
)
def test_spark_and_duckdb_agree_on_any_strata(
    on_duckdb: Bind, on_spark: Bind, strata: list[str | None], fraction: float, seed: int
) -> None:
    source = pa.table({"s": pa.array(strata, pa.string()), "__row__": range(len(strata))})
    parameters: dict[str, Any] = {"fraction": fraction, "seed": seed}
    parameters |= {"method": "stratified", "stratify_by": "s"}
    assert split_rows(on_duckdb(source), **parameters) == split_rows(on_spark(source), **parameters)


@pytest.mark.parametrize(
    ("parameters", "code", "hint"),
    [
        ({"method": "stratified"}, "parameter.required", "stratify_by"),
        ({"method": "stratified", "stratify_by": "citty"}, "column.missing", "'city'"),
        ({"method": "stratified", "stratify_by": "price"}, "column.type", "text"),
    ],
)
def test_a_wrong_stratum_is_refused_with_the_way_out(
    on_duckdb: Bind, parameters: dict[str, Any], code: str, hint: str
) -> None:
    table = on_duckdb(make_table(3).append_column("price", pa.array([0.1, 0.2, 0.3])))
    with pytest.raises(ComponentError) as caught:
        split(table, **parameters)
    assert (caught.value.code, caught.value.parameter) == (code, "stratify_by")
    assert hint in str(caught.value.hint)


def test_a_table_without_ordinal_is_refused(on_duckdb: Bind) -> None:
    with pytest.raises(ComponentError, match="__row__"):
        split(on_duckdb(make_table(3).drop_columns(["__row__"])))


def test_the_schema_is_known_before_any_run() -> None:
    unbound = ibis.table({"city": "string", "__row__": "int64"}, name="t")
    train, test = split(unbound, method="stratified", stratify_by="city")
    assert train.schema() == test.schema() == unbound.schema()
