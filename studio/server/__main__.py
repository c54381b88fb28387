"""`python -m studio.server --fd N`: serve on a socket that the supervisor has bound."""

from __future__ import annotations

import argparse
import logging
import socket
import sys

from studio.errors import StudioError
from studio.host.isolation import die_with_parent
from studio.server.main import serve
from studio.settings import load_settings


def main() -> int:
    parser = argparse.ArgumentParser(prog="studio.server", description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="descriptor of a listening socket")
    arguments = parser.parse_args()
    die_with_parent()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    try:
        serve(load_settings(), [socket.socket(fileno=arguments.fd)])
    except StudioError as error:
        print(f"{error.message} {error.hint or ''}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
