"""Every code that the server can raise has Chinese words, made of the arguments that it is told.

The codes and their arguments are read from the sources: of each call that makes an error or a
problem, its code, and the names that its message and hint were made of by `say`.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
TEXTS = json.loads((ROOT / "web" / "src" / "shared" / "problems-zh.json").read_text())
PLACES = {"node", "node_name", "field", "port", "row", "line", "column", "message"}

# Printed in a terminal or a notebook only, which are in English.
_NOT_SHOWN = (
    "studio/cli/",
    "studio/builder.py",
    "studio/client.py",
    "studio/notebook.py",
    "studio/startup.py",
)
_MAKERS = re.compile(r"(Error|Fault|Problem)$|^(node_problem|_?refuse|_refusal|_refused|_failure)$")
_HOLDERS = {"PipelineError", "UnreadableError", "BodyError"}  # of problems with codes of their own
# Problems that are carried on under another code, with what they were told.
_CARRIED = {"parameter.column_missing": "column.missing"}
# Codes of which not every site is seen here: made by a constructor, or of a parameter's name.
_COMPUTED = {"draft.revision", "weight.invalid"}
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+)+$")
_FILES = {"pyproject.toml", "requirements.txt"}


@dataclass(frozen=True)
class Site:
    """A place where a problem is made; told: the names of its message; hinted: of its hint."""

    code: str
    where: str
    told: frozenset[str]
    hinted: frozenset[str]


def _sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("studio", "components"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            name = str(file.relative_to(ROOT))
            if not name.startswith(_NOT_SHOWN):
                yield name, ast.parse(file.read_text())


def _literals(node: ast.expr | None) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return [node.value] if is_text else []  # type: ignore[union-attr]


def _names(nodes: list[ast.expr], local: dict[str, list[ast.Assign]], line: int) -> set[str]:
    """What the texts are made of: of `say` in the expressions, or in the variables they name."""
    found: set[str] = set()
    for item in (child for node in nodes for child in ast.walk(node)):
        if isinstance(item, ast.Call) and getattr(item.func, "id", "") == "say":
            found |= {str(keyword.arg) for keyword in item.keywords}
        elif isinstance(item, ast.Call) and getattr(item.func, "id", "").startswith("nearest"):
            found |= {"near", "columns"}
        elif isinstance(item, ast.Name) and item.id in ("message", "hint"):
            before = [made for made in local[item.id] if made.lineno < line]
            last = sorted(before, key=lambda made: made.lineno)[-1:]
            found |= _names([made.value for made in last], defaultdict(list), line)
    return found


def _prefixes(tree: ast.Module) -> dict[str, tuple[str, int]]:
    """Functions and classes that put a prefix before a code: its name, and which argument it is."""
    found = {}
    classes = {
        id(part): item.name
        for item in ast.walk(tree)
        if isinstance(item, ast.ClassDef)
        for part in item.body
    }
    for item in ast.walk(tree):
        if not isinstance(item, ast.FunctionDef):
            continue
        names = [argument.arg for argument in item.args.args]
        for text in ast.walk(item):
            match text:
                case ast.JoinedStr(
                    values=[
                        ast.Constant(value=str(prefix)),
                        ast.FormattedValue(value=ast.Name(id=name)),
                    ]
                ):
                    if name in names and re.fullmatch(r"[a-z_]+\.", prefix):
                        method = int(item.name == "__init__")
                        found[classes.get(id(item), item.name)] = (
                            prefix,
                            names.index(name) - method,
                        )
    return found


def _sites() -> list[Site]:
    sources = dict(_sources())
    defaults = {
        item.name: _literals(part.value)
        for tree in sources.values()
        for item in ast.walk(tree)
        if isinstance(item, ast.ClassDef)
        for part in item.body
        if isinstance(part, ast.Assign) and getattr(part.targets[0], "id", "") == "code"
    }
    archive = _prefixes(sources["studio/packages/archive.py"])
    sites: list[Site] = []
    for file, tree in sources.items():
        prefixes = {**archive, **_prefixes(tree)}
        for function in ast.walk(tree):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                sites += _sites_in(function, file, prefixes, defaults)
    return sites


def _sites_in(
    function: ast.FunctionDef | ast.AsyncFunctionDef,
    file: str,
    prefixes: dict[str, tuple[str, int]],
    defaults: dict[str, list[str]],
) -> Iterator[Site]:
    local: dict[str, list[ast.Assign]] = defaultdict(list)
    for item in ast.walk(function):
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            local[item.targets[0].id].append(item)
    for call in ast.walk(function):
        name = getattr(getattr(call, "func", None), "id", "")
        if not isinstance(call, ast.Call) or not _MAKERS.search(name) or name in _HOLDERS:
            continue
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        codes = _literals(keywords.get("code"))
        if name in prefixes:
            prefix, place = prefixes[name]
            codes = [
                prefix + text for node in call.args[place : place + 1] for text in _literals(node)
            ]
        elif not codes and "code" not in keywords:
            given = [text for node in call.args for text in _literals(node)]
            codes = [text for text in given if _CODE.match(text) and text not in _FILES]
            codes = given[:1] if name == "refuse" else codes
            codes = codes or defaults.get(name, [])
        rest = [node for node in call.args if not _is_place(node)]
        hints = [keywords["hint"]] if "hint" in keywords else rest[1:2]
        told = frozenset(_names(rest[:1], local, call.lineno))
        hinted = frozenset(_names(hints, local, call.lineno))
        yield from (Site(code, f"{file}:{call.lineno}", told, hinted) for code in codes)


def _is_place(node: ast.expr) -> bool:
    """Not a message or hint: a code, a status, a node, a field."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str) or " " not in node.value
    return isinstance(node, ast.Name) and node.id not in ("message", "hint")


SITES = _sites()


def _variants(code: str) -> list[set[str]]:
    text = TEXTS.get(code, [])
    texts = text if isinstance(text, list) else [text]
    return [set(re.findall(r"{{(\w+)}}", item)) for item in texts]


def test_the_sources_are_read() -> None:
    assert len(SITES) > 240
    assert len({site.code for site in SITES}) > 150


@pytest.mark.parametrize("site", SITES, ids=lambda site: f"{site.code} {site.where}")
def test_every_problem_has_chinese_words_made_of_its_arguments(site: Site) -> None:
    known = site.told | site.hinted | PLACES
    fitting = [variant for variant in _variants(site.code) if variant <= known]
    assert fitting, f"{site.code} needs a text of {sorted(site.told)}, or of none"
    if site.told and not fitting[0] & PLACES:
        assert fitting[0] & site.told, f"{site.code}: nothing of {sorted(site.told)} is told"


@pytest.mark.parametrize("code", sorted({site.code for site in SITES} - _COMPUTED))
def test_no_chinese_text_waits_for_an_argument_that_never_comes(code: str) -> None:
    sites = [site for site in SITES if site.code in (code, _CARRIED.get(code))]
    known = set().union(*(site.told | site.hinted for site in sites)) | PLACES
    for key in (code, f"{code}.hint"):
        assert [variant - known for variant in _variants(key) if variant - known] == []


def test_every_class_of_error_has_chinese_words() -> None:
    codes = {
        text
        for _, tree in _sources()
        for item in ast.walk(tree)
        if isinstance(item, ast.ClassDef)
        for part in item.body
        if isinstance(part, ast.Assign) and getattr(part.targets[0], "id", "") == "code"
        for text in _literals(part.value)
    }
    assert sorted(codes - set(TEXTS) - {"pipeline.invalid"}) == []  # which holds others
