"""Opens the records and gives `read`, `read_cached` and `write` access."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from lensmith.config import ROOT_KEY_NAME, Settings
from lensmith.domain.errors import StartupError
from lensmith.store.records import encoding
from lensmith.store.records.record_cache import Lookup, RecordCache, Snapshot
from lensmith.store.records.records_file import RecordsFile
from lensmith.store.root_key import RootKey

_FAULTS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "a file cannot be opened",
    sqlite3.SQLITE_READONLY: "the file cannot be written",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is damaged",
}

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


_CONNECT_SECONDS = 5
# Of a machine or a network, within 8 seconds; TCP alone takes a quarter of an hour.
_NOTICE_DEATH = {
    "tcp_user_timeout": 8000,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
ADVISORY = 0x4C656E73  # of Lensmith, among the advisory locks of a PostgreSQL database


class Purpose(Enum):
    """Names what one server at a time does, where the locks of rows do not see to it."""

    FIRST_START = 1  # migrations, first account, secrets
    ROLL_UP = 2  # of datapoints
    KEY_ROTATION = 3
    LEADER = 4  # of the servers, for as long as its session lives


class Records:
    """A pool of connections to the records. Thread-safe."""

    def __init__(self, engine: Engine, file: RecordsFile | None = None) -> None:
        """`file` is that of SQLite records."""
        self.engine = engine
        self._file = file
        self._cache = RecordCache(engine, self.read)

    @classmethod
    def of(cls, settings: Settings) -> Records:
        """Connect to the records of a data directory; neither file nor schema is made."""
        location = settings.records_location
        return cls.open(location, settings.root_key_path, settings.lease_seconds)

    @classmethod
    def open(cls, url: str, root_key_path: Path | None = None, idle_seconds: float = 30) -> Records:
        """Connect to the records at an SQLAlchemy URL; neither file nor schema is made.

        Without a path the root key lies beside an SQLite file. A writer that says nothing for
        `idle_seconds` in the middle of a transaction loses it, where other servers wait for its
        locks. Raises StartupError without PostgreSQL's driver; connections do where its database
        is not in UTF-8.
        """
        if make_url(url).get_backend_name() != "sqlite":
            engine = _postgresql_engine(url)
            event.listen(engine, "do_connect", encoding.connect)
            options = {"root_key": RootKey(root_key_path), "idle_ms": round(idle_seconds * 1000)}
            return cls(engine.execution_options(**options))
        engine = create_engine(
            url,
            hide_parameters=True,  # error messages are logged; keys and manifests are not
            pool_size=10,
            max_overflow=60,
            connect_args={"timeout": 60, "isolation_level": None},
        )
        path = Path(make_url(url).database or "")
        file = RecordsFile(path)
        event.listen(engine, "do_connect", lambda *_: file.check())
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        root_key = RootKey(root_key_path or path.with_name(ROOT_KEY_NAME))
        return cls(engine.execution_options(root_key=root_key), file)

    @property
    def is_shared(self) -> bool:
        """Whether several servers may have them open; SQLite's are in one's data directory."""
        return self._file is None

    def create_file(self) -> None:
        """Create SQLite's file where it is missing; raises OSError."""
        if self._file is not None:
            self._file.create()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a consistent read-only view."""
        with self._faults_named(), self._reading() as connection:
            yield connection

    def read_cached(self, lookup: Lookup[K, T], key: K) -> T:
        """Run `lookup` in a `read`, or return its cached result if nothing was committed since.

        Raises what `lookup` raises. The result is shared and must not be changed.
        """
        return self._cache.get(lookup, key)

    def snapshot(self) -> Snapshot:
        """Return the records' state of now, for `read_as_of`."""
        return self._cache.snapshot()

    def read_as_of(self, snapshot: Snapshot, lookup: Lookup[K, T], key: K) -> T:
        """As `read_cached`, but a commit after `snapshot` may be missed."""
        return self._cache.get_as_of(snapshot, lookup, key)

    def cache_only(self) -> Callable[[], AbstractContextManager[None]]:
        """Return a factory of blocks in which `read_cached` never reads the records.

        It uses the cache as of this moment and raises CacheMiss for what is not in it.
        """
        return self._cache.cache_only()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open one transaction: committed when the block ends, rolled back when it raises.

        Raises RecordsUnavailableError when the disk is full or SQLite's file is damaged or gone.
        """
        with self._faults_named():
            if self._file is not None:
                self._file.check()
            with self._writing() as connection, connection.begin():
                self._limit_idleness(connection)
                yield connection

    @contextmanager
    def write_alone(self, purpose: Purpose) -> Iterator[Connection]:
        """As `write`, in one process at a time for each purpose, on every engine."""
        with self.write() as connection:
            if self.is_shared:
                connection.execute(select(func.pg_advisory_xact_lock(ADVISORY, purpose.value)))
            yield connection

    def close(self) -> None:
        self._cache.close()
        self.engine.dispose()

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            reason = _FAULTS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)  # of its extensions
            if reason is None or self._file is None:
                raise
            raise self._file.unavailable(f"{reason} ({cause})") from error

    def _reading(self) -> Connection:
        connection = self.engine.connect()
        if connection.dialect.name == "sqlite":  # one snapshot from the first statement on
            return connection
        return connection.execution_options(isolation_level="REPEATABLE READ")

    def _writing(self) -> Connection:
        return self.engine.connect().execution_options(lensmith_write=True)

    def _limit_idleness(self, connection: Connection) -> None:
        idle_ms = self.engine.get_execution_options().get("idle_ms")
        if idle_ms is not None:
            connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {idle_ms}")


def _postgresql_engine(url: str) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": _CONNECT_SECONDS, **_NOTICE_DEATH},
        )
    except ModuleNotFoundError as error:
        raise StartupError(
            f"Records in PostgreSQL need {error.name}, which is not installed: "
            "pip install 'lensmith[postgresql]'"
        ) from error


def _tune_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # FULL: an acknowledged commit survives a power cut, not only a killed process.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    # The journal grows while a large dataset is copied; afterwards it gives the space back.
    cursor.execute(f"PRAGMA journal_size_limit={64 << 20}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A write transaction that began as a reader can fail with SQLITE_BUSY at once,
    # whatever the timeout; IMMEDIATE takes its turn before it reads.
    write = connection.get_execution_options().get("lensmith_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
