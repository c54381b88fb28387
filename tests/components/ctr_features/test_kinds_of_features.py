"""What buckets, hashes, lists of items, crosses and shared vocabularies become, row by row."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.ctr._fingerprint import hash_buckets
from components.ctr.encode import encode
from components.ctr.feature_map import feature_map
from components.tables.read_table import read_table
from studio.component import ComponentError, Examples, FeatureMap, InputPath, canonical_json

from .tables import tables

Bind = Callable[[pa.Table], ibis.Table]
_CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

FILMS = pa.table(
    {
        "genres": ["Drama|War", "Drama", None, "", "War||Drama|Noir", "|"],
        "tags": ["a:2|b:0.5", "b", "c: 1e1", None, "a:0", "x:y:3"],
        "liked": ["Oslo", "Rome", None, "Oslo", "Oslo", "Rome"],
        "city": ["Rome", "Bonn", "Oslo", "Oslo", None, "Rome"],
        "day": [1, 2, 1, None, 1, 2],
        "price": [1.0, 2.0, 3.0, 4.0, math.nan, -9.0],
    }
)


def fit(bind: Bind, columns: list[str], **parameters: Any) -> FeatureMap:
    return feature_map(bind(FILMS.select(columns)), **parameters)


def fields_of(fitted: FeatureMap) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in fitted.document["fields"]}


def cells(fitted: FeatureMap, table: pa.Table = FILMS) -> tuple[list[Any], list[Any]]:
    arrays = encode(table, fitted).arrays
    return arrays["feat_index"].tolist(), arrays["feat_value"].tolist()


def refusal(bind: Bind, **parameters: Any) -> ComponentError:
    with pytest.raises(ComponentError) as caught:
        feature_map(bind(FILMS), **parameters)
    return caught.value


def test_quantile_buckets_end_at_exact_quantiles_by_nearest_rank(on_duckdb: Bind) -> None:
    values = np.random.default_rng(1).lognormal(size=1001).tolist()
    table = pa.table({"x": values})
    field = fields_of(feature_map(on_duckdb(table), numeric_transform="quantile", buckets=8))["x"]
    shares = np.arange(1, 8) / 8
    assert field["boundaries"] == np.quantile(values, shares, method="inverted_cdf").tolist()
    index = encode(table, FeatureMap(_document([field]))).arrays["feat_index"][:, 0]
    counts = np.bincount(index - field["first_index"])
    assert counts.sum() == 1001
    assert counts.max() - counts.min() <= 1


def _document(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"fields": fields, "feature_size": 99, "label": None, "missing_values": []}


@pytest.mark.parametrize(
    ("values", "boundaries"),
    [
        ([0.0, 10.0], [2.5, 5.0, 7.5]),
        ([3.0, 3.0], []),
        ([None, None], []),
        ([-1.0, 1.0, None], [-0.5, 0.0, 0.5]),
    ],
)
def test_buckets_of_equal_width_share_the_range(
    on_duckdb: Bind, values: list[float], boundaries: list[float]
) -> None:
    table = on_duckdb(pa.table({"x": pa.array(values, pa.float64())}))
    fitted = feature_map(table, transforms={"x": "equal_width"}, buckets=4)
    assert fields_of(fitted)["x"]["boundaries"] == boundaries
    assert fitted.document["feature_size"] == 2 + len(boundaries)


def test_values_beyond_the_training_range_are_in_the_outer_buckets(on_duckdb: Bind) -> None:
    fitted = feature_map(
        on_duckdb(pa.table({"x": [0.0, 10.0]})), numeric_transform="equal_width", buckets=4
    )
    other = pa.table({"x": [-1e9, 0.0, 2.5, 2.6, 1e9, math.inf, None, math.nan]})
    assert [row[0] for row in cells(fitted, other)[0]] == [1, 1, 1, 2, 4, 4, 0, 0]


def test_buckets_of_few_values_are_never_empty(on_duckdb: Bind) -> None:
    table = pa.table({"x": [1.0] * 90 + [2.0] * 10})
    field = fields_of(feature_map(on_duckdb(table), numeric_transform="quantile"))["x"]
    assert field["boundaries"] == [1.0]


def test_log_keeps_the_sign_and_the_largest_becomes_one(on_duckdb: Bind) -> None:
    fitted = fit(on_duckdb, ["price"], numeric_transform="log")
    index, value = cells(fitted)
    assert [row[0] for row in index] == [1, 1, 1, 1, 0, 1]
    expected = [math.log(2) / math.log(10), -1.0]
    assert [value[0][0], value[5][0]] == pytest.approx(expected, rel=1e-6)


def test_a_hashed_category_has_buckets_and_counts_its_collisions(on_duckdb: Bind) -> None:
    texts = [f"id{n}" for n in range(50)]
    table = pa.table({"a": [*texts, None]})
    fitted = feature_map(on_duckdb(table), hashed=["a"], hash_buckets=20)
    buckets = hash_buckets(texts, 20)
    sizes = np.bincount(buckets, minlength=20)
    assert fields_of(fitted)["a"] == {
        "name": "a",
        "type": "hashed",
        "missing_index": 0,
        "first_index": 1,
        "buckets": 20,
        "distinct": 50,
        "used": int((sizes > 0).sum()),
        "collisions": int(sizes[sizes > 1].sum()),
        "missing": 1,
    }
    assert fitted.document["feature_size"] == 21
    assert [row[0] for row in cells(fitted, table)[0]] == [*(1 + buckets).tolist(), 0]
    assert cells(fitted, pa.table({"a": ["new"]}))[0][0][0] == 1 + hash_buckets(["new"], 20)[0]


def test_a_list_of_items_has_a_place_for_each(on_duckdb: Bind) -> None:
    fitted = fit(on_duckdb, ["genres"], multi_valued=["genres"])
    fields = fields_of(fitted)
    assert list(fields) == ["genres", "genres[1]", "genres[2]"]
    assert fields["genres"]["values"] == ["Drama", "War", "Noir"]
    assert fields["genres"]["counts"] == [3, 2, 1]
    assert fields["genres"]["missing"] == 3
    assert {field["slots"] for field in fields.values()} == {3}
    assert fields["genres[2]"]["vocabulary"] == "genres"
    assert fitted.document["feature_size"] == 5
    index, value = cells(fitted)
    assert index == [[2, 3, 0], [2, 0, 0], [0, 0, 0], [0, 0, 0], [3, 2, 4], [0, 0, 0]]
    third = np.float32(1 / 3)
    mean = [[0.5, 0.5, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0], [third] * 3, [1, 0, 0]]
    assert value == mean
    unknown = pa.table({"genres": ["Musical|Drama", "a|b|War|Noir"]})
    assert cells(fitted, unknown)[0] == [[1, 2, 0], [1, 1, 3]]


def test_items_beyond_the_most_that_are_kept_are_left_out(on_duckdb: Bind) -> None:
    parameters: dict[str, Any] = {"multi_valued": ["genres"], "max_values": 2}
    fitted = fit(on_duckdb, ["genres"], **parameters, combine="sum", min_count=2)
    index, value = cells(fitted)
    assert index[4] == [3, 2]
    assert value[4] == [1, 1]
    assert fitted.document["feature_size"] == 4


def test_items_have_weights(on_duckdb: Bind) -> None:
    parameters: dict[str, Any] = {"multi_valued": ["tags"], "weight_separator": ":"}
    fitted = fit(on_duckdb, ["tags"], **parameters, combine="sum")
    assert fields_of(fitted)["tags"]["values"] == ["a", "b", "c", "x:y"]
    _, value = cells(fitted)
    assert value == [[2, 0.5], [1, 0], [10, 0], [1, 0], [0, 0], [3, 0]]
    _, value = cells(fit(on_duckdb, ["tags"], **parameters))
    assert value == [[np.float32(0.8), np.float32(0.2)], [1, 0], [1, 0], [1, 0], [0, 0], [1, 0]]


@pytest.mark.parametrize("cell", ["a:x", "a:-1", "a:nan", "a:inf", "a:"])
def test_a_weight_that_is_no_weight_is_refused(on_duckdb: Bind, cell: str) -> None:
    table = on_duckdb(pa.table({"tags": ["a:1", cell]}))
    with pytest.raises(ComponentError) as caught:
        feature_map(table, multi_valued=["tags"], weight_separator=":")
    assert caught.value.code == "column.weight"
    assert "'tags'" in caught.value.message


def test_hashed_items_need_no_vocabulary(on_duckdb: Bind) -> None:
    fitted = fit(on_duckdb, ["genres"], multi_valued=["genres"], hashed=["genres"], hash_buckets=7)
    drama, war = (1 + hash_buckets(["Drama", "War"], 7)).tolist()
    assert cells(fitted)[0][0] == [drama, war, 0]
    assert fitted.document["feature_size"] == 8


def test_crossed_columns_are_one_feature_of_their_values_together(on_duckdb: Bind) -> None:
    fitted = fit(on_duckdb, ["city", "day"], crosses=[["city", "day"]])
    field = fields_of(fitted)["city*day"]
    assert field["columns"] == ["city", "day"]
    assert field["values"] == ["Bonn\x1f2", "Oslo\x1f1", "Rome\x1f1", "Rome\x1f2"]
    assert (field["counts"], field["missing"]) == ([1, 1, 1, 1], 2)
    first = field["first_index"]
    crossed = [row[2] - first for row in cells(fitted)[0]]
    missing = field["missing_index"] - first
    assert crossed == [2, 0, 1, missing, missing, 3]


def test_a_cross_has_a_minimum_count_and_may_be_hashed(on_duckdb: Bind) -> None:
    fitted = fit(on_duckdb, ["city", "day"], crosses=[["city", "day"]], min_counts={"city*day": 2})
    assert fields_of(fitted)["city*day"]["values"] == []
    fitted = fit(on_duckdb, ["city", "day"], crosses=[["city", "day"]], hashed=["city*day"])
    assert fields_of(fitted)["city*day"]["distinct"] == 4


def test_columns_of_a_group_share_one_vocabulary(on_duckdb: Bind) -> None:
    fitted = fit(on_duckdb, ["liked", "day", "city"], shared=[["city", "liked"]])
    fields = fields_of(fitted)
    assert (fields["liked"]["values"], fields["liked"]["counts"]) == (
        ["Oslo", "Rome", "Bonn"],
        [5, 4, 1],
    )
    assert fields["city"]["vocabulary"] == "liked"
    assert "values" not in fields["city"]
    assert (fields["liked"]["missing"], fields["city"]["missing"]) == (1, 1)
    index, _ = cells(fitted)
    assert [row[0] for row in index] == [2, 3, 0, 2, 2, 3]
    assert [row[2] for row in index] == [3, 4, 2, 2, 0, 3]
    assert fitted.document["feature_size"] == 5 + 4


def test_a_minimum_count_of_one_column_is_its_own(on_duckdb: Bind) -> None:
    fields = fields_of(fit(on_duckdb, ["liked", "city"], min_counts={"city": 2}))
    assert fields["city"]["values"] == ["Oslo", "Rome"]
    assert fields["liked"]["values"] == ["Oslo", "Rome"]


@pytest.mark.parametrize(
    ("parameters", "code", "parameter"),
    [
        ({"transforms": {"city": "log"}}, "column.use", "transforms"),
        ({"transforms": {"town": "log"}}, "column.missing", "transforms"),
        ({"hashed": ["price"]}, "column.use", "hashed"),
        ({"hashed": ["city*day"]}, "column.missing", "hashed"),
        ({"multi_valued": ["day"]}, "column.use", "multi_valued"),
        ({"multi_valued": ["genres"], "crosses": [["genres", "day"]]}, "column.use", "crosses"),
        ({"crosses": [["city"]]}, "feature_map.cross", "crosses"),
        ({"crosses": [["city", "city"]]}, "feature_map.cross", "crosses"),
        ({"crosses": [["city", "town"]]}, "column.missing", "crosses"),
        ({"shared": [["city", "price"]]}, "column.use", "shared"),
        ({"shared": [["city", "liked"]], "hashed": ["city"]}, "column.use", "shared"),
        ({"shared": [["city", "liked"], ["city", "day"]]}, "column.use", "shared"),
        ({"min_counts": {"price": 3}}, "column.use", "min_counts"),
    ],
)
def test_a_setting_that_does_not_apply_is_refused(
    on_duckdb: Bind, parameters: dict[str, Any], code: str, parameter: str
) -> None:
    error = refusal(on_duckdb, **parameters)
    assert (error.code, error.parameter) == (code, parameter)


EVERY_KIND: dict[str, Any] = {
    "numeric": ["price", "age", "size"],
    "transforms": {"age": "quantile", "price": "equal_width", "size": "log"},
    "buckets": 4,
    "hashed": ["user", "city.name*is new"],
    "hash_buckets": 11,
    "multi_valued": ["tags"],
    "max_values": 3,
    "crosses": [["city.name", "is new"], ["tag`s", "user", "ratio"]],
    "shared": [["tag`s", "city.name"]],
    "missing_values": ["-1", "é"],
}


@st.composite
def tables_of_every_kind(draw: st.DrawFn) -> pa.Table:
    table = draw(tables())
    items = st.lists(st.sampled_from(["a", "b", "點", "", "🙂", "-1", " "]), max_size=5)
    cells = st.one_of(st.none(), items.map("|".join))
    sizes = st.one_of(st.none(), st.sampled_from([0.0, -0.0, math.nan]), st.floats(-1e9, 1e9))
    n = table.num_rows
    tags = draw(st.lists(cells, min_size=n, max_size=n))
    table = table.append_column("tags", pa.array(tags, pa.string()))
    numbers = draw(st.lists(sizes, min_size=n, max_size=n))
    return table.append_column("size", pa.array(numbers, pa.float64()))


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=_CHECKS)
@given(table=tables_of_every_kind(), min_count=st.integers(1, 2))
def test_every_row_has_a_valid_index_in_the_range_of_its_field(
    on_duckdb: Bind, table: pa.Table, min_count: int
) -> None:
    fitted = feature_map(on_duckdb(table), min_count=min_count, **EVERY_KIND)
    examples = encode(table, fitted)
    index = examples.arrays["feat_index"]
    assert index.shape == (table.num_rows, len(fitted.document["fields"]))
    assert index.min() >= 0
    assert index.max() < fitted.document["feature_size"]
    used = np.bincount(index.ravel(), minlength=fitted.document["feature_size"])
    for field in fitted.document["fields"]:
        if field.get("transform") == "quantile" and field["min"] is not None:
            first, last = field["first_index"], field["first_index"] + len(field["boundaries"])
            assert (used[first : last + 1] > 0).all()


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=_CHECKS)
@given(table=tables_of_every_kind(), min_count=st.integers(1, 2))
def test_spark_and_duckdb_agree_on_features_of_every_kind_and_on_examples(
    on_duckdb: Bind, on_spark: Bind, table: pa.Table, min_count: int
) -> None:
    ours = feature_map(on_duckdb(table), min_count=min_count, **EVERY_KIND)
    theirs = feature_map(on_spark(table), min_count=min_count, **EVERY_KIND)
    assert canonical_json(theirs.document) == canonical_json(ours.document)
    assert _bytes(encode(table, theirs)) == _bytes(encode(table, ours))


NUMBERS, HASHES = [f"I{n}" for n in range(1, 14)], [f"C{n}" for n in range(1, 27)]
REAL: dict[str, dict[str, Any]] = {
    "criteo/criteo_sample.txt": {
        "label": "label",
        "numeric": NUMBERS,
        "numeric_transform": "quantile",
        "hashed": HASHES,
    },
    "movielens/movielens_sample.txt": {
        "label": "rating",
        "multi_valued": ["genres"],
        "crosses": [["gender", "age"]],
        "numeric": ["timestamp"],
        "numeric_transform": "log",
    },
    "porto_seguro/train.csv": {
        "label": "target",
        "numeric": ["ps_reg_03", "ps_car_13"],
        "transforms": {"ps_reg_03": "equal_width"},
        "missing_values": [-1],
        "shared": [["ps_car_04_cat", "ps_car_06_cat"]],
        "min_count": 5,
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("file", REAL)
def test_spark_and_duckdb_agree_on_real_tables_to_the_last_byte_of_the_examples(
    on_duckdb: Bind, on_spark: Bind, file: str
) -> None:
    path = Path("../shared/data") / file
    if not path.exists():
        pytest.skip(f"the sample {file} is not there")
    table = read_table(path=InputPath(str(path)))
    ours = feature_map(on_duckdb(table), **REAL[file])
    theirs = feature_map(on_spark(table), **REAL[file])
    assert canonical_json(theirs.document) == canonical_json(ours.document)
    unlabelled = table.drop_columns([REAL[file]["label"]])
    assert _bytes(encode(unlabelled, theirs)) == _bytes(encode(unlabelled, ours))


def _bytes(examples: Examples) -> dict[str, bytes]:
    return {name: np.asarray(array).tobytes() for name, array in examples.arrays.items()}
