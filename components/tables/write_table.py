"""Write a table to a file in the folder for exports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from pydantic import Field

from studio.component import ComponentError, Report, component, context, say

Format = Literal["csv", "parquet", "jsonl"]
_ENDINGS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


@component(title="Write table", category="Source and target", version="1.0", volatile=True)
def write_table(
    table: pa.Table,
    *,
    path: Annotated[
        str,
        Field(min_length=1, description="File below the folder for exports, such as `a/b.csv`."),
    ],
    format: Annotated[
        Literal["auto", "csv", "parquet", "jsonl"],
        Field(description="auto: told by the ending of the file's name."),
    ] = "auto",
    separator: Annotated[
        str, Field(min_length=1, max_length=1, description="CSV: the character between fields.")
    ] = ",",
    ordinals: Annotated[
        bool, Field(description="Write the platform's columns, such as `__row__`, too.")
    ] = False,
    existing: Annotated[
        Literal["replace", "refuse"], Field(description="What to do where the file is already.")
    ] = "replace",
) -> Report:
    """Write a table as CSV, Parquet or JSON Lines for others to read.

    Files go into one folder, `exports` in the studio's data folder unless `STUDIO_EXPORTS` names
    another; no path leads out of it. A file appears whole or not at all. The step runs every time,
    as the file may be gone. In a CSV file a missing value is an empty field.

    Shapes: table (n, d) -> a file of n rows; the report tells its path, rows, columns and bytes.
    Units:  as in the columns; times without a zone as they are, dates as 2024-02-29.
    Errors: ComponentError for a path that leads out of the folder, a name that does not tell its
            format, a file that is there already (refuse), columns that CSV cannot hold, and a disk
            that is full.
    Source: PAI-Studio "Write Table".
    """
    target = export_path(path)
    kind = _format(target, format)
    if existing == "refuse" and target.exists():
        raise _refuse(
            say("There is a file {path!r} already.", path=path),
            "Take another name, or replace it.",
            "exists",
        )
    names = [name for name in table.column_names if ordinals or not name.startswith("__")]
    _write_whole(target, lambda part: _WRITERS[kind](table.select(names), part, separator))
    size = target.stat().st_size
    metrics = {"rows": table.num_rows, "columns": len(names), "bytes": size}
    return Report({"format": 1, "path": path, "columns": names, "metrics": metrics})


def export_path(path: str) -> Path:
    """Where a file is written, its folder made; refused outside of the folder for exports."""
    if context.exports is None:
        raise _refuse(
            "This step may not write files.", "Run it in a studio, unconfined.", "exports"
        )
    folder = context.exports.resolve()
    target = folder if "\0" in path else (folder / path).resolve()
    if not target.is_relative_to(folder) or target == folder:
        raise _refuse(
            say("{path!r} leads out of the folder for exports.", path=path),
            "Give a path below that folder, without a leading slash or `..`.",
            "outside",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _format(target: Path, chosen: str) -> Format:
    kind = _ENDINGS.get(target.suffix.lower()) if chosen == "auto" else chosen
    if kind is None:
        raise ComponentError(
            say("The name {name!r} does not tell its format.", name=target.name),
            hint=say(
                "Set the format, or use one of the endings {endings}.", endings=", ".join(_ENDINGS)
            ),
            parameter="format",
            code="file.format",
        )
    return kind  # type: ignore[return-value]


def _write_whole(target: Path, write: Callable[[Path], None]) -> None:
    """Write beside the target, then put it in its place."""
    part = target.with_name(f".{target.name}.part")
    try:
        write(part)
        part.replace(target)
    except (pa.ArrowException, duckdb.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise _refuse(
            say("{name} cannot be written: {error}.", name=target.name, error=error),
            "Look at the types of the columns, the space on the disk and the rights.",
            "failed",
        ) from error


def _write_csv(table: pa.Table, target: Path, separator: str) -> None:
    options = pa_csv.WriteOptions(delimiter=separator, quoting_style="needed")
    pa_csv.write_csv(table, str(target), options)


def _write_parquet(table: pa.Table, target: Path, _: str) -> None:
    pq.write_table(table, target, compression="zstd")


def _write_jsonl(table: pa.Table, target: Path, _: str) -> None:
    connection: Any = duckdb.connect(":memory:", config={"threads": str(context.threads)})
    connection.register("rows", table)
    name = str(target).replace("'", "''")
    connection.execute(f"COPY (SELECT * FROM rows) TO '{name}' (FORMAT json, ARRAY false)")


_WRITERS: dict[str, Callable[[pa.Table, Path, str], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "jsonl": _write_jsonl,
}


def _refuse(message: str, hint: str, code: str) -> ComponentError:
    return ComponentError(message, hint=hint, parameter="path", code=f"export.{code}")
