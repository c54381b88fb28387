"""JSON Lines as a table: one object a line, texts stay texts."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from studio.component import ComponentError, say

from ._encodings import check_utf8, to_utf8

_BLOCK = 16 << 20
_EXACT = 2**53


def read_jsonl(content: bytes, file: str, encoding: str = "utf-8") -> pa.Table:
    """The columns are the keys of all objects; null where an object lacks one."""
    text = to_utf8(content, encoding, file)
    if not text.strip():
        raise ComponentError(
            say("{file} is empty.", file=file),
            hint="JSON Lines has one object a line.",
            parameter="path",
            code="jsonl.empty",
        )
    check_utf8(text, encoding, file)
    try:
        table = _parse(text)
    except pa.ArrowInvalid as error:
        raise _explain(text, file, error) from error
    _check_numbers(table, file)
    return table


def _parse(text: bytes) -> pa.Table:
    """Arrow takes texts such as 2024-01-01 for times; a second reading keeps them texts."""
    read = pa_json.ReadOptions(block_size=_BLOCK)
    table = pa_json.read_json(_source(text), read_options=read)
    times = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
    if not times:
        return table
    parse = pa_json.ParseOptions(explicit_schema=pa.schema([(n, pa.string()) for n in times]))
    again = pa_json.read_json(_source(text), read_options=read, parse_options=parse)
    return again.select(table.column_names)


def _source(text: bytes) -> Any:
    return pa.BufferReader(text)  # the stubs do not know that it may be read


def _check_numbers(table: pa.Table, file: str) -> None:
    """Whole numbers that a double cannot hold were rounded without a word: refuse them."""
    for field in table.schema:
        if not pa.types.is_float64(field.type):
            continue
        values = table[field.name]
        large = pc.greater_equal(pc.abs(values), pa.scalar(float(_EXACT)))
        if pc.any(pc.and_(large, pc.equal(values, pc.floor(values)))).as_py():
            raise ComponentError(
                say(
                    "Column {name!r} of {file} has numbers too large to be exact.",
                    name=field.name,
                    file=file,
                ),
                hint="Write them as texts, in quotes.",
                parameter="path",
                code="jsonl.number",
            )


def _explain(text: bytes, file: str, error: pa.ArrowInvalid) -> ComponentError:
    """Name the first line that is no object; else say what Arrow says."""
    row = 0
    for line in io.BytesIO(text):
        if not line.strip():
            continue
        row += 1
        problem = _line_problem(line)
        if problem:
            return ComponentError(
                say("Row {row} of {file} {problem}.", row=row, file=file, problem=problem),
                hint="JSON Lines has one object a line.",
                parameter="path",
                row=row,
                code="jsonl.invalid",
            )
    return ComponentError(
        say("{file} cannot be read as JSON Lines: {error}.", file=file, error=error),
        hint="A column keeps one type: mixed texts and numbers are refused.",
        parameter="path",
        code="jsonl.invalid",
    )


def _line_problem(line: bytes) -> str | None:
    try:
        value = json.loads(line)
    except ValueError as error:
        return f"is not JSON: {error}"
    return None if isinstance(value, dict) else "is not an object"
