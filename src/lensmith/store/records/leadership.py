"""One leader among servers: an advisory lock of a session, through which the leader writes.

On SQLite, whose file one server has, it always leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from lensmith.domain.errors import LensmithError
from lensmith.store.records.engine import ADVISORY, Purpose, Records


class NotLeaderError(LensmithError):
    """Another server leads."""


class Leadership:
    """Belongs to one thread.

    The leader's transactions are on the connection that holds the lock. So one that lost it, with
    the connection, cannot write; nothing else has to be compared. PostgreSQL ends a session that
    says nothing for `idle_seconds`: that of a leader that is paused or cut off.
    """

    def __init__(self, records: Records, idle_seconds: float) -> None:
        self._records = records
        self._idle_ms = round(idle_seconds * 1000)
        self._connection: Connection | None = None

    @property
    def is_held(self) -> bool:
        return self._connection is not None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction as the leader; raises NotLeaderError where another one leads."""
        if not self._records.is_shared:
            with self._records.write() as connection:
                yield connection
            return
        try:
            held = self._connection or self._take()
            with held.begin():
                yield held
        except DBAPIError as error:
            if error.connection_invalidated or self._connection is None:
                self.release()
            raise

    def release(self) -> None:
        """Let another server lead."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()  # a session that ends gives its locks back
            connection.close()

    def _take(self) -> Connection:
        connection = self._records.engine.connect()
        try:
            lock = func.pg_try_advisory_lock(ADVISORY, Purpose.LEADER.value)
            is_taken = connection.execute(select(lock)).scalar_one()
            if is_taken:
                for name, value in self._limits():
                    connection.exec_driver_sql(f"SET {name} = {value}")
                connection.commit()
                self._connection = connection
                return connection
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        connection.rollback()
        connection.close()
        raise NotLeaderError

    def _limits(self) -> Iterator[tuple[str, int]]:
        yield "idle_session_timeout", self._idle_ms
        yield "idle_in_transaction_session_timeout", self._idle_ms
        yield "tcp_keepalives_idle", 5  # seconds; of a Unix socket they count for nothing
        yield "tcp_keepalives_interval", 5
        yield "tcp_keepalives_count", 2
