"""A spec is read from the syntax tree: as importing would give it, and without running anything."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from studio.inspector import Inspector, SourceReader
from studio.spec import BrokenComponent, ComponentSpec

HEAD = """
from __future__ import annotations
from typing import Annotated, Literal, NamedTuple, Optional
import pandas as pd, polars
import pyarrow
from pydantic import Field
from studio.component import Report, component
"""


def read(sources: SourceReader, source: str, file: str = "f.py") -> list[object]:
    return list(sources.read({file: source}, "p", "0" * 64))


def spec(sources: SourceReader, source: str) -> ComponentSpec:
    (entry,) = read(sources, HEAD + source)
    assert isinstance(entry, ComponentSpec), entry
    return entry


def broken(sources: SourceReader, source: str) -> BrokenComponent:
    (entry,) = read(sources, source)
    assert isinstance(entry, BrokenComponent), entry
    return entry


BUILTIN = sorted(
    file for file in Path("components").glob("*/*.py") if not file.name.startswith("_")
)


@pytest.mark.parametrize("file", BUILTIN, ids=lambda file: file.stem)
def test_the_syntax_tree_gives_what_an_import_gives_where_it_is_enough(
    sources: SourceReader, file: Path
) -> None:
    """The studio's own components; those that use names of a helper cannot be read so."""
    (imported,) = Inspector().read_components([file.resolve()])
    assert isinstance(imported, ComponentSpec)
    (entry,) = sources.read({file.name: file.read_text()}, file.parent.name, imported.digest)
    if isinstance(entry, BrokenComponent):
        assert entry.line
        pytest.skip(f"needs an import: {entry.message}")
    same = {"file": imported.file, "origin": "builtin"}
    assert entry.model_copy(update=same) == imported


def test_a_plain_typed_function_is_a_component(sources: SourceReader) -> None:
    found = spec(
        sources, "def add_one(t: pd.DataFrame, *, n: int = 1) -> pd.DataFrame:\n  '''A.'''"
    )
    assert (found.name, found.title, found.category) == ("add_one", "Add one", "My components")
    assert [port.name for port in found.inputs] == ["t"]
    assert found.parameters["properties"]["n"] == {"default": 1, "title": "N", "type": "integer"}
    assert found.origin == "package"


def test_one_file_may_hold_several_marked_components(sources: SourceReader) -> None:
    mark = "@component(title='T', category='C')\n"
    one = mark + "def {0}(t: pd.DataFrame) -> pd.DataFrame: ...\n"
    entries = read(sources, HEAD + one.format("a") + one.format("b") + "def helper(x): ...")
    assert [entry.name for entry in entries if isinstance(entry, ComponentSpec)] == ["a", "b"]


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("int = 10 * 1024", {"type": "integer", "default": 10240}),
        ("float = -0.5", {"type": "number", "default": -0.5}),
        ("LIMIT_TYPE = LIMIT", {"type": "integer", "default": 7, "minimum": 1}),
        ("Literal['a', 'b'] = 'a'", {"enum": ["a", "b"], "type": "string", "default": "a"}),
        ("'str' = 'x'", {"type": "string", "default": "x"}),
        (
            "Annotated[int, Field(ge=1, le=2**10, description='int')]",
            {"type": "integer", "minimum": 1, "maximum": 1024, "description": "int"},
        ),
        (
            "list[str] | None = None",
            {"anyOf": [{"items": {"type": "string"}, "type": "array"}, {"type": "null"}]}
            | {"default": None},
        ),
    ],
)
def test_parameters_are_read_with_defaults_ranges_and_help(
    sources: SourceReader, annotation: str, schema: dict[str, object]
) -> None:
    constants = "LIMIT = 7\nLIMIT_TYPE = Annotated[int, Field(ge=1)]\n"
    found = spec(
        sources, constants + f"def f(t: pd.DataFrame, *, p: {annotation}) -> pd.DataFrame: ..."
    )
    given = found.parameters["properties"]["p"]
    assert {key: value for key, value in given.items() if key != "title"} == schema


def test_ports_are_read_as_they_are_annotated(sources: SourceReader) -> None:
    found = spec(
        sources,
        "class Out(NamedTuple):\n  rows: pyarrow.Table\n  report: Annotated[Report, 'numbers']\n"
        "def f(a: polars.DataFrame, b: list['pd.DataFrame'], c: Optional[pd.DataFrame] = None"
        ") -> Out: ...",
    )
    assert [(p.name, p.receives, p.required, p.many) for p in found.inputs] == [
        ("a", "polars.DataFrame", True, False),
        ("b", "pandas.DataFrame", True, True),
        ("c", "pandas.DataFrame", False, False),
    ]
    assert [(p.name, p.kind, p.description) for p in found.outputs] == [
        ("rows", "table", ""),
        ("report", "report", "numbers"),
    ]


HEAD_F, TAIL_F = "def f(t: pd.DataFrame, *, p: ", ") -> pd.DataFrame: ..."
CANARIES = [
    "{canary}\ndef f(t: pd.DataFrame) -> pd.DataFrame: ...",
    "def f(t: pd.DataFrame, *, p: int = {canary}) -> pd.DataFrame: ...",
    "@({canary})\ndef f(t: pd.DataFrame) -> pd.DataFrame: ...",
    "def f(t: {canary}) -> pd.DataFrame: ...",
    "def f(t: 'pd.{canary}') -> pd.DataFrame: ...",
    "def f(t: pd.DataFrame, *, p: Annotated[int, {canary}] = 1) -> pd.DataFrame: ...",
    HEAD_F + "Annotated[int, Field(default_factory={canary})]" + TAIL_F,
    "def f(t: pd.DataFrame, *, p: Literal[{canary}] = 1) -> pd.DataFrame: ...",
    "class Out(NamedTuple):\n  {canary}\n  x: pd.DataFrame\ndef f(t: pd.DataFrame) -> Out: ...",
    "class Out(NamedTuple, metaclass={canary}):\n  x: pd.DataFrame\n"
    "def f(t: pd.DataFrame) -> Out: ...",
    "@component(title={canary}, category='C')\ndef f(t: pd.DataFrame) -> pd.DataFrame: ...",
    "X = {canary}\ndef f(t: pd.DataFrame, *, p: int = X) -> pd.DataFrame: ...",
]


@pytest.mark.parametrize("source", CANARIES)
def test_nothing_in_a_file_is_run_when_it_is_read(
    sources: SourceReader, source: str, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    read(sources, HEAD + source.format(canary=f"open({str(canary)!r}, 'w')"))
    assert not canary.exists()


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("def f(:\n  pass", 1, 7, "invalid syntax"),
        ("x = 1\n  y = 2", 2, None, "unexpected indent"),
        ("def f(t) -> int: ...", 1, 7, "'t' has no type annotation"),
        ("import os\ndef f(t: os.X) -> os.X: ...", 2, 7, "takes one of"),
        ("import pandas\ndef f(t: pandas.DataFrame): ...", 2, 1, "return type is missing"),
        ("import pandas as p\ndef f(t: p.DataFrame, *, n=1) -> p.DataFrame: ...", 2, 26, "'n'"),
        ("import pandas as p\nasync def f(t: p.DataFrame) -> p.DataFrame: ...", 2, 1, "async"),
        ("import pandas as p\ndef f(t: p.DataFrame, /) -> p.DataFrame: ...", 2, 7, "/"),
        ("a = a\ndef f(t: a) -> int: ...", 1, 5, "defined by itself"),
        ("\0", None, None, "null bytes"),
        ("(" * 10_000, 1, None, "nested"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    sources: SourceReader, source: str, line: int | None, column: int | None, words: str
) -> None:
    entry = broken(sources, source)
    assert words in entry.message
    assert entry.line == line
    if column is not None:
        assert entry.column == column


def test_a_file_that_ends_the_reader_is_told_and_the_next_is_read(sources: SourceReader) -> None:
    deep = "x = " + "-" * 200_000 + "1"
    files = {"deep.py": deep, "good.py": HEAD + "def good(t: pd.DataFrame) -> pd.DataFrame: ..."}
    entries = sources.read(files, "p", "0" * 64)
    assert isinstance(entries[0], BrokenComponent)
    assert isinstance(entries[-1], ComponentSpec)


def test_a_helper_beside_the_file_is_imported_with_a_dot(sources: SourceReader) -> None:
    files = {
        "a.py": "import b\n" + HEAD + "def a(t: pd.DataFrame) -> pd.DataFrame: ...",
        "b.py": "",
    }
    (entry,) = sources.read(files, "p", "0" * 64)
    assert isinstance(entry, BrokenComponent)
    assert (entry.line, "from .b import" in entry.message) == (1, True)


def test_a_source_is_read_within_a_fifth_of_a_second(sources: SourceReader) -> None:
    source = HEAD + "def f(t: pd.DataFrame, *, n: int = 1) -> pd.DataFrame: ..."
    read(sources, source)
    times = []
    for number in range(20):
        started = time.perf_counter()
        read(sources, source + f"\n# {number}")
        times.append(time.perf_counter() - started)
    assert sorted(times)[10] < 0.2
