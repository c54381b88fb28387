"""Which index and which value every cell of a table gets, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from components.ctr.encode import encode
from components.ctr.feature_map import feature_map
from components.tables.read_table import read_table
from studio.component import ComponentError, Examples, FeatureMap, InputPath

from . import reference
from .tables import NUMERIC, tables

Bind = Callable[[pa.Table], ibis.Table]

FITTED = pa.table(
    {
        "city": ["Oslo", "Oslo", None, "Łódź"],
        "device": [1, 2, 2, 2],
        "price": [1.0, 3.0, None, 5.0],
        "clicked": [0, 1, 0, 1],
    }
)
PORTO = Path("../shared/data/porto_seguro/train.csv")


@pytest.fixture(scope="module")
def fitted(on_duckdb: Bind) -> FeatureMap:
    return feature_map(on_duckdb(FITTED), label="clicked")


def with_column(name: str, values: Any) -> pa.Table:
    table = FITTED.slice(0, len(values))
    return table.set_column(table.column_names.index(name), name, pa.array(values))


def refusal(table: pa.Table, fitted: FeatureMap, **parameters: Any) -> ComponentError:
    with pytest.raises(ComponentError) as caught:
        encode(table, fitted, **parameters)
    return caught.value


def test_the_examples_of_a_small_table(fitted: FeatureMap) -> None:
    examples = encode(FITTED, fitted)
    # city: 0 missing, 1 unknown, 2 Oslo, 3 Łódź; device: 4, 5, 6 for 2, 7 for 1; price: 8, 9
    assert examples.arrays["feat_index"].tolist() == [
        [2, 7, 9],
        [2, 6, 9],
        [0, 6, 8],
        [3, 6, 9],
    ]
    deviation = math.sqrt(8 / 3)
    price = [-2 / deviation, 0.0, 1.0, 2 / deviation]
    np.testing.assert_allclose(examples.arrays["feat_value"][:, 2], price, rtol=1e-6)
    assert (examples.arrays["feat_value"][:, :2] == 1).all()
    assert examples.arrays["label"].tolist() == [0, 1, 0, 1]
    assert examples.document == {
        "format": 1,
        "rows": 4,
        "fields": ["city", "device", "price"],
        "feature_size": 10,
        "feature_map": fitted.document,
        "label": "clicked",
    }


def test_the_arrays_have_the_types_that_the_trainer_reads(
    fitted: FeatureMap, tmp_path: Path
) -> None:
    encode(FITTED, fitted, weight="device", group="city").write(tmp_path)
    types = {name: array.dtype for name, array in Examples.read(tmp_path).arrays.items()}
    assert types == {
        "feat_index": np.int32,
        "feat_value": np.float32,
        "label": np.float32,
        "weight": np.float32,
        "group": np.int64,
    }


@pytest.mark.parametrize(
    ("column", "values", "index"),
    [
        ("city", ["Paris", "oslo", ""], 1),
        ("city", [None, None], 0),
        ("city", pa.array([None, None], pa.null()), 0),
        ("city", pa.array(["Oslo"]).dictionary_encode(), 2),
        ("city", pa.array(["Oslo"], pa.large_string()), 2),
        ("device", [2.0, 2.0], 6),
        ("device", ["2"], 6),
        ("device", pa.array([2], pa.int8()), 6),
        ("device", [float("nan")], 4),
        ("device", [3, 2**62], 5),
        ("device", ["02", "2.0"], 5),
        ("device", [True], 5),
        ("price", [float("nan"), None], 8),
    ],
)
def test_a_value_is_known_by_its_text(
    fitted: FeatureMap, column: str, values: Any, index: int
) -> None:
    table = with_column(column, values)
    position = ["city", "device", "price"].index(column)
    assert set(encode(table, fitted).arrays["feat_index"][:, position].tolist()) == {index}


@pytest.mark.parametrize("values", [[3.0], [3], ["3"], ["3.0"]])
def test_a_number_is_read_from_any_type(fitted: FeatureMap, values: list[Any]) -> None:
    examples = encode(with_column("price", values), fitted)
    assert examples.arrays["feat_index"][0, 2] == 9
    assert examples.arrays["feat_value"][0, 2] == 0.0


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    train=tables(),
    other=tables(),
    transform=st.sampled_from(["raw", "standardise"]),
    min_count=st.integers(1, 2),
    chunk=st.integers(1, 30),
)
def test_it_equals_a_plain_implementation(
    on_duckdb: Bind,
    train: pa.Table,
    other: pa.Table,
    transform: Any,
    min_count: int,
    chunk: int,
) -> None:
    fitted = feature_map(
        on_duckdb(train),
        numeric=NUMERIC,
        numeric_transform=transform,
        min_count=min_count,
        missing_values=["-1", "é"],
    )
    assume_representable(other, fitted)
    chunked = pa.Table.from_batches(other.to_batches(max_chunksize=chunk))
    index, value = reference.encode(other.to_pylist(), fitted.document)
    examples = encode(chunked, fitted)
    assert examples.arrays["feat_index"].tolist() == index
    np.testing.assert_array_equal(examples.arrays["feat_value"], np.array(value, np.float32))


def assume_representable(table: pa.Table, fitted: FeatureMap) -> None:
    """Only numbers that a float32 can hold after the transform; others are refused."""
    _, values = reference.encode(table.to_pylist(), fitted.document)
    assume(all(abs(value) < 3e38 for row in values for value in row))


def test_a_real_table_equals_a_plain_implementation(on_duckdb: Bind) -> None:
    if not PORTO.exists():
        pytest.skip("the Porto Seguro sample is not there")
    table = read_table(path=InputPath(str(PORTO)))
    fitted = feature_map(on_duckdb(table.slice(0, 8000)), label="target", missing_values=[-1])
    held_out = table.slice(8000)
    index, value = reference.encode(held_out.to_pylist(), fitted.document)
    examples = encode(held_out, fitted)
    np.testing.assert_array_equal(examples.arrays["feat_index"], index)
    np.testing.assert_array_equal(examples.arrays["feat_value"], np.array(value, np.float32))
    assert examples.arrays["label"].tolist() == held_out["target"].to_pylist()


def test_the_order_of_the_columns_does_not_matter(fitted: FeatureMap) -> None:
    turned = FITTED.select(FITTED.column_names[::-1])
    for name, array in encode(turned, fitted).arrays.items():
        np.testing.assert_array_equal(array, encode(FITTED, fitted).arrays[name])


def test_a_table_without_rows_gives_no_examples(fitted: FeatureMap) -> None:
    examples = encode(FITTED.slice(0, 0), fitted, weight="price", group="city")
    assert {name: array.shape for name, array in examples.arrays.items()} == {
        "feat_index": (0, 3),
        "feat_value": (0, 3),
        "label": (0,),
        "weight": (0,),
        "group": (0,),
    }


def test_a_table_without_the_label_gives_examples_without_label(fitted: FeatureMap) -> None:
    examples = encode(FITTED.drop_columns(["clicked"]), fitted)
    assert "label" not in examples.arrays
    assert examples.document["label"] is None


def test_columns_that_are_missing_are_listed_together(fitted: FeatureMap) -> None:
    table = FITTED.rename_columns(["town", "device_", "price", "clicked"])
    error = refusal(table, fitted)
    assert error.code == "schema.drift"
    assert "'city', 'device'" in error.message
    assert "'device_'" in str(error.hint)


@pytest.mark.parametrize(
    "values", [[True, False], [1, 0], [1.0, 0.0], pa.array([1, 0], pa.uint8())]
)
def test_labels_are_booleans_or_numbers(fitted: FeatureMap, values: Any) -> None:
    assert encode(with_column("clicked", values), fitted).arrays["label"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("values", "message", "row"),
    [
        ([1, -1, 0, 2], "has 2 values that are not 0 or 1: row 2 holds -1, row 4 holds 2.", 2),
        ([0, None, 1], "has 1 values that are not 0 or 1: row 2 holds None.", 2),
        ([0.0, float("nan"), 0.5, 2.0], "row 2 holds nan, row 3 holds 0.5, row 4 holds 2.0.", 2),
        ([float("inf")], "row 1 holds inf.", 1),
        (["no", "yes", "yes", "no"], "row 1 holds 'no', row 2 holds 'yes', row 3", 1),
    ],
)
def test_other_labels_are_refused_with_three_examples(
    fitted: FeatureMap, values: list[Any], message: str, row: int
) -> None:
    error = refusal(with_column("clicked", values), fitted)
    assert (error.code, error.parameter, error.row) == ("label.invalid", "label", row)
    assert message in error.message


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf"), None])
def test_a_weight_that_is_no_weight_is_refused(fitted: FeatureMap, value: float | None) -> None:
    table = FITTED.slice(0, 2).append_column("w", pa.array([1.0, value]))
    error = refusal(table, fitted, weight="w")
    assert (error.code, error.row) == ("weight.invalid", 2)


@pytest.mark.parametrize("values", [["a", None, "a", "b"], [7, None, 7, 9]])
def test_rows_of_one_group_have_one_number(fitted: FeatureMap, values: list[Any]) -> None:
    table = FITTED.append_column("g", pa.array(values))
    chunked = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    group = encode(chunked, fitted, group="g").arrays["group"]
    assert group[0] == group[2]
    assert len(set(group.tolist())) == 3


@pytest.mark.parametrize("parameter", ["label", "weight", "group"])
def test_a_column_that_is_not_there_is_named(fitted: FeatureMap, parameter: str) -> None:
    error = refusal(FITTED, fitted, **{parameter: "pricee"})
    assert (error.code, error.parameter) == ("column.missing", parameter)
    assert "'price'" in str(error.hint)


@pytest.mark.parametrize(
    ("column", "values", "code", "row"),
    [
        ("price", ["1", "x"], "column.type", 2),
        ("price", [1.0, float("inf")], "column.range", 2),
        ("price", [1.0, 2.0, 1e300], "column.range", 3),
        ("price", [[1.0]], "column.type", None),
        ("city", [["Oslo"]], "column.type", None),
        ("city", pa.array([0], pa.timestamp("us")), "column.type", None),
    ],
)
def test_a_value_that_does_not_fit_the_feature_map_is_refused(
    fitted: FeatureMap, column: str, values: Any, code: str, row: int | None
) -> None:
    error = refusal(with_column(column, values), fitted)
    assert (error.code, error.row) == (code, row)
    assert f"'{column}'" in error.message


@pytest.mark.parametrize("values", [[0, 7, 1, None], [0.0, math.nan, 1.0, -1.0]])
def test_rows_with_other_labels_are_left_out_when_told_so(
    fitted: FeatureMap, values: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    examples = encode(with_column("clicked", values), fitted, invalid_labels="drop")
    assert examples.arrays["label"].tolist() == [0, 1]
    assert examples.arrays["feat_index"].tolist() == [[2, 7, 9], [0, 6, 8]]
    assert examples.document["rows"] == 2
    assert "2 of 4 rows left out" in caplog.text
