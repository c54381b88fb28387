"""The one file of a form, as `curl -F` and browsers send it: `multipart/form-data`, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser

from studio.errors import Problem
from studio.server.strict_json import BodyError

FORM = "multipart/form-data"
_MOST_PARTS, _HEAD_BYTES, _TEXT_BYTES = 20, 8 << 10, 8 << 10


@dataclass(frozen=True)
class Form:
    """The file and what it is called, and the texts beside it by name."""

    content: bytes
    filename: str
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        return self.texts.get("note", "")[:500]


def read_form(content_type: str, body: bytes) -> Form:
    """content_type: the header of the request. Raises BodyError where there is not one file."""
    declared = Message()
    declared["Content-Type"] = content_type
    boundary = declared.get_boundary("")
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"), _MOST_PARTS + 1)
    if not boundary or not parts or not parts[-1].startswith(b"--"):
        raise _refused("The form has no end, or more than 20 parts.")
    files, texts = list[tuple[bytes, str]](), dict[str, str]()
    for part in parts[:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        if not separator or len(head) > _HEAD_BYTES:
            raise _refused("A part of the form has no head, or too long a one.")
        about = BytesHeaderParser().parsebytes(head.strip())
        filename = about.get_filename()
        name = about.get_param("name", "", "content-disposition")
        if filename is not None:
            files.append((content, filename))
        elif len(content) <= _TEXT_BYTES:
            texts[str(name)] = content.decode(errors="replace")
    if len(files) != 1:
        raise _refused("The form has no file, or more than one.")
    return Form(*files[0], texts)


def _refused(message: str) -> BodyError:
    hint = "Send one file: curl -F file=@component.py."
    return BodyError(422, Problem("request.form", message, hint=hint))
