"""Of every example of the docs: what is told of its tables before a run is what they are after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.inspector import Inference, Inspector, TableSchema
from studio.pipeline import load_pipeline
from studio.spec import ComponentSpec
from tests.conftest import Json, Studio

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.json"))


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    inspector = Inspector()
    yield inspector
    inspector.stop()


def infer(studio: Studio, inspector: Inspector, document: Json) -> dict[tuple[str, str], Any]:
    """(node, port) -> what is known of the table before a run; examples read no files."""

    def resolve(_: ComponentSpec, parameters: Json) -> tuple[Json, Any]:
        return parameters, None

    pipeline = load_pipeline(document)
    specs = studio.catalog.specs
    found = Inference(inspector.schemas).infer(pipeline, specs, {}, resolve, lambda _: {}, 60)
    assert [problem for item in found.values() for problem in item.problems] == []
    outputs = ((node, item.outputs) for node, item in found.items())
    return {(node, port): schema for node, ports in outputs for port, schema in ports.items()}


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_tables_have_the_columns_that_were_told_before_the_run(
    builtin: Studio, inspector: Inspector, example: Path
) -> None:
    document = json.loads(example.read_text(encoding="utf-8"))
    told = infer(builtin, inspector, document)
    steps = builtin.execute(document)
    for (node, port), schema in told.items():
        output = steps[node].outputs.get(port)
        if schema is None or output is None:
            # Only code that a person typed may keep its columns to itself.
            assert steps[node].bound["spec"]["confined"], (node, port)
            continue
        assert _columns(schema) == _made(output["summary"]), (node, port)


def _columns(schema: TableSchema) -> list[tuple[str, str, str | None]]:
    return [(c["name"], _type(c["type"]), c["role"]) for c in schema.columns]


def _made(summary: Json) -> list[tuple[str, str, str | None]]:
    role_of = {name: role for role, names in summary["roles"].items() for name in names}
    return [(c["name"], _type(c["type"]), role_of.get(c["name"])) for c in summary["columns"]]


def _type(name: str) -> str:
    """Parquet has no word for a string with large offsets."""
    return name.removeprefix("large_")
