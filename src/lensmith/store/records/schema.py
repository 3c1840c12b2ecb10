"""Migrates the schema of the records to the newest version.

Apart from `engine`, so that child processes, which never migrate, do not load Alembic.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from lensmith.store.records.engine import Records

MIGRATIONS = Path(__file__).parent / "migrations" / "versions"


def migrate(records: Records) -> None:
    """Apply the missing migrations in one transaction; creates missing records.

    Raises OSError, and alembic.util.CommandError for records of a newer Lensmith.
    """
    config = Config()
    records.create_file()
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    with records.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
