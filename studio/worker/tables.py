"""Tables in and out of a step: read as what the component asks for, written as Parquet.

A table artifact is a folder: `part-00000.parquet`, ... in row order, and `table.json` with the
number of rows, the columns and their roles. NaN is null in every table: engines do not agree on
NaN, and DuckDB 2.0 does not find it where a Parquet file's statistics say that there is no null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from studio.artifacts import canonical_json
from studio.component import AnyTable, TableWithRoles
from studio.errors import ComponentError, say
from studio.signature import table_type
from studio.worker.engine import Engine

ABOUT_FILE = "table.json"
_ROW_GROUP = 1 << 16

Roles = dict[str, list[str]]


def read_table(folder: Path, receives: str, engine: Engine) -> Any:
    """The table in a folder, as the type that a port receives."""
    return _READERS[receives](_parts(folder), engine)


def read_roles(folder: Path) -> Roles:
    roles: Roles = json.loads((folder / ABOUT_FILE).read_bytes())["roles"]
    return roles


def _parts(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.glob("*.parquet"))]


def _read_arrow(parts: list[str], _: Engine) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pa.concat_tables([pq.read_table(part) for part in parts])


def _read_pandas(parts: list[str], engine: Engine) -> Any:
    return _read_arrow(parts, engine).to_pandas()


def _read_polars(parts: list[str], _: Engine) -> Any:
    import polars

    return polars.read_parquet(parts)


def _read_ibis(parts: list[str], engine: Engine) -> Any:
    if engine.is_spark:
        urls = [f"file://{part}" for part in parts]
        return engine.ibis.read_parquet(urls if len(urls) > 1 else urls[0])
    return engine.ibis.read_parquet(parts)


def _read_spark(parts: list[str], engine: Engine) -> Any:
    return engine.spark.read.parquet(*(f"file://{part}" for part in parts))


def _read_later(parts: list[str], engine: Engine) -> AnyTable:
    def read(type_: Any) -> Any:
        receives = "pandas.DataFrame" if type_ is None else table_type(type_)
        if receives is None or receives == "AnyTable":
            name = getattr(type_, "__qualname__", type_)
            hint = say(
                "A table can be one of: {readers}.",
                readers=", ".join(sorted(set(_READERS) - {"AnyTable"})),
            )
            raise ComponentError(say("A table cannot be read as {name}.", name=name), hint=hint)
        return _READERS[receives](parts, engine)

    return AnyTable(read)


_READERS: dict[str, Callable[[list[str], Engine], Any]] = {
    "ibis.Table": _read_ibis,
    "pandas.DataFrame": _read_pandas,
    "polars.DataFrame": _read_polars,
    "pyarrow.Table": _read_arrow,
    "pyspark.sql.DataFrame": _read_spark,
    "AnyTable": _read_later,
}


def write_table(
    value: Any, folder: Path, port: str, engine: Engine, inherited: Iterable[Roles]
) -> dict[str, Any]:
    """Write any table that a component returns; gives its summary.

    inherited: roles of the input tables, kept for the columns that are still there.
    """
    given: Mapping[str, list[str]] = {}
    if isinstance(value, TableWithRoles):
        value, given = value.table, value.roles
    if isinstance(value, AnyTable):
        value = value.read("pyarrow.Table")
    library = type(value).__module__.partition(".")[0]
    write = _WRITERS.get(library)
    if write is None:
        name = f"{type(value).__module__}.{type(value).__qualname__}"
        raise ComponentError(
            say("Output port {port!r} was given a {name}.", port=port, name=name),
            hint=say("Return one of: {readers}.", readers=", ".join(sorted(_READERS))),
            code="output.type",
        )
    write(value, folder, engine)
    return _describe(folder, _merge_roles([*inherited, given]))


def _write_arrow(value: Any, folder: Path, _: Engine) -> None:
    import pyarrow.parquet as pq

    pq.write_table(
        _without_nan(value),
        folder / "part-00000.parquet",
        compression="zstd",
        row_group_size=_ROW_GROUP,
        write_page_checksum=True,
    )


def _without_nan(table: Any) -> Any:
    """An Arrow table with null for NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for number, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            column = table.column(number)
            null = pa.scalar(None, field.type)
            table = table.set_column(number, field, pc.if_else(pc.is_nan(column), null, column))
    return table


def _write_pandas(value: Any, folder: Path, engine: Engine) -> None:
    import pyarrow as pa

    _write_arrow(pa.Table.from_pandas(value, preserve_index=False), folder, engine)


def _write_polars(value: Any, folder: Path, engine: Engine) -> None:
    _write_arrow(value.to_arrow(), folder, engine)


def _write_ibis(value: Any, folder: Path, engine: Engine) -> None:
    import ibis

    if engine.is_spark:
        _write_spark(engine.spark.sql(ibis.to_sql(value, dialect="pyspark")), folder, engine)
        return
    floats = [name for name, type_ in value.schema().items() if type_.is_floating()]
    value = value.mutate(**{name: value[name].isnan().ifelse(None, value[name]) for name in floats})
    target = str(folder / "part-00000.parquet").replace("'", "''")
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP}"
    backend = value.get_backend()
    backend.con.execute(f"COPY ({backend.compile(value)}) TO '{target}' ({options})")


def _write_spark(value: Any, folder: Path, _: Engine) -> None:
    """The server writes; its file names hold random parts, so they are given names in order."""
    from pyspark.sql import functions

    floats = [name for name, type_ in value.dtypes if type_ in ("float", "double")]
    for name in floats:
        column = value[f"`{name}`"]
        value = value.withColumn(name, functions.when(~functions.isnan(column), column))
    target = folder / ".spark"
    value.write.option("compression", "zstd").parquet(f"file://{target}")
    for number, part in enumerate(sorted(target.glob("part-*.parquet"))):
        part.rename(folder / f"part-{number:05}.parquet")
    for path in target.iterdir():
        path.unlink()
    target.rmdir()


_WRITERS: dict[str, Callable[[Any, Path, Engine], None]] = {
    "ibis": _write_ibis,
    "pandas": _write_pandas,
    "polars": _write_polars,
    "pyarrow": _write_arrow,
    "pyspark": _write_spark,
}


def _merge_roles(all_roles: Iterable[Mapping[str, list[str]]]) -> Roles:
    """Later roles win over earlier ones for the same column."""
    role_of = {column: role for roles in all_roles for role, cs in roles.items() for column in cs}
    merged: Roles = {}
    for column, role in role_of.items():
        merged.setdefault(role, []).append(column)
    return merged


def _describe(folder: Path, roles: Roles) -> dict[str, Any]:
    """Write `table.json` from what is in the files, and give it as the summary."""
    import pyarrow.parquet as pq

    files = [pq.ParquetFile(part) for part in _parts(folder)]
    columns = {field.name: str(field.type) for field in files[0].schema_arrow}
    kept = {role: [name for name in names if name in columns] for role, names in roles.items()}
    about = {
        "rows": sum(file.metadata.num_rows for file in files),
        "columns": [{"name": name, "type": type_} for name, type_ in columns.items()],
        "roles": {role: names for role, names in kept.items() if names},
    }
    (folder / ABOUT_FILE).write_bytes(canonical_json(about))
    return about
