"""A host and a port that code may reach, in the one way that it is written.

Only the standard library: the proxy of a sandbox reads it with a bare interpreter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HTTPS_PORT = 443
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
# What programs take for a number, and so for an address: 2130706433, 127.1, 0x7f.0.0.1, 0177.0.0.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(frozen=True)
class Destination:
    """host: a name in lower case, or an address as its standard writes it (IPv6 without brackets).

    Two ways of writing the same address are never equal, because only one of them is taken.
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_destination(text: str, port: int | None = HTTPS_PORT) -> Destination:
    """`host`, `host:port` or `[address]:port`. port: the one meant where none is written.

    Raises ValueError for all that is not the plain way: other notations of an address, user
    names, paths, names that are not ASCII, a dot at the end; and for no port where it is None.
    """
    shown = ascii(text[:200])
    if not isinstance(text, str) or not text.isascii():
        raise ValueError(f"{shown} is no host: write it in ASCII, as DNS has it")
    matched = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^\[\]:]*))(?::(.*))?", text.lower())
    if matched is None:
        raise ValueError(f"{shown} is no host, nor host:port")
    literal, name, digits = matched.groups()
    if digits is not None:
        port = int(digits) if _PORT.fullmatch(digits) else 0
    if port is None or not 0 < port <= 65535:
        raise ValueError(f"{shown} is no host with a port from 1 to 65535")
    if literal is not None:
        return Destination(_address(literal, 6, shown), port)
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return Destination(_address(name, 4, shown), port)
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise ValueError(f"{shown} is no host, nor host:port")
    return Destination(name, port)


def _address(text: str, version: int, shown: str) -> str:
    """An address, refused unless it is written as its standard does."""
    import ipaddress  # few components name an address, and every one of them imports this file

    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        address = None
    mapped = getattr(address, "ipv4_mapped", None)
    if (
        "%" in text
        or address is None
        or address.version != version
        or str(address) != text
        or mapped
    ):
        raise ValueError(f"{shown} is no address in its plain notation")
    return text
