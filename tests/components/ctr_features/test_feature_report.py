"""What is covered, missing and unknown, counted by hand on small tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis
import pyarrow as pa
import pytest

from components.ctr.feature_map import feature_map
from components.ctr.feature_report import feature_report
from studio.component import ComponentError

Bind = Callable[[pa.Table], ibis.Table]

TRAIN = pa.table(
    {
        "city": ["Oslo", "Oslo", "Rome", None],
        "genres": ["Drama|War", "Drama", "War", "War"],
        "price": [1.0, 2.0, 3.0, 4.0],
        "user": [1, 2, 3, 4],
        "clicked": [1, 0, 1, 0],
    }
)
TEST = pa.table(
    {
        "city": ["Oslo", "Bonn", None, "Oslo"],
        "genres": ["Drama|Noir", None, "War|Drama", ""],
        "price": [0.0, 2.5, None, 99.0],
        "user": [1, 1, 9, None],
        "clicked": [1, 0, 0, 0],
    }
)


@pytest.fixture
def report(on_duckdb: Bind) -> dict[str, Any]:
    fitted = feature_map(
        on_duckdb(TRAIN),
        label="clicked",
        multi_valued=["genres"],
        numeric_transform="equal_width",
        buckets=3,
        hashed=["user"],
        hash_buckets=2,
    )
    return dict(feature_report(TEST, fitted).document)


def field(report: dict[str, Any], name: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(entry for entry in report["fields"] if entry["name"] == name)
    return entry


def test_there_is_one_entry_a_field(report: dict[str, Any]) -> None:
    assert [entry["name"] for entry in report["fields"]] == ["city", "genres", "price", "user"]
    assert (report["rows"], report["label_rate"]) == (4, 0.25)


def test_covered_missing_and_unknown_are_shares_of_the_rows(report: dict[str, Any]) -> None:
    city = field(report, "city")
    assert (city["covered"], city["missing"], city["unknown"]) == (0.5, 0.25, 0.25)
    assert city["used"] == 3
    assert report["metrics"]["most_unknown"] == 0.25


def test_a_list_counts_by_its_items(report: dict[str, Any]) -> None:
    genres = field(report, "genres")  # Drama, Noir, missing, War, Drama, missing
    assert genres["covered"] == pytest.approx(3 / 6)
    assert genres["unknown"] == pytest.approx(1 / 6)
    assert genres["missing"] == pytest.approx(2 / 6)


def test_frequent_features_are_told_with_their_label_rate(report: dict[str, Any]) -> None:
    assert field(report, "city")["top"] == [
        {"feature": "Oslo", "count": 2, "label_rate": 0.5},
        {"feature": "(missing)", "count": 1, "label_rate": 0.0},
        {"feature": "(unknown)", "count": 1, "label_rate": 0.0},
    ]
    words = {entry["feature"] for entry in field(report, "price")["top"]}
    assert words == {"(-inf, 2]", "(2, 3]", "(3, inf]", "(missing)"}


def test_collisions_of_hashed_features_are_told(report: dict[str, Any]) -> None:
    user = field(report, "user")
    assert user["distinct"] == 4
    assert user["collisions"] >= 3  # four values in two buckets
    assert report["metrics"]["collisions"] == user["collisions"]


def test_a_table_without_the_label_has_no_rates(on_duckdb: Bind) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    report = feature_report(TEST.drop_columns(["clicked"]), fitted, top=1).document
    assert report["label_rate"] is None
    assert [entry["top"][0]["label_rate"] for entry in report["fields"]] == [None] * 4


def test_a_table_without_rows_is_reported(on_duckdb: Bind) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    report = feature_report(TEST.slice(0, 0), fitted).document
    assert report["rows"] == 0
    assert report["fields"][0]["covered"] is None


def test_a_table_of_other_columns_is_refused(on_duckdb: Bind) -> None:
    fitted = feature_map(on_duckdb(TRAIN), label="clicked")
    with pytest.raises(ComponentError) as caught:
        feature_report(TEST.drop_columns(["city"]), fitted)
    assert caught.value.code == "schema.drift"
