"""Runs components on small tables, as confined steps: one report a line on stdout.

A component's example is `<component>.example.json` beside it: `parameters`, and for each port in
`inputs` a table as `{"column": [values]}`, or `{"component": name, "port": name}` for what
another component of the package gives on its own example. Without one, a table with a column of
each common type is made, or an embedding of three fields, and the defaults are used.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.artifacts import Embedding, digest_path
from studio.blocks import first_block
from studio.errors import StudioError
from studio.host.isolation import die_with_parent
from studio.inspector.confined_run import ConfinedRun, Inputs, run_confined, write_table
from studio.spec import ComponentSpec

_SECONDS = 60.0
_MEMORY = 4 << 30
_ROWS = 40
_DEEPEST = 5
# What is no refusal in the component's own words.
_FAULTS = ("component.exception", "step.", "output.", "sandbox.")


class SkipError(Exception):
    """The component cannot be run here; the message says what is missing."""


class _Bench:
    """Runs the components of one package, each in a folder of its own."""

    def __init__(self, request: Mapping[str, Any], root: Path) -> None:
        specs = [ComponentSpec.model_validate(item) for item in request["specs"]]
        self.specs = {spec.name: spec for spec in specs}
        self._folder = Path(request["folder"])
        self._interpreter = Path(request["interpreter"])
        self._root = root
        self._count = 0

    def new_folder(self) -> Path:
        self._count += 1
        folder = self._root / str(self._count)
        folder.mkdir()
        return folder

    def example(self, spec: ComponentSpec) -> dict[str, Any]:
        file = self._folder / f"{spec.name}.example.json"
        if not file.is_file():
            return {}
        try:
            example = json.loads(file.read_bytes())
        except ValueError as error:
            raise SkipError(f"{file.name} is not JSON: {error}.") from None
        if not isinstance(example, dict):
            raise SkipError(f"{file.name} is no JSON object.")
        return example

    def inputs(self, spec: ComponentSpec, depth: int = 0) -> dict[str, list[Path]]:
        """A folder for each artifact on each port, as the example says or as can be made."""
        given = self.example(spec).get("inputs", {})
        inputs = {}
        for port in spec.inputs:
            if port.name in given:
                values = given[port.name]
                items = values if isinstance(values, list) else [values]
                inputs[port.name] = [self._given(port.kind, item, depth) for item in items]
            elif port.kind == "table":
                inputs[port.name] = [write_table(self.new_folder(), _any_table())]
            elif port.kind == "embedding":
                inputs[port.name] = [_write_embedding(self.new_folder())]
            elif port.required:
                raise SkipError(f"Port {port.name!r} takes a {port.kind}: an example is needed.")
        return inputs

    def _given(self, kind: str, item: dict[str, Any], depth: int) -> Path:
        source = self.specs.get(str(item.get("component"))) if set(item) <= _SOURCE else None
        if source is not None:
            if depth >= _DEEPEST:
                raise SkipError("The examples lead in a circle.")
            run = self.run(source, self.inputs(source, depth + 1))
            if run.problem:
                raise SkipError(f"{source.name} of the example failed: {run.problem[1]}")
            return run.output(item.get("port", kind))
        if kind != "table":
            raise SkipError(f"An example of a {kind} names the component that gives it.")
        import pyarrow as pa

        return write_table(self.new_folder(), pa.table(item))

    def parameters(self, spec: ComponentSpec) -> dict[str, Any]:
        properties = spec.parameters.get("properties", {})
        given = self.example(spec).get("parameters", {})
        values: dict[str, Any] = {
            name: schema["default"] for name, schema in properties.items() if "default" in schema
        }
        values |= given
        missing = [name for name in properties if name not in values]
        if missing:
            raise SkipError(f"Parameter {missing[0]!r} has no default: an example is needed.")
        return values

    def run(self, spec: ComponentSpec, inputs: Inputs) -> ConfinedRun:
        return run_confined(
            spec,
            self.parameters(spec),
            inputs,
            self.new_folder(),
            self._interpreter,
            _SECONDS,
            _MEMORY,
        )


_SOURCE = {"component", "port"}


def _any_table() -> Any:
    """A column of each common type, some with missing values."""
    import datetime

    import pyarrow as pa

    start = datetime.datetime(2024, 1, 1)
    numbers = range(_ROWS)
    return pa.table(
        {
            "id": list(numbers),
            "amount": [None if n % 10 == 9 else n / 4 for n in numbers],
            "category": [("a", "b", "c")[n % 3] for n in numbers],
            "text": [None if n % 7 == 6 else f"word {n % 5}" for n in numbers],
            "flag": [n % 2 == 0 for n in numbers],
            "time": [start + datetime.timedelta(hours=n) for n in numbers],
            "label": [n % 2 for n in numbers],
        }
    )


def _write_embedding(folder: Path) -> Path:
    """Three fields of four factors: what a block of the model stands on."""
    about = {"fields": ["a", "b", "c"], "feature_size": 30, "dimension": 4, "initial_stdev": 0.001}
    Embedding(first_block("embedding", {**about, "l2": 0.0, "name": ""})).write(folder)
    return folder


def _emptied(bench: _Bench, spec: ComponentSpec, inputs: Inputs) -> Any:
    """The same inputs without their rows."""
    import pyarrow.parquet as pq

    def empty(path: Path) -> Path:
        table = pq.read_table(path / "part-00000.parquet")
        return write_table(bench.new_folder(), table.slice(0, 0))

    tables = {port.name for port in spec.inputs if port.kind == "table"}
    return {
        port: [empty(path) for path in paths] if port in tables else paths
        for port, paths in inputs.items()
    }


def _columns(run: ConfinedRun, port: str) -> list[str]:
    import pyarrow.parquet as pq

    files = sorted(run.output(port).glob("*.parquet"))
    return list(pq.read_schema(files[0]).names)


def check(bench: _Bench, spec: ComponentSpec) -> dict[str, Any]:
    """All checks that need a run, of one component."""
    report: dict[str, Any] = {"component": spec.name, "checks": []}
    try:
        inputs = bench.inputs(spec)
        before = [digest_path(path) for paths in inputs.values() for path in paths]
        first = bench.run(spec, inputs)
    except SkipError as error:
        report["checks"].append(_outcome("runs", "skipped", str(error)))
        return report
    report |= {"peak_memory": first.peak_memory, "seconds": round(first.seconds, 3)}
    if first.problem:
        refused = not first.problem[0].startswith(_FAULTS)
        has_example = bool(bench.example(spec))
        outcome = "skipped" if refused and not has_example else "failed"
        report["checks"].append(_outcome("runs", outcome, first.problem[1]))
        return report
    report["checks"] = [_outcome("runs"), *_more(bench, spec, inputs, first)]
    after = [digest_path(path) for paths in inputs.values() for path in paths]
    report["checks"].append(_outcome("inputs_untouched", "passed" if after == before else "failed"))
    return report


def _more(
    bench: _Bench, spec: ComponentSpec, inputs: Inputs, first: ConfinedRun
) -> Iterator[dict[str, str]]:
    if spec.volatile:
        yield _outcome("deterministic", "skipped", "It says that it is volatile.")
    else:
        again = bench.run(spec, inputs)
        differ = [port for port in first.outputs if first.outputs[port] != again.outputs.get(port)]
        words = f"Two runs differ on port {differ[0]!r}: mind seeds and order." if differ else ""
        yield _outcome("deterministic", "failed" if differ else "passed", words)
    if any(port.kind == "table" for port in spec.inputs):
        yield from _on_no_rows(bench, spec, inputs, first)
    peak = first.peak_memory or 0
    yield _outcome("memory", "passed", f"{peak >> 20} MiB at most")


def _on_no_rows(
    bench: _Bench, spec: ComponentSpec, inputs: Inputs, first: ConfinedRun
) -> Iterator[dict[str, str]]:
    """A table without rows gives one, or is refused in words; its columns are the promised ones."""
    run = bench.run(spec, _emptied(bench, spec, inputs))
    if run.problem:
        handled = not run.problem[0].startswith(_FAULTS)
        yield _outcome("empty_table", "passed" if handled else "failed", run.problem[1])
        return
    yield _outcome("empty_table")
    tables = [port.name for port in spec.outputs if port.kind == "table"]
    for port in tables:
        found, promised = _columns(run, port), _columns(first, port)
        if found != promised:
            words = f"Without rows, {port!r} has columns {found}, not {promised}."
            yield _outcome("schema", "failed", words)
            return
    yield _outcome("schema")


def _outcome(name: str, outcome: str = "passed", message: str = "") -> dict[str, str]:
    return {"name": name, "outcome": outcome, "message": message}


def main() -> None:
    die_with_parent()
    os.nice(10)  # the runs of people go first
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="studio-check-") as root:
        bench = _Bench(request, Path(root).resolve())
        for spec in bench.specs.values():
            try:
                report = check(bench, spec)
            except StudioError as error:
                found = [_outcome("runs", "failed", error.message)]
                report = {"component": spec.name, "checks": found}
            output.write(json.dumps(report) + "\n")
            output.flush()


if __name__ == "__main__":
    main()
