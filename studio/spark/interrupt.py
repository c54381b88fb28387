"""The process that interrupts one Spark session: `python -m studio.spark.interrupt`, JSON on stdin.

See `studio.spark.session.interrupt`, which starts it.
"""

from __future__ import annotations

import json
import sys

from studio.errors import StudioError
from studio.spark.session import attach


def main() -> int:
    remote, token, session_id, user_id = json.load(sys.stdin)
    try:
        session = attach(remote, token, session_id, user_id)
    except StudioError as error:
        print(error, file=sys.stderr)
        return 1
    session.interruptAll()
    session.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
