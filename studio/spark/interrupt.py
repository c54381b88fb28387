"""The process that interrupts one Spark session: `python -m studio.spark.interrupt`, JSON on stdin.

See `studio.spark.session.interrupt`, which starts it.
"""

from __future__ import annotations

import json
import signal
import sys

from studio.errors import StudioError
from studio.spark.session import attach

_LONGEST_SECONDS = 60  # in case nobody is left to end this process


def main() -> int:
    signal.alarm(_LONGEST_SECONDS)
    remote, token, session_id, user_id = json.load(sys.stdin)
    try:
        _end(remote, token, session_id, user_id)
    except StudioError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _end(remote: str, token: str | None, session_id: str, user_id: str) -> None:
    from pyspark.errors import PySparkException

    session = attach(remote, token, session_id, user_id)
    try:
        session.interruptAll()
    except PySparkException as error:
        if "SESSION_CLOSED" not in str(error):  # then its step has stopped it, and all is well
            raise StudioError(str(error), code="spark.refused") from error
    finally:
        session.stop()


if __name__ == "__main__":
    sys.exit(main())
