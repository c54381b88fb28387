"""What a feature map says of a table, the same from DuckDB and from Spark."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.ctr.feature_map import feature_map
from components.tables.read_table import read_table
from studio.component import ComponentError, InputPath, canonical_json

from . import reference
from .tables import NUMERIC, tables

Bind = Callable[[pa.Table], ibis.Table]
Fields = dict[str, dict[str, Any]]

SAMPLES = Path("../shared/data")
_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def fields_of(table: ibis.Table, **parameters: Any) -> Fields:
    document = feature_map(table, **parameters).document
    return {field["name"]: field for field in document["fields"]}


def refusal(table: ibis.Table, **parameters: Any) -> ComponentError:
    with pytest.raises(ComponentError) as caught:
        feature_map(table, **parameters)
    return caught.value


def test_the_document_of_a_small_table(on_duckdb: Bind) -> None:
    table = pa.table(
        {
            "__row__": [0, 1, 2, 3],
            "city": ["Oslo", "Łódź", "Oslo", None],
            "clicked": [0, 1, 0, 1],
            "price": [1.0, float("nan"), 4.0, 1.0],
            "device": [2, 1, 2, 1],
        }
    )
    document = feature_map(on_duckdb(table), label="clicked").document
    assert document == {
        "format": 1,
        "label": "clicked",
        "rows": 4,
        "feature_size": 10,
        "missing_values": [],
        "fields": [
            {
                "name": "city",
                "type": "categorical",
                "missing_index": 0,
                "unknown_index": 1,
                "first_index": 2,
                "values": ["Oslo", "Łódź"],
                "counts": [2, 1],
                "missing": 1,
            },
            {
                "name": "price",
                "type": "numeric",
                "missing_index": 4,
                "index": 5,
                "transform": "standardise",
                "mean": 2.0,
                "std": 1.41421356237,
                "min": 1.0,
                "max": 4.0,
                "missing": 1,
            },
            {
                "name": "device",
                "type": "categorical",
                "missing_index": 6,
                "unknown_index": 7,
                "first_index": 8,
                "values": ["1", "2"],
                "counts": [2, 2],
                "missing": 0,
            },
        ],
    }


def test_a_value_has_one_text_whatever_type_its_column_has(on_duckdb: Bind) -> None:
    table = pa.table({"i": [1, 0, -3, 1], "f": [1.0, -0.0, -3.0, 1.0], "s": ["1", "0", "-3", "1"]})
    fields = fields_of(on_duckdb(table), numeric=[])
    assert fields["i"]["values"] == fields["f"]["values"] == fields["s"]["values"]
    assert fields["i"]["values"] == ["1", "-3", "0"]


def test_values_rarer_than_the_minimum_have_no_index(on_duckdb: Bind) -> None:
    table = on_duckdb(pa.table({"s": ["b", "a", "b", None, "a", "c"]}))
    field = fields_of(table, min_count=2)["s"]
    assert (field["values"], field["counts"], field["missing"]) == (["a", "b"], [2, 2], 1)


@pytest.mark.parametrize("given", [["-1", "", "true"], [-1, "", "true"], ["-1.0", "", "true"]])
def test_missing_values_are_missing_in_columns_of_every_type(
    on_duckdb: Bind, given: list[str | float]
) -> None:
    table = pa.table(
        {
            "n": [-1.0, 3.0, 5.0],
            "i": [-1, 3, 5],
            "f": [-1.0, 3.5, None],
            "b": [True, False, None],
            "s": ["-1", "", "x"],
        }
    )
    fields = fields_of(on_duckdb(table), numeric=["n"], missing_values=given, min_count=1)
    assert {name: field["missing"] for name, field in fields.items()} == {
        "n": 1,
        "i": 1,
        "f": 2,
        "b": 2,
        "s": 2,
    }
    assert (fields["n"]["mean"], fields["n"]["min"]) == (4.0, 3.0)
    assert fields["s"]["values"] == ["x"]


def test_floating_point_columns_are_numbers_unless_told_otherwise(on_duckdb: Bind) -> None:
    table = on_duckdb(pa.table({"f": [0.5], "i": [1]}))
    types = {name: field["type"] for name, field in fields_of(table).items()}
    assert types == {"f": "numeric", "i": "categorical"}
    types = {name: field["type"] for name, field in fields_of(table, numeric=["i"]).items()}
    assert types == {"f": "categorical", "i": "numeric"}


def test_label_ignored_and_platform_columns_are_no_features(on_duckdb: Bind) -> None:
    table = on_duckdb(pa.table({"__row__": [0], "y": [1], "id": [7], "a": [1]}))
    assert list(fields_of(table, label="y", ignore=["id", "y"])) == ["a"]


def test_columns_without_a_value_are_fields_all_the_same(on_duckdb: Bind) -> None:
    nothing = [None, None]
    table = pa.table({"f": pa.array(nothing, pa.float64()), "s": pa.array(nothing, pa.string())})
    fields = fields_of(on_duckdb(table))
    assert (fields["f"]["mean"], fields["f"]["std"], fields["f"]["min"]) == (0.0, 0.0, None)
    assert (fields["s"]["values"], fields["s"]["missing"]) == ([], 2)


@pytest.mark.parametrize("value", [0.1, -7.3, 1e-200, 3e38, 0.0, 1e15 + 0.3])
def test_a_constant_column_has_its_value_as_mean_and_no_deviation(
    on_duckdb: Bind, value: float
) -> None:
    field = fields_of(on_duckdb(pa.table({"x": [value] * 7})))["x"]
    assert field["mean"] == reference.twelve_digits(value)
    assert field["std"] == 0.0


@settings(max_examples=40, deadline=None, suppress_health_check=_CHECKS)
@given(table=tables(), min_count=st.integers(1, 3))
def test_it_equals_a_plain_implementation(on_duckdb: Bind, table: pa.Table, min_count: int) -> None:
    missing = ["-1", "nan", "é"]
    rows = table.drop_columns(["__row__"]).to_pylist()
    expected = reference.fit(rows, NUMERIC, min_count=min_count, missing=missing)
    found = feature_map(
        on_duckdb(table), numeric=NUMERIC, min_count=min_count, missing_values=missing
    ).document
    assert len(found["fields"]) == len(expected)
    for ours, theirs in zip(found["fields"], expected, strict=True):
        scale = max(abs(ours.get("min") or 0.0), abs(ours.get("max") or 0.0))
        for name in {"mean", "std"} & theirs.keys():
            theirs[name] = pytest.approx(theirs[name], rel=1e-11, abs=1e-6 * scale)
        assert ours == theirs


@settings(max_examples=25, deadline=None, suppress_health_check=_CHECKS)
@given(table=tables(), order=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    on_duckdb: Bind, table: pa.Table, order: Any
) -> None:
    rows = list(range(table.num_rows))
    order.shuffle(rows)
    documents = [
        canonical_json(feature_map(on_duckdb(source), numeric=NUMERIC).document)
        for source in (table, table.take(rows))
    ]
    assert documents[0] == documents[1]


@pytest.mark.slow
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],  # on a failure nothing is shrunk: a try takes a second
    suppress_health_check=_CHECKS,
)
@given(table=tables())
def test_spark_and_duckdb_give_the_same_bytes(
    on_duckdb: Bind, on_spark: Bind, table: pa.Table
) -> None:
    parameters: dict[str, Any] = {"numeric": NUMERIC, "missing_values": ["-1", "é", "0"]}
    ours = canonical_json(feature_map(on_duckdb(table), **parameters).document)
    assert canonical_json(feature_map(on_spark(table), **parameters).document) == ours


@pytest.mark.slow
def test_whole_numbers_beyond_a_float_come_from_spark_as_they_are(on_spark: Bind) -> None:
    table = pa.table({"user": [2**63 - 1, -(2**63) + 1, None]})
    values = fields_of(on_spark(table))["user"]["values"]
    assert values == ["-9223372036854775807", "9223372036854775807"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("porto_seguro/train.csv", "target"),
        ("criteo/criteo_sample.txt", "label"),
        ("movielens/movielens_sample.txt", "rating"),
    ],
)
def test_spark_and_duckdb_give_the_same_bytes_for_real_tables(
    on_duckdb: Bind, on_spark: Bind, file: str, label: str
) -> None:
    path = SAMPLES / file
    if not path.exists():
        pytest.skip(f"the sample {file} is not there")
    table = read_table(path=InputPath(str(path)))
    ours = canonical_json(feature_map(on_duckdb(table), label=label).document)
    assert canonical_json(feature_map(on_spark(table), label=label).document) == ours


@pytest.mark.parametrize(
    ("parameters", "code", "parameter", "hint"),
    [
        ({"label": "clickd"}, "column.missing", "label", "'clicked'"),
        ({"ignore": ["a", "prise"]}, "column.missing", "ignore", "'price'"),
        ({"numeric": ["prise"]}, "column.missing", "numeric", "'price'"),
        ({"numeric": ["price"], "ignore": ["price"]}, "column.used_twice", "numeric", "ignore"),
        ({"numeric": ["clicked"], "label": "clicked"}, "column.used_twice", "numeric", "label"),
        ({"numeric": ["city"]}, "column.type", "numeric", "read_table"),
        ({"ignore": ["a", "clicked", "price", "city", "day"]}, "feature_map.empty", "ignore", ""),
        ({}, "column.type", "ignore", "ignore"),
    ],
)
def test_a_wrong_choice_of_columns_is_refused_with_the_way_out(
    on_duckdb: Bind, parameters: dict[str, Any], code: str, parameter: str, hint: str
) -> None:
    day = pa.array([0], pa.date32())
    table = pa.table({"a": [1], "clicked": [1], "price": [0.5], "city": ["Oslo"], "day": day})
    error = refusal(on_duckdb(table), **parameters)
    assert (error.code, error.parameter) == (code, parameter)
    assert hint in str(error.hint)


def test_a_table_without_rows_is_refused(on_duckdb: Bind) -> None:
    for type_ in (pa.float64(), pa.string()):
        table = on_duckdb(pa.table({"a": pa.array([], type_)}))
        assert refusal(table).code == "data.no_rows"


@pytest.mark.parametrize("values", [[1.0, math.nan, 4.0], [1.0, math.nan], [0.0, math.nan]])
@pytest.mark.parametrize("numeric", [["x"], []])
def test_nan_is_missing_though_the_statistics_of_the_file_do_not_show_it(
    on_duckdb: Bind, values: list[float], numeric: list[str]
) -> None:
    field = fields_of(on_duckdb(pa.table({"x": values})), numeric=numeric)["x"]
    assert field["missing"] == 1
    assert len(field.get("values", values[::2])) == len(values) - 1


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e39])
def test_a_number_beyond_what_a_model_computes_with_is_refused(
    on_duckdb: Bind, value: float
) -> None:
    table = on_duckdb(pa.table({"price": [1.0, value]}))
    error = refusal(table)
    assert error.code == "column.range"
    assert "'price'" in error.message
    assert fields_of(table, missing_values=[str(value)])["price"]["missing"] == 1
