"""Keep one Spark server warm for the steps that need it, or use the cluster that is set."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from studio.errors import StudioError
from studio.settings import Settings
from studio.spark.background import CacheMaker
from studio.spark.command import cache_options
from studio.spark.server import SparkEndpoint, SparkServer
from studio.spark.session import interrupt
from studio.step import SparkSession

_START_SECONDS = 120.0
_IDLE_SECONDS = 20.0


class SparkKeeper:
    """Started by the runner's main thread, because the server dies with the thread that did it."""

    def __init__(self, settings: Settings, on_change: Callable[[], None] = lambda: None) -> None:
        self._cluster = (
            SparkEndpoint(settings.spark_remote, settings.spark_token or "")
            if settings.spark_remote
            else None
        )
        self._server = SparkServer(settings.home / "spark", cores=settings.cpus)
        self._cache = CacheMaker(self._server.folder)
        self._used_at: float | None = None  # when a step last asked for our server
        self._on_change = on_change
        self._waiter: threading.Thread | None = None
        self._ready: SparkEndpoint | None = None
        self._failure: StudioError | None = None

    def prepare(self) -> None:
        """Start a server in the background, when there is none alive."""
        if self._cluster is not None:
            return
        self._used_at = time.monotonic()
        if self._waiter is not None:
            return
        if self._ready is not None and self._server.alive():
            return
        self._ready, self._failure = None, None
        self._server.start()
        self._waiter = threading.Thread(target=self._wait, daemon=True)
        self._waiter.start()

    def endpoint(self) -> SparkEndpoint | None:
        """None while the server starts; raises when it could not be started."""
        if self._cluster is not None:
            return self._cluster
        self.prepare()
        if self._failure is not None:
            failure, self._failure = self._failure, None  # the next step tries again
            raise failure
        return self._ready

    def serves(self, session: SparkSession) -> bool:
        """Whether the server of a session is still there; of a cluster we cannot tell."""
        if self._cluster is not None:
            return True
        return self._server.alive() and session.remote == self._server.endpoint.remote

    def interrupt(self, session: SparkSession) -> None:
        """End what a step left running on the server; in the background, best effort."""
        endpoint = self._cluster or self._ready
        if endpoint is None:
            return
        arguments = (endpoint.remote, endpoint.token, session.session_id, session.user_id)
        threading.Thread(target=interrupt, args=arguments, daemon=True).start()

    def when_idle(self) -> None:
        """Nothing runs: after a while, make what lets the next server start three times faster.

        Only where a server of ours was needed; it takes a minute of one core, at low priority.
        """
        if self._used_at is None or time.monotonic() - self._used_at < _IDLE_SECONDS:
            return
        self._used_at = None
        if not cache_options(self._server.folder):
            self._cache.start()

    def stop(self) -> None:
        self._cache.stop()
        self._server.stop()

    def _wait(self) -> None:
        try:
            self._ready = self._server.ready(_START_SECONDS)
        except StudioError as error:
            self._failure = error
        finally:
            self._waiter = None
            self._on_change()
