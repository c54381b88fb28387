"""CSV bytes as a table of texts; whatever does not fit is refused with its row."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from studio.component import ComponentError, say

from ._encodings import check_utf8, to_utf8
from ._mending import Damaged, mend

_BLOCK = 1 << 20
_MENDABLE = ("csv.ragged", "csv.nul", "csv.header")
_LARGEST_ROW = 32 << 20
_OTHER_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class CsvOptions:
    separator: str = ","
    encoding: str = "utf-8"
    null_values: Sequence[str] = ("",)
    damaged: Damaged = "refuse"


def read_csv(content: bytes, file: str, options: CsvOptions) -> pa.Table:
    """Every column as text; null where the text, quoted or not, is one of `null_values`."""
    text = to_utf8(content, options.encoding, file)
    try:
        return _read_whole(text, file, options)
    except ComponentError as error:
        if options.damaged == "refuse" or error.code not in _MENDABLE:
            raise
    return _read_whole(mend(text, file, options.separator, options.damaged), file, options)


def _read_whole(text: bytes, file: str, options: CsvOptions) -> pa.Table:
    header = _read_header(text, file, options)
    try:
        table = _parse(text, header, options)
    except pa.ArrowInvalid as error:
        check_utf8(text, options.encoding, file)
        _check_rows(text, len(header), file, options.separator)
        raise _unexplained(error, file) from error
    if _is_suspicious(text, table.num_rows):
        _check_rows(text, len(header), file, options.separator)
    return table


def _read_header(text: bytes, file: str, options: CsvOptions) -> list[str]:
    lines = (line for line in io.BytesIO(text) if line.strip(b"\r\n"))
    first = next(lines, b"")
    if not first:
        raise ComponentError(
            say("{file} is empty.", file=file),
            hint="A CSV file begins with a line of column names.",
            parameter="path",
            code="csv.empty",
        )
    check_utf8(first, options.encoding, file)
    names = next(row for row in _rows(text, options.separator) if row)
    _check_names(names, file)
    if len(names) == 1 and not first.startswith(b'"'):
        _check_separator(names[0], file, options.separator)
    return names


def _check_names(names: list[str], file: str) -> None:
    blank = [position for position, name in enumerate(names, 1) if not name.strip()]
    counts = Counter(names)
    twice = sorted(name for name, count in counts.items() if count > 1 and name.strip())
    problems = [f"no name for column {', '.join(map(str, blank))}"] if blank else []
    problems += [f"{name!r} {counts[name]} times" for name in twice]
    problems += [f"a NUL character in {name!r}" for name in names if "\0" in name]
    if problems:
        raise ComponentError(
            say("The header of {file} has {problems}.", file=file, problems="; ".join(problems)),
            hint="Give every column a name of its own in the first line.",
            parameter="path",
            code="csv.header",
        )


def _check_separator(name: str, file: str, separator: str) -> None:
    for other, word in _OTHER_SEPARATORS.items():
        if other != separator and other in name:
            raise ComponentError(
                say("{file} has one column, {name!r}.", file=file, name=name),
                hint=say("Is the separator a {word}? Set it.", word=word),
                parameter="separator",
                code="csv.separator",
            )


def _parse(text: bytes, header: list[str], options: CsvOptions) -> pa.Table:
    try:
        return _parse_blocks(text, header, options, _BLOCK)
    except pa.ArrowInvalid as error:
        if "straddling" not in str(error):
            raise
        return _parse_blocks(text, header, options, _LARGEST_ROW)  # slower, but a row must fit


def _parse_blocks(text: bytes, header: list[str], options: CsvOptions, size: int) -> pa.Table:
    if b"\n" not in text and b"\r" not in text:
        text += b"\n"  # without it a file that is only a header counts as empty
    source: Any = pa.BufferReader(text)  # the stubs do not know that it may be read
    convert = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(header, pa.string()),
        null_values=list(options.null_values),
        strings_can_be_null=True,
    )
    return pa_csv.read_csv(
        source,
        read_options=pa_csv.ReadOptions(block_size=size),
        parse_options=pa_csv.ParseOptions(
            delimiter=options.separator, newlines_in_values=b'"' in text
        ),
        convert_options=convert,
    )


def _is_suspicious(text: bytes, rows: int) -> bool:
    """Whether a NUL, or a quote that swallows what follows it, may have gone unnoticed."""
    if b"\0" in text:
        return True
    quotes = text.count(b'"')
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    return quotes > 0 and (quotes % 2 == 1 or lines != rows + 1)


def _check_rows(text: bytes, width: int, file: str, separator: str) -> None:
    """Read row by row, slowly and strictly, and refuse the first one that does not fit."""
    number = -1  # the header is row 0
    try:
        for row in _rows(text, separator):
            number += bool(row)
            if row:
                _check_row(row, width, number, file)
    except csv.Error as error:
        raise ComponentError(
            say(
                "Row {number} of {file} has a quote that is not closed.",
                number=number + 1,
                file=file,
            ),
            hint='Close the quote; write a quote inside of a quoted text twice: "".',
            parameter="path",
            row=number + 1,
            code="csv.quote",
        ) from error


def _check_row(row: list[str], width: int, number: int, file: str) -> None:
    if len(row) != width:
        raise ComponentError(
            say(
                "Row {number} of {file} has {count} fields, expected {width}.",
                number=number,
                file=file,
                count=len(row),
                width=width,
            ),
            hint="Correct the row; quote texts that contain the separator.",
            parameter="path",
            row=number,
            code="csv.ragged",
        )
    for position, value in enumerate(row, 1):
        if "\0" in value:
            raise ComponentError(
                say(
                    "Row {number} of {file} has a NUL character in column {position}.",
                    number=number,
                    file=file,
                    position=position,
                ),
                hint="Remove the NUL characters, or set the encoding if the file is UTF-16.",
                parameter="path",
                row=number,
                code="csv.nul",
            )


def _rows(text: bytes, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)
    lines = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", errors="replace", newline="")
    return csv.reader(lines, delimiter=separator, strict=True)


def _unexplained(error: pa.ArrowInvalid, file: str) -> ComponentError:
    if "straddling" in str(error):
        return ComponentError(
            say(
                "{file} has a row of more than {largest_row} MiB.",
                file=file,
                largest_row=_LARGEST_ROW >> 20,
            ),
            hint="Look for a quote that is not closed, or split the field.",
            parameter="path",
            code="csv.field_too_large",
        )
    return ComponentError(
        say("{file} cannot be read as CSV: {error}", file=file, error=error),
        parameter="path",
        code="csv.invalid",
    )
