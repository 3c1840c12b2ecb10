"""The records of a data directory, whose server may run or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lensmith.cli.connection.profile import last_server

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lensmith.config import Settings


@contextmanager
def local_records(settings: Settings, *, writes: bool = False) -> Iterator[Connection]:
    """Yield a connection to the migrated records, with `writes` in one transaction.

    Raises StartupError where no server ever ran.
    """
    from lensmith.store.records.engine import Records
    from lensmith.store.records.schema import migrate

    last_server(settings)
    records = Records.of(settings)
    try:
        migrate(records)
        with records.write() if writes else records.read() as connection:
            yield connection
    finally:
        records.close()
