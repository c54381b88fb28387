"""Write `docs/components/`: a page for every component, from its signature and its docstring.

    python docs/make_component_pages.py           write the pages
    python docs/make_component_pages.py --check   fail where a page is not what would be written

A page's example is taken from a pipeline in `docs/examples/` or `pipelines/`; a test runs each.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.inspector import Inspector
from studio.loader import list_component_files, list_packages
from studio.settings import builtin_folder
from studio.spec import ComponentSpec, PortSpec

DOCS = Path(__file__).resolve().parent
PAGES = DOCS / "components"
EXAMPLES = (DOCS / "examples", builtin_folder("pipelines"))
SECTIONS = ("Shapes", "Units", "Errors", "Source")


def make_pages() -> dict[str, str]:
    """The text of every page, by its file name."""
    specs = read_specs()
    pages = {f"{spec.name}.md": page_of(spec) for spec in specs}
    return {"README.md": _index(specs), **pages}


def read_specs() -> list[ComponentSpec]:
    packages = list_packages(builtin_folder("components"))
    files = [file for package in packages for file in list_component_files(package)]
    entries = Inspector().read_components(files)
    return sorted(
        (entry for entry in entries if isinstance(entry, ComponentSpec)), key=lambda spec: spec.name
    )


def _index(specs: list[ComponentSpec]) -> str:
    by_category: dict[str, list[ComponentSpec]] = defaultdict(list)
    for spec in specs:
        by_category[spec.category].append(spec)
    lines = ["# Components", "", "Made by `make docs` from the components themselves."]
    for category in sorted(by_category):
        lines += ["", f"## {category}", "", "| component | what it does |", "|---|---|"]
        lines += [
            f"| [{s.name}]({s.name}.md) | {_cell(s.summary)} |" for s in by_category[category]
        ]
    return "\n".join(lines) + "\n"


def page_of(spec: ComponentSpec) -> str:
    lines = [f"# {spec.title}", "", f"`{spec.name}` {spec.version} · {spec.category}"]
    lines[-1] += f" · computed by {' or '.join(_engine_words(spec))}"
    lines += ["", *_documentation(spec.documentation)]
    lines += _ports("Inputs", spec.inputs)
    lines += _ports("Outputs", spec.outputs)
    lines += _parameters(spec.parameters)
    lines += _example(spec.name)
    return "\n".join(lines).rstrip() + "\n"


def _engine_words(spec: ComponentSpec) -> list[str]:
    words = {"python": "Python", "duckdb": "DuckDB", "spark": "Spark"}
    return [words[engine] for engine in spec.engines]


def _documentation(text: str) -> Iterator[str]:
    """The docstring; its list of shapes, units, errors and source becomes a list of Markdown."""
    for line in text.splitlines():
        name, colon, rest = line.partition(":")
        if colon and name in SECTIONS:
            yield f"- **{name}**: {rest.strip()}"
        elif line.startswith("   "):
            yield f"  {line.strip()}"
        else:
            yield line


def _ports(title: str, ports: tuple[PortSpec, ...]) -> list[str]:
    if not ports:
        return []
    lines = ["", f"## {title}", "", "| port | kind | |", "|---|---|---|"]
    for port in ports:
        notes = [port.description] if port.description else []
        notes += ["many edges"] if port.many else []
        notes += [] if port.required else ["optional"]
        lines.append(f"| `{port.name}` | {port.kind} | {_cell('; '.join(notes))} |")
    return lines


def _parameters(schema: Mapping[str, Any]) -> list[str]:
    properties: Mapping[str, Any] = schema.get("properties", {})
    if not properties:
        return []
    lines = ["", "## Parameters", "", "| parameter | type | default | |", "|---|---|---|---|"]
    for name, about in properties.items():
        default = f"`{_json(about['default'])}`" if "default" in about else "required"
        note = _cell(about.get("description", ""))
        lines.append(f"| `{name}` | {_cell(_type(about, schema))} | {_cell(default)} | {note} |")
    return lines


def _type(about: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A JSON Schema in a few words."""
    if "$ref" in about:
        return _type(schema["$defs"][about["$ref"].rsplit("/", 1)[1]], schema)
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    if "const" in about:
        return f"`{about['const']}`"
    if "anyOf" in about:
        words = [_type(choice, schema) for choice in about["anyOf"]]
        return " or ".join(word for word in words if word != "null")
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}), schema)}"
    if isinstance(about.get("additionalProperties"), Mapping):
        return f"object of {_type(about['additionalProperties'], schema)}"
    return f"{about.get('format') or about.get('type', 'any')}{_limits(about)}"


def _limits(about: Mapping[str, Any]) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {about[name]:g}" for name, sign in signs.items() if name in about]
    return f" {', '.join(limits)}" if limits else ""


def _example(component: str) -> list[str]:
    """The node in a pipeline that a test runs, and the edges that end or begin there."""
    path = find_example(component)
    if path is None:
        return []
    document = json.loads(path.read_text(encoding="utf-8"))
    node = next(node for node in document["nodes"] if node["component"] == component)
    shown = {key: node[key] for key in ("id", "component", "parameters", "engine") if key in node}
    edges = [
        f"{edge['source']['node']}.{edge['source']['port']} → "
        f"{edge['target']['node']}.{edge['target']['port']}"
        for edge in document["edges"]
        if node["id"] in (edge["source"]["node"], edge["target"]["node"])
    ]
    link = f"../../{path.relative_to(DOCS.parent).as_posix()}"
    code = json.dumps(shown, indent=2, ensure_ascii=False).splitlines()
    lines = ["", "## Example", "", f"From [{path.name}]({link}):", "", "```json", *code, "```"]
    return [*lines, "", *(f"- {edge}" for edge in edges)] if edges else lines


def find_example(component: str) -> Path | None:
    """The first pipeline with such a node."""
    for folder in EXAMPLES:
        for path in sorted(folder.glob("*.json")):
            nodes = json.loads(path.read_text(encoding="utf-8"))["nodes"]
            if any(node["component"] == component for node in nodes):
                return path
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def stale_pages() -> list[str]:
    """Pages that are missing, or differ from what would be written, or belong to nothing."""
    pages = make_pages()
    here = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    return sorted(name for name in pages.keys() | here.keys() if pages.get(name) != here.get(name))


def write_pages() -> None:
    PAGES.mkdir(exist_ok=True)
    pages = make_pages()
    for path in PAGES.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (PAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if "--check" in sys.argv:
        stale = stale_pages()
        sys.exit(f"Not up to date, run `make docs`: {', '.join(stale)}" if stale else 0)
    write_pages()
