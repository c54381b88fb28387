"""ETags of versions and drafts: what a change was made to is said, so that nothing is overwritten.

`"3"` is version 3 of a pipeline, `"d12"` revision 12 of its draft.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from studio.errors import StudioError, say

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag of what was changed.")
]

_VERSION = re.compile(r'"([1-9][0-9]{0,9})"', re.ASCII)
_DRAFT = re.compile(r'"d([1-9][0-9]{0,8})"', re.ASCII)


class PreconditionError(StudioError):
    title = "The pipeline has changed, or may have"

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status


def version_tag(version: int) -> str:
    return f'"{version}"'


def draft_tag(revision: int) -> str:
    return f'"d{revision}"'


def read_version_tag(tag: str | None) -> int:
    return _read(tag, _VERSION, "version", 'The ETag of version 3 is "3", with the quotes.')


def read_draft_tag(tag: str | None) -> int:
    return _read(tag, _DRAFT, "draft", 'The ETag of revision 3 is "d3", with the quotes.')


def _read(tag: str | None, form: re.Pattern[str], word: str, example: str) -> int:
    if tag is None:
        message = say("It is not said which {word} was changed.", word=word)
        hint = say("Send `If-Match` with the ETag of the {word} that you changed.", word=word)
        raise PreconditionError(428, "pipeline.if_match", message, hint)
    match = form.fullmatch(tag.strip())
    if match is None:
        message = say("{tag} is not the ETag of a {word}.", tag=tag[:100], word=word)
        raise PreconditionError(412, "pipeline.if_match", message, example)
    return int(match[1])
