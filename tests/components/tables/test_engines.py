"""Every component on `ibis.Table` gives the same on DuckDB and on Spark, to the last value."""

from __future__ import annotations

import datetime
import importlib
import math
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.component import FeatureMap, canonical_json
from studio.loader import list_component_files, list_packages
from studio.settings import builtin_folder
from studio.worker.tables import write_table

Bind = Callable[[pa.Table], ibis.Table]

_DAY = datetime.date(2024, 2, 29)
_TIME = datetime.datetime(2024, 2, 29, 12, 30, 1, 250_000)

AWKWARD = pa.table(
    {
        "__row__": list(range(8)),
        "user": [2**63 - 1, -(2**63), 7, 7, None, 0, 7, -1],
        "city": ["Oslo", "", "點擊 🙂", None, "Oslo", "o'Neil", "e\u0301", "Oslo"],
        "price": [0.1, -0.0, 0.0, math.nan, None, 1e-7, 123456789.125, -3.5],
        "is_new": [True, False, None, True, True, False, None, False],
        "text": ["1", " 2.5", "1e3", "x", None, "007", "true", "-0"],
        "day": [_DAY, None, _DAY, _DAY, _DAY, datetime.date(1999, 1, 1), _DAY, None],
        "time": pa.array(
            [_TIME, None, _TIME, _TIME, _TIME, _TIME, None, _TIME], pa.timestamp("us")
        ),
        "clicked": [1, 0, 0, 1, 1, 0, 1, 0],
    }
)
CITIES = pa.table(
    {
        "__row__": [0, 1, 2, 3],
        "city": ["Oslo", "點擊 🙂", "Oslo", None],
        "user": [1, 2, 3, 4],
        "price": [0.5, -0.0, math.nan, 9.0],
    }
)


@dataclass(frozen=True)
class Case:
    component: str
    parameters: dict[str, Any]
    tables: tuple[pa.Table, ...] = (AWKWARD,)
    many: bool = False

    def __str__(self) -> str:
        shown = ",".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"{self.component}({shown})"


CASES = [
    Case("split", {"fraction": 0.5, "seed": 3}),
    Case("split", {"method": "stratified", "stratify_by": "city", "fraction": 0.5}),
    Case("split", {"method": "stratified", "stratify_by": "is_new", "fraction": 0.3}),
    Case("split", {"method": "group", "group_by": "user", "fraction": 0.5, "seed": 1}),
    Case("split", {"method": "time", "time": "time", "fraction": 0.5}),
    Case("split", {"method": "time", "time": "day", "fraction": 0.2}),
    Case("split", {"method": "time", "time": "user", "fraction": 0.4}),
    Case("add_folds", {"folds": 3}),
    Case("add_folds", {"folds": 2, "method": "stratified", "by": "clicked", "seed": 5}),
    Case("add_folds", {"folds": 2, "method": "group", "by": "city"}),
    Case("sample", {"rows": 3, "seed": 2}),
    Case("sample", {"fraction": 0.4}),
    Case("filter_rows", {"column": "city", "value": "Oslo"}),
    Case("filter_rows", {"column": "city", "operator": "!=", "value": "o'Neil"}),
    Case("filter_rows", {"column": "price", "operator": "<=", "value": 0.1}),
    Case("filter_rows", {"column": "price", "operator": "is null"}),
    Case("filter_rows", {"column": "user", "operator": ">", "value": 6}),
    Case("filter_rows", {"column": "day", "operator": ">=", "value": "2024-01-01"}),
    Case("filter_rows", {"column": "time", "operator": "<", "value": "2024-02-29 12:30:02"}),
    Case("filter_rows", {"column": "is_new", "value": True}),
    Case("filter_rows", {"column": "city", "operator": "not in", "values": ["Oslo", ""]}),
    Case("select_columns", {"columns": ["price", "city"], "rename": {"price": "cost"}}),
    Case("select_columns", {"drop": ["__row__", "day"]}),
    Case("join", {"on": ["city"]}, (AWKWARD, CITIES)),
    Case("join", {"on": ["city"], "how": "left", "suffix": "_of"}, (AWKWARD, CITIES)),
    Case("join", {"on": ["city"], "how": "outer"}, (AWKWARD, CITIES)),
    Case("join", {"on": ["clicked"], "right_on": ["user"], "how": "left"}, (AWKWARD, CITIES)),
    Case("join", {"on": ["city", "clicked"], "right_on": ["city", "user"]}, (AWKWARD, CITIES)),
    Case("cast_types", {"types": {"text": "float64", "user": "string"}, "invalid": "null"}),
    Case("cast_types", {"types": {"text": "int64", "is_new": "int64"}, "invalid": "null"}),
    Case("cast_types", {"types": {"text": "bool", "is_new": "string"}, "invalid": "null"}),
    Case("cast_types", {"types": {"price": "int64", "clicked": "bool"}, "invalid": "null"}),
    Case("cast_types", {"types": {"clicked": "float64"}}),
    Case("merge_rows", {}, (AWKWARD, AWKWARD.slice(2, 3)), many=True),
    Case("merge_rows", {"distinct": True}, (AWKWARD, AWKWARD.slice(2, 3)), many=True),
    Case("merge_rows", {}, many=True),
    Case("merge_columns", {}, (AWKWARD.slice(0, 4), CITIES)),
    Case("append_id", {"order_by": ["city", "price"]}),
    Case("append_id", {"column": "number"}),
    Case("append_id", {}, (AWKWARD.drop_columns(["__row__"]),)),
    Case("aggregate", {"by": ["city"], "sum": ["price", "clicked"], "mean": ["price"]}),
    Case("aggregate", {"by": ["price"], "min": ["user"], "max": ["day"], "distinct": ["city"]}),
    Case("aggregate", {"by": ["is_new", "clicked"], "mean": ["clicked"], "distinct": ["price"]}),
    Case("aggregate", {"mean": ["price"], "min": ["price", "city"], "max": ["price"]}),
    Case("fill_missing", {"columns": ["price"], "value": 2.5, "indicator": "_missing"}),
    Case("fill_missing", {"columns": ["price"], "method": "mean"}),
    Case("fill_missing", {"columns": ["price", "day", "city"], "method": "max"}),
    Case("fill_missing", {"columns": ["city", "user", "is_new"], "method": "most frequent"}),
    Case("fill_missing", {"columns": ["city"], "value": "?"}),
    Case("feature_map", {"label": "clicked", "ignore": ["day", "time"], "hashed": ["city"]}),
]


def table_components() -> set[str]:
    """The names of all components that work on `ibis.Table`."""
    return {
        file.stem
        for package in list_packages(builtin_folder("components"))
        for file in list_component_files(package)
        if _takes_ibis(load(file.stem, package.name))
    }


def load(name: str, package: str = "") -> Callable[..., Any]:
    packages = [package] if package else ["tables", "ctr"]
    for package in packages:
        if (builtin_folder("components") / package / f"{name}.py").is_file():
            function: Callable[..., Any] = getattr(
                importlib.import_module(f"components.{package}.{name}"), name
            )
            return function
    raise AssertionError(f"there is no component {name}")


def _takes_ibis(function: Callable[..., Any]) -> bool:
    hints = typing.get_type_hints(function)
    return any(hint in (ibis.Table, list[ibis.Table]) for hint in hints.values())


def results(case: Case, bind: Bind, engine: Any, folder: Path) -> dict[str, Any]:
    """The outputs of a component by port, tables as a step writes them."""
    function = load(case.component)
    tables = [bind(_as_written(table)) for table in case.tables]
    returned = function(*([tables] if case.many else tables), **case.parameters)
    outputs = returned._asdict() if hasattr(returned, "_asdict") else {"table": returned}
    return {port: _written(value, folder / port, engine) for port, value in outputs.items()}


def _as_written(table: pa.Table) -> pa.Table:
    """As a step leaves it to the next one: NaN is null."""
    columns = {
        name: pa.array(table[name].to_pylist(), field.type, from_pandas=True)
        for name, field in zip(table.column_names, table.schema, strict=True)
    }
    return pa.table(columns)


def _written(value: Any, folder: Path, engine: Any) -> Any:
    if isinstance(value, FeatureMap):
        return canonical_json(value.document)
    folder.mkdir(parents=True)
    about = write_table(value, folder, "table", engine, [])
    parts = [pq.read_table(path) for path in sorted(folder.glob("*.parquet"))]
    return about["columns"], [str(row) for row in pa.concat_tables(parts).to_pylist()]


class Engine:
    """What a step's engine is to the writer of tables."""

    def __init__(self, backend: Any, is_spark: bool) -> None:
        self.ibis = backend
        self.is_spark = is_spark
        self.spark = backend._session if is_spark else None


def test_every_component_on_tables_has_a_case() -> None:
    assert table_components() == {case.component for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_duckdb_gives_a_table_with_its_ordinals_in_order(
    case: Case, on_duckdb: Bind, tmp_path: Path
) -> None:
    engine = Engine(on_duckdb(CITIES).get_backend(), is_spark=False)
    first = results(case, on_duckdb, engine, tmp_path / "first")
    assert results(case, on_duckdb, engine, tmp_path / "again") == first


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_columns_are_known_before_a_run(case: Case, on_duckdb: Bind, tmp_path: Path) -> None:
    function = load(case.component)
    if case.component == "feature_map":
        return  # its output is no table
    schemas = [ibis.Schema.from_pyarrow(table.schema) for table in case.tables]
    tables = [ibis.table(schema, name=f"t{n}") for n, schema in enumerate(schemas)]
    returned = function(*([tables] if case.many else tables), **case.parameters)
    outputs = returned._asdict() if hasattr(returned, "_asdict") else {"table": returned}
    engine = Engine(on_duckdb(CITIES).get_backend(), is_spark=False)
    for port, (columns, _) in results(case, on_duckdb, engine, tmp_path).items():
        told = outputs[port].schema().to_pyarrow()
        assert [(field.name, str(field.type)) for field in told] == [
            (column["name"], column["type"]) for column in columns
        ]


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_spark_gives_the_same_as_duckdb(
    case: Case, on_duckdb: Bind, on_spark: Bind, spark: ibis.BaseBackend, tmp_path: Path
) -> None:
    duckdb = Engine(on_duckdb(CITIES).get_backend(), is_spark=False)
    ours = results(case, on_duckdb, duckdb, tmp_path / "duckdb")
    theirs = results(case, on_spark, Engine(spark, is_spark=True), tmp_path / "spark")
    assert theirs == ours
