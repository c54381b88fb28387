"""Reads the catalog for the first time, which takes a second, while the first requests come in."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from studio.catalog import CatalogReader
from studio.errors import StudioError

log = logging.getLogger("studio.server")


class Warming:
    """`is_done` once the inspector has read the components; a failure is tried again when asked."""

    def __init__(self, catalog: CatalogReader) -> None:
        self._catalog = catalog
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._load, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def is_done(self) -> bool:
        if not self._done.is_set() and not self._thread.is_alive():
            self._load()
        return self._done.is_set()

    def _load(self) -> None:
        try:
            self._catalog.load()
        except (SQLAlchemyError, StudioError, OSError) as error:
            log.warning("the components cannot be read yet: %s", error)
            return
        self._done.set()
