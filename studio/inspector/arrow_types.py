"""Arrow types by the names that they print, which is how schemas are kept."""

from __future__ import annotations

import re
from typing import Any

_DECIMAL = re.compile(r"(decimal\d+)\((\d+), (-?\d+)\)")
_ZONED = re.compile(r"timestamp\[(\w+), tz=([^\]]+)\]")
_LIST = re.compile(r"(large_)?list<\w+: (.+?)(?: not null)?>")


class TypeNameError(ValueError):
    """The name is not one that is understood here."""


def arrow_type(name: Any) -> Any:
    """The type of a name such as `int64`, `timestamp[us, tz=UTC]`, `list<item: string>`."""
    import pyarrow as pa

    if not isinstance(name, str):
        return name
    if match := _DECIMAL.fullmatch(name):
        return getattr(pa, match[1])(int(match[2]), int(match[3]))
    if match := _ZONED.fullmatch(name):
        return pa.timestamp(match[1], match[2])
    if match := _LIST.fullmatch(name):
        make = pa.large_list if match[1] else pa.list_
        return make(arrow_type(match[2]))
    try:
        known: Any = pa.type_for_alias  # its stubs know literal names only
        return known(name)
    except ValueError:
        raise TypeNameError(name) from None
