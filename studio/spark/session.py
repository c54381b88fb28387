"""Open the Spark session of one step (worker side), and end it from outside (runner side)."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from studio.errors import UnavailableError, say

if TYPE_CHECKING:
    from pyspark.sql.connect.client.core import DefaultChannelBuilder
    from pyspark.sql.connect.session import SparkSession

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 20.0
_LOCAL_RETRIES = 4  # 4 s in all; Spark's own 15 would hold up a step for over ten minutes


def connect(remote: str, token: str | None, session_id: str, user_id: str) -> SparkSession:
    """The session `session_id` (a UUID) of `user_id`, made if it is not there, in UTC.

    An id serves one attempt of one step: once its session was stopped, the server refuses it.
    Without a token, PySpark takes the one in SPARK_CONNECT_AUTHENTICATE_TOKEN, if there is one.
    """
    from pyspark.errors import PySparkException

    # pyspark.sql.functions asks this variable whether to build expressions for Spark Connect.
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    session = attach(remote, token, session_id, user_id)
    try:
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except PySparkException as error:
        session.client.close()
        raise UnavailableError(
            say("Spark at {remote} refuses this session: {error}", remote=remote, error=error),
            hint="Check the token, and that the session was not stopped.",
            code="spark.refused",
        ) from error
    return session


def attach(remote: str, token: str | None, session_id: str, user_id: str) -> SparkSession:
    """A client of the session of that name; asks nothing of the server but to be there."""
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    builder = _channel_builder(remote)
    builder.set("session_id", session_id)
    builder.set("user_id", user_id)
    if token is not None:
        builder.set("token", token)
    _wait_for_answer(builder, remote)
    session = SparkSession.builder.channelBuilder(builder).create()
    if _is_local(builder):
        # A local server that is gone never comes back under the same port and token.
        session.client.set_retry_policies([DefaultPolicy(max_retries=_LOCAL_RETRIES)])
    return session


def interrupt(
    remote: str, token: str | None, session_id: str, user_id: str, timeout: float = 10.0
) -> None:
    """Stop whatever that session runs, and the session; best effort, `timeout` seconds at most.

    The work is done in a process of its own, because the caller must not import PySpark; what is
    said to it goes through its stdin, because a command line can be read by everyone.
    """
    request = json.dumps([remote, token, session_id, user_id])
    try:
        subprocess.run(
            [sys.executable, "-I", "-m", "studio.spark.interrupt"],
            input=request.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=timeout,
            check=True,
        )
    except subprocess.TimeoutExpired:
        log.warning("Spark session %s: no answer to the interrupt in %g s", session_id, timeout)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip()
        log.warning("Spark session %s could not be interrupted: %s", session_id, reason)


def _channel_builder(remote: str) -> DefaultChannelBuilder:
    from pyspark.sql.connect.client.core import DefaultChannelBuilder

    class LoopbackChannelBuilder(DefaultChannelBuilder):
        """Goes to 127.0.0.1 itself: the name could lead to another user's listener on ::1."""

        @property
        def endpoint(self) -> str:
            return f"ipv4:127.0.0.1:{_port(super().endpoint)}"

    builder = DefaultChannelBuilder(remote)
    if not _is_local(builder):
        return builder
    return LoopbackChannelBuilder(remote, [("grpc.enable_http_proxy", 0)])


def _is_local(builder: DefaultChannelBuilder) -> bool:
    return builder.host == "localhost"


def _port(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def _wait_for_answer(builder: DefaultChannelBuilder, remote: str) -> None:
    """Fail soon and clearly, where PySpark would retry in silence for many minutes."""
    answers = _accepts if _is_local(builder) else _shakes_hands
    if not answers(builder):
        raise UnavailableError(
            say("Spark does not answer at {remote}.", remote=remote),
            hint="Start it again, or check the address and whether it wants TLS.",
            code="spark.unreachable",
        )


def _accepts(builder: DefaultChannelBuilder) -> bool:
    try:
        address = ("127.0.0.1", _port(builder.endpoint))
        socket.create_connection(address, timeout=_ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


def _shakes_hands(builder: DefaultChannelBuilder) -> bool:
    """By way of gRPC, because between us and a cluster there may be a proxy or TLS."""
    import grpc

    channel = builder.toChannel()
    try:
        grpc.channel_ready_future(channel).result(timeout=_ANSWER_SECONDS)
    except grpc.FutureTimeoutError:
        return False
    finally:
        channel.close()
    return True
