"""Code that a person typed into a parameter: known by a digest, as packages are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from studio.artifacts import digest_json
from studio.errors import StudioError
from studio.pipeline import Pipeline, read_pipeline, substitute
from studio.settings import builtin_folder
from studio.spec import ComponentSpec

_CODE_FORMATS = ("python", "sql")


@dataclass(frozen=True)
class TypedCode:
    """source: parameter -> text, with the values of pipeline parameters put in."""

    component: str
    source: Mapping[str, str]
    is_default: bool = False

    @property
    def digest(self) -> str:
        return digest_json({"component": self.component, "source": dict(self.source)})


def typed_code(spec: ComponentSpec, parameters: Mapping[str, Any]) -> TypedCode | None:
    """The code in the parameters of a node; None: its component runs none that is typed."""
    if spec.origin != "builtin" or not spec.is_confined:
        return None
    properties: dict[str, Any] = spec.parameters.get("properties", {})
    names = [name for name, schema in properties.items() if schema.get("format") in _CODE_FORMATS]
    defaults = {name: properties[name].get("default", "") for name in names or sorted(properties)}
    texts = {name: str(parameters.get(name, default)) for name, default in defaults.items()}
    return TypedCode(spec.name, texts, is_default=texts == defaults)


def find_typed_code(
    pipeline: Pipeline, specs: Mapping[str, ComponentSpec], values: Mapping[str, Any] | None = None
) -> Iterator[TypedCode]:
    """All code in a pipeline, whether it can run or not. values: of its parameters."""
    defaults = {name: item.default for name, item in pipeline.parameters.items()}
    for node in pipeline.nodes:
        spec = specs.get(node.component)
        if spec is not None:
            known = {**defaults, **(values or {})}
            texts: Any = substitute(dict(node.parameters), known)
            code = typed_code(spec, texts)
            if code is not None:
                yield code


@cache
def _shipped_pipelines() -> tuple[Pipeline, ...]:
    found = []
    for file in sorted(builtin_folder("pipelines").glob("*.json")):
        try:
            found.append(read_pipeline(file))
        except StudioError:
            continue  # `studio doctor` tells of it
    return tuple(found)


@cache
def _shipped_digests(name: str, spec: str) -> frozenset[str]:
    known = {name: ComponentSpec.model_validate_json(spec)}
    return frozenset(
        code.digest for item in _shipped_pipelines() for code in find_typed_code(item, known)
    )


def is_shipped(code: TypedCode, spec: ComponentSpec) -> bool:
    """Whether the studio itself brought this code, as a default or in one of its templates."""
    return code.is_default or code.digest in _shipped_digests(spec.name, spec.model_dump_json())
