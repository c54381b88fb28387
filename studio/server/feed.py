"""Live events for any number of listeners, from one reader of the database.

The newest events are kept in memory. A listener has a position of its own and takes what is later
from there, or from the database when it has fallen behind: a slow one costs nothing and blocks
nobody, and none ever misses an event.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import anyio
import anyio.to_thread
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from studio.database.engine import Database
from studio.database.events import Event, last_event_id, list_events

Result = TypeVar("Result")

log = logging.getLogger("studio.server")

POLL_SECONDS = 0.1
_AWAY_SECONDS = 1.0
_KEPT = 10_000
_PAGE = 1000


class EventFeed:
    """Reads the database every POLL_SECONDS while anybody listens; not at all otherwise."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._listeners = 0
        self._poller: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._events: list[Event] = []  # all that are later than `_floor`, up to `_newest`
        self._floor = 0
        self._newest = 0
        self._closed = False
        # Threads of our own: streams go on while requests have taken all the others.
        self._threads = anyio.CapacityLimiter(4)

    @property
    def is_polling(self) -> bool:
        return self._poller is not None

    def close(self) -> None:
        """End all streams: the server goes down, and clients come back with their last id."""
        self._closed = True
        self._tell()

    async def newest_id(self) -> int:
        return await self._read(last_event_id)

    async def listen(
        self, after: int, run_id: str | None, heartbeat_seconds: float
    ) -> AsyncGenerator[list[Event], None]:
        """Events later than `after`, in pages; an empty page when it was quiet for so long."""
        with self._counted():
            await self._start()
            while not self._closed:
                news = self._news
                if after < self._floor:
                    page, after = await self._from_database(after, run_id)
                    events = page
                else:
                    page = self._from_memory(after)
                    after = page[-1].id if page else after
                    events = [item for item in page if run_id in (None, item.run_id)]
                    if not page and await _is_set(news, heartbeat_seconds):
                        continue
                if events or not page:
                    yield events

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._listeners += 1
        try:
            yield
        finally:
            self._listeners -= 1

    async def _start(self) -> None:
        async with self._lock:
            if self._poller is None:
                self._newest = self._floor = await self.newest_id()
                self._events = []
                self._poller = asyncio.create_task(self._poll())

    async def _poll(self) -> None:
        while self._listeners and not self._closed:
            await asyncio.sleep(await self._poll_once())
        self._poller = None

    async def _poll_once(self) -> float:
        """Read what is new; gives the seconds to wait before the next time."""
        newest = self._newest
        try:
            page = await self._read(lambda connection: list_events(connection, newest, limit=_PAGE))
        except SQLAlchemyError as error:
            log.warning("events cannot be read: %s", error)
            return _AWAY_SECONDS
        if page:
            self._keep(page)
            self._tell()
        return 0.0 if len(page) == _PAGE else POLL_SECONDS

    def _keep(self, page: list[Event]) -> None:
        self._events += page
        self._newest = page[-1].id
        if len(self._events) > 2 * _KEPT:
            self._floor = self._events[-_KEPT - 1].id
            self._events = self._events[-_KEPT:]

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _from_memory(self, after: int) -> list[Event]:
        start = bisect_right(self._events, after, key=lambda item: item.id)
        return self._events[start : start + _PAGE]

    async def _from_database(self, after: int, run_id: str | None) -> tuple[list[Event], int]:
        """A page, and how far it is known to reach: ids are committed in order."""
        reached = self._newest
        try:
            page = await self._read(
                lambda connection: list_events(connection, after, run_id, _PAGE)
            )
        except SQLAlchemyError as error:
            log.warning("events cannot be read: %s", error)
            await asyncio.sleep(_AWAY_SECONDS)
            return [], after
        if len(page) == _PAGE:
            return page, page[-1].id
        return page, max(reached, page[-1].id if page else after)

    async def _read(self, query: Callable[[Connection], Result]) -> Result:
        def read() -> Result:
            with self._database.read() as connection:
                return query(connection)

        return await anyio.to_thread.run_sync(read, limiter=self._threads)


async def _is_set(news: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(news.wait(), seconds)
    except TimeoutError:
        return False
    return True
