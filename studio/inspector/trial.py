"""The columns that brought code gives, before any run: it is tried on tables without rows.

In the sandbox, as `studio check` runs it, without a network; the process that makes the tables and
reads what came out is a child, because the server loads no table library.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.errors import UnavailableError
from studio.inspector.arrow_types import arrow_type
from studio.inspector.confined_run import run_confined, write_table
from studio.spec import ComponentSpec

_SECONDS = 15.0
_MEMORY = 2 << 30

Columns = list[dict[str, Any]]


def try_without_rows(
    spec: ComponentSpec,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Sequence[Columns]],
    interpreter: Path,
) -> dict[str, Columns | None]:
    """Output port -> the columns of its table; None: not known, because it needs rows.

    interpreter: the Python of its libraries. The caller has looked that this code may run.
    Raises UnavailableError when it could not be tried.
    """
    asked = {
        "spec": spec.model_dump(mode="json"),
        "parameters": dict(parameters),
        "inputs": dict(inputs),
        "interpreter": str(interpreter),
    }
    command = [sys.executable, "-m", "studio.inspector.trial"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked).encode(), capture_output=True, timeout=2 * _SECONDS
        )
        told: dict[str, Columns | None] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise UnavailableError(f"{spec.name} could not be tried: {error}.") from None
    return told


def columns_without_rows(
    spec: ComponentSpec,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, Sequence[Columns]],
    interpreter: Path,
    folder: Path,
) -> dict[str, Columns | None]:
    """As above, in this process. folder: an empty one to work in."""
    ports = [port.name for port in spec.outputs if port.kind == "table"]
    tables = {
        port: [_make_empty(columns, folder / f"{port}.{n}") for n, columns in enumerate(many)]
        for port, many in inputs.items()
    }
    work = folder / "step"
    work.mkdir()
    run = run_confined(spec, parameters, tables, work, interpreter, _SECONDS, _MEMORY)
    if run.problem is not None:
        return dict.fromkeys(ports)
    types = {
        column["name"]: column["type"]
        for many in inputs.values()
        for columns in many
        for column in columns
    }
    return {port: _columns(run.summaries.get(port, {}), types) for port in ports}


def _make_empty(columns: Columns, folder: Path) -> Path:
    import pyarrow as pa

    folder.mkdir()
    schema = pa.schema([(column["name"], arrow_type(column["type"])) for column in columns])
    roles: dict[str, list[str]] = {}
    for column in columns:
        if column.get("role"):
            roles.setdefault(column["role"], []).append(column["name"])
    return write_table(folder, schema.empty_table(), roles)


def _columns(summary: Mapping[str, Any], types: Mapping[str, str]) -> Columns | None:
    """types: of the inputs' columns. pandas forgets that an empty column was of text."""
    if "columns" not in summary:
        return None
    role_of = {name: role for role, names in summary.get("roles", {}).items() for name in names}
    return [
        {
            "name": column["name"],
            "type": types.get(column["name"], "null")
            if column["type"] == "null"
            else column["type"],
            "role": role_of.get(column["name"]),
        }
        for column in summary["columns"]
    ]


def main() -> None:
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what is printed on the way must not mix with the answer
    asked = json.load(sys.stdin)
    spec, interpreter = ComponentSpec.model_validate(asked["spec"]), Path(asked["interpreter"])
    with tempfile.TemporaryDirectory(prefix="studio-trial-") as folder:
        root = Path(folder).resolve()
        told = columns_without_rows(spec, asked["parameters"], asked["inputs"], interpreter, root)
    json.dump(told, output)
    output.flush()


if __name__ == "__main__":
    main()
