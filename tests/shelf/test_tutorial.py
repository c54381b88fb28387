"""The tutorial is true: its files are uploaded in order, and what they are said to do, they do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studio.packages.update import update_nodes
from studio.pipeline import load_pipeline
from studio.spec import ComponentSpec
from tests.shelf.test_runs import Bench, bench, chain, column, rows  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

TEXT = (Path(__file__).parents[2] / "docs" / "write-a-component.md").read_text()
BLOCKS = re.findall(r"```python file=(\w+)\.py\n(.*?)```", TEXT, re.DOTALL)


def source(name: str, number: int = 0) -> str:
    texts: list[str] = [text for file, text in BLOCKS if file == name]
    return texts[number]


def test_each_python_block_has_a_file() -> None:
    assert TEXT.count("```python") == len(BLOCKS)
    assert [name for name, _ in BLOCKS] == [
        *("scale_amount", "scale_amount", "halves", "language_of", "gated"),
    ]


def test_the_first_component_runs_and_is_brought_up_to_date(
    bench: Bench,  # noqa: F811
    rows: Path,  # noqa: F811
) -> None:
    first = bench.add("scale_amount", source("scale_amount"))
    document = chain("scale_amount", rows=rows, digest=first.digest, parameters={"factor": 3.0})
    second = bench.add("scale_amount", source("scale_amount", 1))
    pipeline, (update,) = update_nodes(load_pipeline(document), bench.studio.catalog.specs)
    assert (update.before, update.after) == (first.digest, second.digest)
    assert update.renamed == {"factor": "multiplier"}
    node = next(node for node in pipeline.nodes if node.id == "scale_amount")
    moved = node.model_copy(update={"parameters": {**node.parameters, "column": "n"}})
    steps = bench.studio.execute(
        pipeline.model_copy(update={"nodes": [pipeline.nodes[0], moved]}).dump()
    )
    assert column(bench.studio, steps["scale_amount"], "n") == [3, 6, 9]


def test_a_component_with_three_outputs_runs(bench: Bench, rows: Path) -> None:  # noqa: F811
    bench.add("halves", source("halves"))
    spec = bench.studio.catalog.specs["halves"]
    assert isinstance(spec, ComponentSpec)
    assert [port.name for port in spec.outputs] == ["first", "second", "report"]
    steps = bench.run("halves", rows=rows)
    assert steps["halves"].state == "succeeded", steps["halves"].problems
    summary = steps["halves"].outputs["report"]["summary"]
    assert (summary["first"], summary["second"]) == (1, 2)
    assert summary["plots"][0]["title"] == "Rows"


def test_a_component_with_libraries_of_its_own_runs(bench: Bench, rows: Path) -> None:  # noqa: F811
    bench.add("language_of", source("language_of"))
    steps = bench.run("language_of", rows=rows)
    assert column(bench.studio, steps["language_of"], "version") == ["4.12.2"] * 3
