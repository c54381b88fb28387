"""The conformance suite finds what it is there to find, in the sandbox, and says it in words."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from studio.inspector import SourceReader
from studio.inspector.conformance import ComponentReport, check_package
from studio.sandbox.launch import find_mechanism
from studio.spec import BrokenComponent, ComponentSpec

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here"),
]

HEAD = """
from typing import Annotated
import pandas as pd
from pydantic import Field
from studio.component import ComponentError, Model, component
"""
WORDS = '''"""Do it to table; of n and column the form says more.

    Shapes: table (n, d) -> table (n, d).
    Errors: none.
    """
'''


def report(
    sources: SourceReader, folder: Path, text: str, example: object = None
) -> ComponentReport:
    (folder / "f.py").write_text(HEAD + text)
    if example is not None:
        (folder / "f.example.json").write_text(json.dumps(example))
    entries = sources.read({"f.py": HEAD + text}, "p", "0" * 64)
    specs = [entry for entry in entries if isinstance(entry, ComponentSpec)]
    broken = [entry for entry in entries if isinstance(entry, BrokenComponent)]
    found = check_package(specs, broken, folder, Path(sys.executable))
    assert found.passed == found.components[-1].passed
    return found.components[-1]


def function(body: str, parameters: str = "*, n: int = 1", words: str = WORDS) -> str:
    return f"def f(table: pd.DataFrame, {parameters}) -> pd.DataFrame:\n    {words}    {body}\n"


FAULTS = {
    "documentation": function("return table", words='"""Do it."""\n'),
    "defaults": function("return table", "*, n: Annotated[int, Field(ge=5)] = 1"),
    "deterministic": function("import os; return table.assign(x=os.urandom(8).hex())"),
    "empty_table": function("return table.assign(x=table['id'].iloc[0])"),
    "schema": function("return table if len(table) else table[['id']]"),
    "runs": function("return table['no such column']"),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_each_fault_is_found_by_its_rule_and_by_no_other(
    sources: SourceReader, tmp_path: Path, rule: str
) -> None:
    found = report(sources, tmp_path, FAULTS[rule])
    failed = [check.name for check in found.checks if check.outcome == "failed"]
    assert failed == [rule], found.checks


def test_a_component_in_order_passes_every_rule(sources: SourceReader, tmp_path: Path) -> None:
    found = report(sources, tmp_path, function("return table.assign(n=n)"))
    assert [check.outcome for check in found.checks] == ["passed"] * len(found.checks)
    assert len(found.checks) == 9
    assert found.peak_memory is not None
    assert found.peak_memory > 1 << 20


def test_no_rows_may_be_refused_in_words(sources: SourceReader, tmp_path: Path) -> None:
    body = "\n    ".join(
        ("if not len(table):", "    raise ComponentError('There are no rows.')", "return table")
    )
    found = report(sources, tmp_path, function(body))
    assert found.passed, found.checks


def test_an_example_gives_tables_and_parameters(sources: SourceReader, tmp_path: Path) -> None:
    text = function("return table[[column]]", "*, column: str")
    without = report(sources, tmp_path, text)
    assert [check.outcome for check in without.checks][-1] == "skipped"
    example = {"parameters": {"column": "x"}, "inputs": {"table": {"x": [1, 2], "y": [3, 4]}}}
    assert all(
        check.outcome == "passed" for check in report(sources, tmp_path, text, example).checks
    )


def test_an_example_may_be_what_another_component_gives(
    sources: SourceReader, tmp_path: Path
) -> None:
    text = (
        "@component(title='T', category='C')\n"
        f"def make(table: pd.DataFrame) -> Model:\n    {WORDS}"
        "    return Model({'mean': float(table['id'].mean() if len(table) else 0)})\n"
        "@component(title='F', category='C')\n"
        f"def f(model: Model, table: pd.DataFrame) -> pd.DataFrame:\n    {WORDS}"
        "    return table.assign(mean=model.document['mean'])\n"
    ).replace("Do it to table", "Do it to table and model")
    example = {"inputs": {"model": {"component": "make", "port": "model"}}}
    found = report(sources, tmp_path, text, example)
    assert found.component == "f"
    assert [check.name for check in found.checks if check.outcome != "passed"] == []


def test_a_file_that_cannot_be_read_is_a_failure(sources: SourceReader, tmp_path: Path) -> None:
    found = report(sources, tmp_path, "def f(:")
    assert (found.passed, found.checks[0].name) == (False, "spec")
