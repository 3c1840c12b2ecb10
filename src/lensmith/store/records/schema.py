"""Migrates the schema of the records to the newest version.

Apart from `engine`, so that child processes, which never migrate, do not load Alembic.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext

from lensmith.store.records.engine import Purpose, Records
from lensmith.store.records.identity_triggers import create_identity_triggers

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"
_SEALED = "0008"  # the migration that seals secrets


def migrate(records: Records) -> None:
    """Apply the missing migrations in one transaction; creates missing records.

    Servers that start at the same time on one database do it one after another.

    Where secrets were not sealed before, their old places in the file are overwritten.
    Raises OSError, and alembic.util.CommandError for records of a newer Lensmith.
    """
    config = Config()
    records.create_file()
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    with records.write_alone(Purpose.FIRST_START) as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        create_identity_triggers(connection)
    if before is not None and before < _SEALED and records.engine.dialect.name == "sqlite":
        with records.engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("VACUUM")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
