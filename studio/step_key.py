"""Step keys: equal keys mean equal results, so a step with a known key is not run again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from studio.artifacts import digest_json
from studio.component import PATH_FORMAT, SECRET_FORMAT
from studio.graph import BoundNode

# What a built-in component computes with; another version may compute another result.
_LIBRARIES = (
    "duckdb",
    "ibis-framework",
    "keras",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "pyspark",
    "tensorflow",
    "tensorflow-cpu",
)


@cache
def environment_digest() -> str:
    """Digest of the interpreter and the libraries that steps of built-in components run with."""
    return digest_json(
        {"python": sys.version_info[:3], **{name: _version(name) for name in _LIBRARIES}}
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def step_key_parts(
    bound: BoundNode, inputs: Mapping[str, list[str]] | None, files: Mapping[str, str]
) -> dict[str, Any]:
    """Everything that decides a step's result, by name; never resources, names or layout.

    inputs: input port -> digests of the artifacts on its edges, in order; None: not known yet,
    and what is given is no whole key.
    files: parameter that names a file -> digest of its content, which stands for its path.
    """
    return {
        "component": bound.spec.digest,
        "parameters": {**bound.parameters, **files},
        **({} if inputs is None else {"inputs": dict(inputs)}),
        "engine": bound.engine,
        "environment": bound.spec.environment or environment_digest(),
    }


def step_key(parts: Mapping[str, Any]) -> str:
    return digest_json(parts)


def path_parameters(bound: BoundNode) -> dict[str, str]:
    """The parameters that name a file, a folder or a dataset to read, with their values."""
    return _texts_of_format(bound, PATH_FORMAT)


def secret_parameters(bound: BoundNode) -> dict[str, str]:
    """The parameters that name a secret, with these names."""
    return {name: text for name, text in _texts_of_format(bound, SECRET_FORMAT).items() if text}


def _texts_of_format(bound: BoundNode, format: str) -> dict[str, str]:
    properties: dict[str, Any] = bound.spec.parameters.get("properties", {})
    return {
        name: value
        for name, schema in properties.items()
        if _has_format(schema, format) and isinstance(value := bound.parameters.get(name), str)
    }


def _has_format(schema: dict[str, Any], format: str) -> bool:
    return any(choice.get("format") == format for choice in [schema, *schema.get("anyOf", [])])
