"""Is something there? `python -m studio.cli.probe ADDRESS` for health checks: exit code 0 or 1.

ADDRESS: `http://HOST:PORT/PATH`, which must answer 200, or `tcp://HOST:PORT`, which must accept.
"""

from __future__ import annotations

import http.client
import socket
import sys
from urllib.parse import urlsplit

_SECONDS = 3.0


def answers(address: str) -> bool:
    parts = urlsplit(address)
    if parts.hostname is None or parts.port is None or parts.scheme not in ("http", "tcp"):
        raise ValueError(f"{address} is neither http://HOST:PORT/PATH nor tcp://HOST:PORT.")
    try:
        if parts.scheme == "tcp":
            socket.create_connection((parts.hostname, parts.port), _SECONDS).close()
            return True
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_SECONDS)
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
