"""Stand-ins for heavy libraries, so that a component file can be imported in milliseconds.

A signature needs the *names* of `pandas.DataFrame` or `tf.Variable`, not the libraries. Every
attribute of a stub is a class that remembers its dotted name, can be a base class, a decorator,
an annotation or be called, and computes nothing.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from typing import Any

LIBRARIES = (
    "duckdb",
    "ibis",
    "jax",
    "keras",
    "lightgbm",
    "matplotlib",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "pyspark",
    "scipy",
    "sklearn",
    "tensorflow",
    "torch",
    "xgboost",
)


class _StubType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stub(f"{cls.__module__}.{cls.__qualname__}.{name}")

    def __call__(cls, *arguments: Any, **_: Any) -> Any:
        """A decorator gives back what it decorates; any other call gives a stub."""
        if len(arguments) == 1 and isinstance(arguments[0], types.FunctionType):
            return arguments[0]
        return cls

    def __getitem__(cls, _: Any) -> Any:
        return cls


def stub(name: str) -> _StubType:
    module, _, short = name.rpartition(".")
    return _StubType(short, (), {"__module__": module, "__qualname__": short})


class _StubModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return stub(f"{self.__name__}.{name}")


class _StubFinder(MetaPathFinder, Loader):
    """Answers for the libraries and everything below them."""

    def __init__(self, libraries: Sequence[str]) -> None:
        self._libraries = frozenset(libraries)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in self._libraries:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _StubModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def install(libraries: Sequence[str] = LIBRARIES) -> None:
    """From now on this process imports stand-ins for these; meant for children that end."""
    sys.meta_path.insert(0, _StubFinder(libraries))
