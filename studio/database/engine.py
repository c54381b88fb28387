"""Open the database and bring its tables up to date."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from studio.errors import StudioError

# Loaded before anything else can be: TensorFlow brings symbols of an older SQLite of its own,
# and a library that is loaded after it would be bound to those.
try:
    import pysqlite3.dbapi2 as sqlite
except ImportError:
    import sqlite3 as sqlite

# Older libraries may lose a commit when two connections meet a WAL reset (sqlite.org/changes).
_SAFE_SQLITE = (3, 51, 3)
_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7_310_211
_READ_ONLY = "studio_read_only"


_BATCH = 2000


def batches(items: Iterable[str]) -> Iterator[list[str]]:
    """The items in lists of a length that one statement can carry."""
    known = list(items)
    return (known[start : start + _BATCH] for start in range(0, len(known), _BATCH))


class DatabaseError(StudioError):
    code = "database"
    title = "The database cannot be used"
    status = 503


class Database:
    """A pool of connections; every use is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reader = engine.execution_options(**{_READ_ONLY: True})

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back on an error."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that only reads: on SQLite it waits for no writer and blocks none."""
        with self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Connect; creates the SQLite file when there is none. Tables are made by `migrate`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Database(_open_sqlite(url, parsed.database))
    if parsed.get_backend_name() == "postgresql":
        return Database(
            create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        )
    raise DatabaseError(
        f"{parsed.get_backend_name()} is not a database of the studio.",
        hint="Use sqlite:///FILE or postgresql://USER@HOST/NAME.",
    )


def _open_sqlite(url: str, file: str | None) -> Engine:
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, module=_sqlite_module(), connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins transactions, the driver must not
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A read that turns into a write cannot wait for another writer; IMMEDIATE can.
        read_only = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def sqlite_version() -> str:
    return str(sqlite.sqlite_version)


def _sqlite_module() -> types.ModuleType:
    bundled: types.ModuleType = sqlite
    version = tuple(int(part) for part in bundled.sqlite_version.split("."))
    if version < _SAFE_SQLITE:
        raise DatabaseError(
            f"SQLite {bundled.sqlite_version} can lose commits; 3.51.3 or newer is needed.",
            hint="Install pysqlite3, which brings a newer one, or use PostgreSQL.",
        )
    return bundled


def migrate(database: Database) -> None:
    """Bring the tables to this version; refuses a database that a newer studio has written."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    _keep_copy(database, str(script.get_current_head()))
    with database.begin() as connection:
        if connection.dialect.name == "postgresql":  # one migrator at a time
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        current = MigrationContext.configure(connection).get_current_revision()
        newest = script.get_current_head()
        if current == newest:
            return
        if current is not None and current not in {
            item.revision for item in script.walk_revisions()
        }:
            raise DatabaseError(
                f"The database has version {current}, this studio knows {newest} at most.",
                hint="Start a newer studio, or use another data folder.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _keep_copy(database: Database, newest: str) -> None:
    """Before an SQLite database is changed, it is copied beside itself; of PostgreSQL others do."""
    file = database.engine.url.database
    if database.engine.dialect.name != "sqlite" or not file:
        return
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    copy = Path(f"{file}.{current}.bak")
    if current is None or current == newest or copy.exists():
        return
    outside = database.engine.raw_connection()  # a copy must be made outside of a transaction
    try:
        outside.cursor().execute("VACUUM INTO ?", (str(copy),))
    finally:
        outside.close()
