"""A host and a port have one way of being written; every other one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.component import component
from studio.destination import parse_destination

PLAIN = {
    "api.example.com": "api.example.com:443",
    "API.Example.com:8443": "api.example.com:8443",
    "xn--bcher-kva.example:80": "xn--bcher-kva.example:80",
    "localhost:8080": "localhost:8080",
    "192.0.2.7:443": "192.0.2.7:443",
    "[2001:db8::1]:443": "[2001:db8::1]:443",
    "[::1]": "[::1]:443",
}
OTHER_WAYS = [
    "", ":", ":80", "a b", "example.com.", ".example.com", "ex..com", "-a.com", "a-.com", "*",
    "*.example.com", "http://example.com", "example.com/", "user@example.com", "example.com:0",
    "example.com:65536", "example.com:+80", "example.com:080", "example.com:", "example.com:80:80",
    "example.com:80\r\nX: y", "example.com\0:80", "bücher.example", "ⓔxample.com",
    "a" * 64 + ".com",
    "2130706433", "0x7f000001", "017700000001", "127.1", "127.0.0.01", "0177.0.0.1", "0x7f.0.0.1",
    "127.0.0.1.", "1.2.3.4.5", "256.1.1.1", "[::ffff:127.0.0.1]", "[0:0::1]", "[fe80::1%eth0]",
    "::1", "[127.0.0.1]", "[example.com]", "169.254.169.254.1",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_the_plain_way_is_taken(text: str) -> None:
    assert str(parse_destination(text)) == PLAIN[text]


@pytest.mark.parametrize("text", OTHER_WAYS, ids=ascii)
def test_every_other_way_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no (host|address)"):
        parse_destination(text)


@given(st.text(alphabet="012x7f.:[]%@/#\\-aé", max_size=24))
def test_what_is_taken_is_written_as_it_is_read(text: str) -> None:
    try:
        found = parse_destination(text)
    except ValueError:
        return
    assert parse_destination(str(found)) == found


def test_a_component_names_its_hosts_in_the_plain_way_or_not_at_all() -> None:
    assert PLAIN
    with pytest.raises(ValueError, match="no host"):
        component(title="T", category="C", network=["http://example.com/"])(len)
