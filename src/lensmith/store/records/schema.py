"""Migrates the schema of the records to the newest version.

Apart from `engine`, so that child processes never migrate.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from lensmith.domain.errors import NewerRecordsError
from lensmith.store.records.engine import Purpose, Records
from lensmith.store.records.identity_triggers import create_identity_triggers

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
_SEALED = "0008"  # the migration that seals secrets
_VERSION_TABLE = "alembic_version"


def migrate(records: Records) -> None:
    """Apply the missing migrations in one transaction; creates missing records.

    Servers that start at the same time on one database do it one after another.

    Where secrets were not sealed before, their old places in the file are overwritten.
    Raises OSError, and NewerRecordsError.
    """
    records.create_file()
    with records.write_alone(Purpose.FIRST_START) as connection:
        before = _revision(connection)
        if before != newest_revision():
            _upgrade(connection)
        create_identity_triggers(connection)
    if before is not None and before < _SEALED and records.engine.dialect.name == "sqlite":
        with records.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def newest_revision() -> str:
    """Return the number of the last migration."""
    return max(file.name[:4] for file in MIGRATIONS.glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    query = text(f"SELECT version_num FROM {_VERSION_TABLE}")
    found: str | None = connection.execute(query).scalar_one_or_none()
    return found


def _upgrade(connection: Connection) -> None:
    # Alembic takes longer to import than newest records take to open, as each command does.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerRecordsError(str(error)) from error
