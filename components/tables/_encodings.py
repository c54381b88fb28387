"""Bytes of any declared encoding as UTF-8, and a guess where the declaration is wrong."""

from __future__ import annotations

import codecs

from studio.component import ComponentError, say

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def to_utf8(content: bytes, encoding: str, file: str) -> bytes:
    """The content as UTF-8 without a byte order mark."""
    if not _is_utf8(encoding):
        content = _decode(content, encoding, file).encode()
    elif content[:2] in _UTF16:
        raise encoding_error(file, encoding, 0, "utf-16")
    return content.removeprefix(codecs.BOM_UTF8)


def check_utf8(content: bytes, encoding: str, file: str) -> None:
    """Refuse bytes that are not UTF-8, with the offset of the first."""
    _decode(content, "utf-8", file, declared=encoding)


def _is_utf8(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    except LookupError as error:
        raise ComponentError(
            say("There is no encoding {encoding!r}.", encoding=encoding),
            hint="Common ones are utf-8, gb18030, utf-16, cp1252 and latin-1.",
            parameter="encoding",
            code="csv.encoding",
        ) from error


def _decode(content: bytes, encoding: str, file: str, declared: str | None = None) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        guess = guess_encoding(content)
        raise encoding_error(file, declared or encoding, error.start, guess) from error


def encoding_error(file: str, encoding: str, offset: int, guess: str) -> ComponentError:
    return ComponentError(
        say(
            "{file} is not {encoding}: the byte at offset {offset} does not fit.",
            file=file,
            encoding=encoding,
            offset=offset,
        ),
        hint=say("It looks like {guess}: set the encoding.", guess=guess),
        parameter="encoding",
        code="csv.encoding",
    )


def guess_encoding(content: bytes) -> str:
    """The likely encoding of bytes that are not UTF-8."""
    if content[:2] in _UTF16:
        return "utf-16"
    for encoding in ("gb2312", "cp1252"):  # gb2312 has few valid pairs: a sign of gb18030
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "gb18030" if encoding == "gb2312" else encoding
    return "latin-1"
