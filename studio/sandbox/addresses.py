"""Names become addresses once, and addresses that are not public are known.

Only the standard library: the proxy of a sandbox runs this with a bare interpreter.
"""

from __future__ import annotations

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # NAT64: the last 32 bits are an IPv4 address
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given out


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the order of preference. Raises OSError when there is none."""
    found = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def why_not_public(text: str) -> str | None:
    """What keeps an address from being one of the public internet; None: it is.

    An IPv4 address inside an IPv6 one is judged as what it is.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return "no address"
    inner = _inner(address)
    if inner is not None:
        return why_not_public(str(inner))
    if address.is_loopback:
        return "this machine"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    is_given = address.version == 4 or address in _GLOBAL_UNICAST
    return None if address.is_global and is_given else "a private or reserved address"


def _inner(address: Address) -> Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
