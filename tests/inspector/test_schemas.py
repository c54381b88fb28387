"""Schemas before a run are those that the tables have after it; what is unknown is said to be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.ctr.generate_click_log import generate_click_log
from components.tables.read_table import read_table
from studio.columns import column_problems, column_values
from studio.component import TableWithRoles
from studio.errors import NotFoundError
from studio.inspector import Inference, Inferred, Inspector
from studio.inspector.arrow_types import arrow_type
from studio.pipeline import Node, load_pipeline
from studio.settings import builtin_folder
from studio.spec import BrokenComponent, ComponentSpec
from tests.conftest import Json, pipeline

COMPONENTS = builtin_folder("components")
CSV = b"code,city,price,clicked,when\n007,Rome,1.5,1,2024-01-01\n12,Oslo,,0,2024-01-02\n"


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    inspector = Inspector()
    yield inspector
    inspector.stop()


@pytest.fixture(scope="module")
def specs(inspector: Inspector) -> dict[str, ComponentSpec]:
    names = ("tables/read_table", "tables/split", "ctr/encode", "ctr/evaluate", "ctr/predict")
    files = [COMPONENTS / f"{name}.py" for name in names]
    read = inspector.read_components(files)
    return {spec.name: spec for spec in read if isinstance(spec, ComponentSpec)}


class Studio:
    """Infers schemas; counts what it had to ask for."""

    def __init__(self, inspector: Inspector, specs: Mapping[str, ComponentSpec]) -> None:
        self._inspector = inspector
        self._specs = specs
        self.inference = Inference(self._ask)
        self.asked = 0
        self.last: dict[str, dict[str, list[Json]]] = {}

    def _ask(self, spec: ComponentSpec, parameters: Any, inputs: Any) -> Any:
        self.asked += 1
        return self._inspector.schemas(spec, parameters, inputs)

    def infer(
        self, document: Json, values: Json | None = None, seconds: float = 180
    ) -> dict[str, Inferred]:
        def stamp(_: ComponentSpec, parameters: Json) -> tuple[Json, Any]:
            if not Path(parameters.get("path", "/")).exists():
                raise NotFoundError("There is no such file.")
            return parameters, None

        def last(node: Node) -> dict[str, list[Json]]:
            return self.last.get(node.id, {})

        loaded = load_pipeline(document)
        return self.inference.infer(loaded, self._specs, values or {}, stamp, last, seconds)


@pytest.fixture
def studio(inspector: Inspector, specs: dict[str, ComponentSpec]) -> Studio:
    return Studio(inspector, specs)


def data_file(path: Path, name: str = "data.csv", content: bytes = CSV) -> str:
    file = path / name
    file.write_bytes(content)
    return str(file)


def read(path: str, **parameters: Any) -> Json:
    return {"component": "read_table", "parameters": {"path": path, **parameters}}


def types(inferred: Inferred, port: str = "table") -> dict[str, str]:
    schema = inferred.outputs[port]
    assert schema is not None
    return {column["name"]: column["type"] for column in schema.columns}


READINGS: dict[str, Json] = {
    "as it is": {},
    "declared types": {"column_types": {"code": "int64", "when": "date"}},
    "roles": {"label": "clicked", "time": "when"},
    "null values": {"null_values": ["", "0"]},
}


@pytest.mark.parametrize("name", READINGS)
def test_a_file_has_the_columns_that_reading_it_gives(
    studio: Studio, tmp_path: Path, name: str
) -> None:
    path, parameters = data_file(tmp_path), READINGS[name]
    schema = studio.infer(pipeline({"a": read(path, **parameters)}, []))["a"].outputs["table"]
    result: Any = read_table(path=path, **parameters)  # type: ignore[arg-type]
    table, roles = (
        (result.table, result.roles) if isinstance(result, TableWithRoles) else (result, {})
    )
    assert schema is not None
    assert schema.columns == [
        {
            "name": field.name,
            "type": str(field.type),
            "role": next((role for role, names in roles.items() if field.name in names), None),
        }
        for field in table.schema
    ]


def test_of_a_parquet_file_only_its_end_is_read(studio: Studio, tmp_path: Path) -> None:
    table = pa.table(
        {
            "list": [[1]],
            "dictionary": pa.array(["x"]).dictionary_encode(),
            "decimal": pa.array([1], pa.decimal128(9, 2)),
            "zoned": pa.array([0], pa.timestamp("us", "UTC")),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")
    content = bytearray((tmp_path / "x.parquet").read_bytes())
    content[4:40] = b"\0" * 36  # data pages: a reading of rows would fail
    path = data_file(tmp_path, "x.parquet", bytes(content))
    assert types(studio.infer(pipeline({"a": read(path)}, []))["a"]) == {
        "list": "list<element: int64>",
        "dictionary": "string",
        "decimal": "decimal128(9, 2)",
        "zoned": "timestamp[us, tz=UTC]",
        "__row__": "int64",
    }


def test_of_a_large_file_the_first_rows_tell(studio: Studio, tmp_path: Path) -> None:
    row = b"1," + b"x" * 1000 + b"\n"
    path = data_file(tmp_path, "large.csv", b"n,text\n" + row * 20_000)
    assert types(studio.infer(pipeline({"a": read(path)}, []))["a"])["n"] == "int64"
    jsonl = data_file(
        tmp_path, "large.jsonl", (b'{"n": 1, "t": "' + b"x" * 1000 + b'"}\n') * 20_000
    )
    assert studio.infer(pipeline({"a": read(jsonl)}, []))["a"].outputs == {"table": None}


def test_columns_and_roles_travel_along_the_edges(studio: Studio, tmp_path: Path) -> None:
    nodes = {
        "a": read(data_file(tmp_path), label="clicked"),
        "b": {"component": "split", "parameters": {}},
        "c": {"component": "predict", "parameters": {"keep": ["city"]}},
    }
    found = studio.infer(pipeline(nodes, ["a.table > b.table", "b.test > c.table"]))
    assert types(found["b"], "train") == types(found["b"], "test") == types(found["a"])
    assert found["b"].inputs == {"table": [found["a"].outputs["table"]]}
    train = found["b"].outputs["train"]
    assert train is not None
    assert [c["role"] for c in train.columns if c["name"] == "clicked"] == ["label"]
    assert train.source == "inferred"
    assert types(found["c"]) == {
        "city": "string",
        "__row__": "int64",
        "prediction_result": "int64",
        "prediction_score": "double",
        "prediction_detail": "string",
    }
    assert not [problem for item in found.values() for problem in item.problems]


def test_a_column_that_is_not_there_is_a_problem_with_the_nearest_name(
    studio: Studio, tmp_path: Path
) -> None:
    nodes = {
        "a": read(data_file(tmp_path)),
        "b": {
            "component": "encode",
            "parameters": {"label": "clickd", "weight": "price", "group": "nothing"},
        },
    }
    problems = studio.infer(pipeline(nodes, ["a.table > b.table"]))["b"].problems
    told = [(p.code, p.node, p.field, p.port) for p in problems]
    assert told == [
        ("parameter.column_missing", "b", "label", "table"),
        ("parameter.column_missing", "b", "group", "table"),
    ]
    assert problems[0].hint == "Did you mean 'clicked'?"
    assert problems[1].hint is not None
    assert "city" in problems[1].hint
    assert "__row__" not in problems[1].hint


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"label": "clickd"}, "parameter.column_missing", "label"),
        ({"column_types": {"prize": "int64"}}, "parameter.column_missing", "column_types"),
        ({"separator": ";;"}, "csv.separator", "separator"),
        ({"encoding": "none"}, "csv.encoding", "encoding"),
        ({"column_types": {"city": "int64"}}, "column.type", "column_types"),
    ],
)
def test_what_a_component_refuses_of_its_input_is_told_before_the_run(
    studio: Studio, tmp_path: Path, parameters: Json, code: str, field: str
) -> None:
    found = studio.infer(pipeline({"a": read(data_file(tmp_path), **parameters)}, []))["a"]
    (problem,) = found.problems
    assert (problem.code, problem.field, problem.node) == (code, field, "a")
    assert found.outputs == {"table": None}


def test_after_a_problem_nothing_is_claimed_of_what_follows(studio: Studio, tmp_path: Path) -> None:
    nodes = {
        "a": read(data_file(tmp_path)),
        "b": {"component": "predict", "parameters": {"keep": ["citty"]}},
        "c": {"component": "evaluate", "parameters": {"label": "anything"}},
    }
    found = studio.infer(pipeline(nodes, ["a.table > b.table", "b.table > c.tables"]))
    assert found["b"].outputs == {"table": None}
    assert [problem.field for problem in found["b"].problems] == ["keep.0"]
    assert found["c"].problems == []


def test_what_is_not_known_spoils_only_what_depends_on_it(studio: Studio, tmp_path: Path) -> None:
    split: Json = {"component": "split", "parameters": {}}
    nodes: dict[str, Json] = {
        "a": read(data_file(tmp_path)),
        "good": split,
        "unknown": {"component": "not_here"},
        "after": split,
        "wrong": {"component": "split", "parameters": {"fraction": 7}},
        "alone": split,
        "x": split,
        "y": split,
    }
    edges = [
        "a.table > good.table",
        "unknown.table > after.table",
        "a.table > wrong.table",
        "x.train > y.table",
        "y.train > x.table",
    ]
    found = studio.infer(pipeline(nodes, edges))
    assert types(found["good"], "train")
    nothing = {"train": None, "test": None}
    for name in ("after", "wrong", "alone"):
        assert found[name].outputs == nothing, name
        assert found[name].problems == []
    assert not {"unknown", "x", "y"} & found.keys()


def test_the_last_run_tells_what_else_is_unknown_but_is_no_ground_for_a_problem(
    studio: Studio,
) -> None:
    columns = [{"name": n, "type": "int64", "role": None} for n in ("x", "__row__")]
    studio.last = {"a": {"table": columns}}
    nodes = {
        "a": read("not/here.csv"),
        "b": {"component": "split", "parameters": {}},
        "c": {"component": "encode", "parameters": {"label": "new"}},
        "d": {
            "component": "split",
            "parameters": {"method": "stratified", "stratify_by": "new"},
        },
    }
    edges = ["a.table > b.table", "b.train > c.table", "b.test > d.table"]
    found = studio.infer(pipeline(nodes, edges))
    train = found["b"].outputs["train"]
    assert train is not None
    assert (train.names, train.source) == (["x", "__row__"], "last_run")
    assert found["c"].problems == found["d"].problems == []


def test_drawing_on_asks_only_for_what_has_changed(studio: Studio, tmp_path: Path) -> None:
    nodes: dict[str, Json] = {"n0": read(data_file(tmp_path))}
    edges = []
    for number in range(1, 20):
        nodes[f"n{number}"] = {"component": "split", "parameters": {"seed": number}}
        port = "table" if number == 1 else "train"
        edges.append(f"n{number - 1}.{port} > n{number}.table")
    studio.infer(pipeline(nodes, edges))
    assert studio.asked == 20
    studio.infer(pipeline({**nodes, "n19": {**nodes["n19"], "name": "renamed"}}, edges))
    assert studio.asked == 20
    nodes["n5"] = {"component": "split", "parameters": {"seed": 99}}
    studio.infer(pipeline(nodes, edges))
    assert studio.asked == 21  # the columns stay what they were, so nothing below is asked again


def test_what_there_was_no_time_to_ask_is_unknown_until_the_next_time(
    studio: Studio, tmp_path: Path
) -> None:
    document = pipeline({"a": read(data_file(tmp_path))}, [])
    assert studio.infer(document, seconds=-1)["a"].outputs == {"table": None}
    assert types(studio.infer(document)["a"])
    assert types(studio.infer(document, seconds=-1)["a"])  # it is known by now


def test_parameters_of_the_pipeline_are_put_in(studio: Studio, tmp_path: Path) -> None:
    document = pipeline(
        {"a": read("${path}", label="${label}")},
        [],
        parameters={"path": {"type": "string"}, "label": {"type": "string"}},
    )
    values = {"path": data_file(tmp_path), "label": "clicked"}
    assert types(studio.infer(document, values)["a"])
    (problem,) = studio.infer(document, {**values, "label": "x"})["a"].problems
    assert problem.field == "label"


def test_columns_are_found_wherever_a_parameter_names_them() -> None:
    column = {"type": "string", "format": "column"}
    spec = _spec(
        {
            "one": column,
            "optional": {"anyOf": [column, {"type": "null"}]},
            "many": {"type": "array", "items": column},
            "keys": {"type": "object", "propertyNames": {"format": "column"}},
            "values": {"type": "object", "additionalProperties": column},
            "inner": {"$ref": "#/$defs/Pair"},
            "text": {"type": "string"},
            "left": {**column, "port": "left"},
        },
        {"Pair": {"type": "object", "properties": {"first": column}}},
    )
    parameters = {
        "one": "a",
        "optional": None,
        "many": ["b", "c"],
        "keys": {"d": 1},
        "values": {"key": "e"},
        "inner": {"first": "f", "second": "no"},
        "text": "no",
        "left": "g",
    }
    found = {value.field: (value.name, value.port) for value in column_values(spec, parameters)}
    assert found == {
        "one": ("a", None),
        "many.0": ("b", None),
        "many.1": ("c", None),
        "keys.d": ("d", None),
        "values.key": ("e", None),
        "inner.first": ("f", None),
        "left": ("g", "left"),
    }


TABLES: dict[str, tuple[Json, dict[str, list[list[str] | None]], bool]] = {
    "in one of two ports": ({"c": "x"}, {"l": [["x"]], "r": [["y"]]}, False),
    "in none of two ports": ({"c": "z"}, {"l": [["x"]], "r": [["y"]]}, True),
    "one port is unknown": ({"c": "z"}, {"l": [["x"]], "r": [None]}, False),
    "not in the port named": ({"p": "y"}, {"l": [["x"]], "r": [["y"]]}, True),
    "in the port named": ({"p": "x"}, {"l": [["x"]], "r": [["y"]]}, False),
    "in not all tables of a port": ({"c": "x"}, {"l": [["x"], ["y"]]}, True),
    "nothing is connected": ({"c": "x"}, {"l": []}, False),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_column_must_be_where_it_is_looked_for(name: str) -> None:
    parameters, tables, is_wrong = TABLES[name]
    column = {"type": "string", "format": "column"}
    spec = _spec({"c": column, "p": {**column, "port": "l"}}, {})
    problems = list(column_problems(Node(id="n", component="c"), spec, parameters, tables))
    assert bool(problems) == is_wrong


@pytest.mark.parametrize(
    "type_",
    [
        pa.int8(),
        pa.float64(),
        pa.bool_(),
        pa.date32(),
        pa.timestamp("ns"),
        pa.timestamp("us", "Europe/Rome"),
        pa.decimal128(10, -2),
        pa.list_(pa.list_(pa.string())),
        pa.large_list(pa.int64()),
        pa.binary(),
        pa.null(),
    ],
    ids=str,
)
def test_a_type_is_known_by_the_name_that_it_prints(type_: Any) -> None:
    assert arrow_type(str(type_)) == type_


def test_every_built_in_component_that_makes_a_table_tells_its_columns(
    inspector: Inspector,
) -> None:
    files = sorted(COMPONENTS.glob("*/[a-z]*.py"))
    silent = [spec for spec in inspector.read_components(files) if _is_silent(spec)]
    assert silent == []


def _is_silent(spec: ComponentSpec | BrokenComponent) -> bool:
    assert isinstance(spec, ComponentSpec), spec
    makes_table = any(port.kind == "table" for port in spec.outputs)
    on_ibis = {port.receives for port in spec.inputs} == {"ibis.Table"}
    return makes_table and not spec.tells_schema and not on_ibis


def test_the_columns_that_a_component_tells_are_those_that_it_makes(
    studio: Studio, inspector: Inspector
) -> None:
    (spec,) = inspector.read_components([COMPONENTS / "ctr/generate_click_log.py"])
    assert isinstance(spec, ComponentSpec)
    made: Any = generate_click_log(rows=10, fields=12)
    told = inspector.schemas(spec, {"rows": 10, "fields": 12}, {})["table"]
    assert told is not None
    assert [(c["name"], c["type"]) for c in told] == [
        (field.name, str(field.type)) for field in made.table.schema
    ]
    assert {c["role"]: [c["name"]] for c in told if c["role"]} == made.roles


def _spec(properties: Json, definitions: Json) -> ComponentSpec:
    return ComponentSpec(
        name="c",
        package="p",
        version="1",
        title="",
        category="",
        summary="",
        documentation="",
        inputs=(),
        outputs=(),
        parameters=json.loads(json.dumps({"properties": properties, "$defs": definitions})),
        digest="",
        file="",
    )
