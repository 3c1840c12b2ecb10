"""The migrations end where the tables are."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lensmith.store.records.engine import Records
from lensmith.store.records.schema import MIGRATIONS, migrate
from lensmith.store.records.tables import metadata


def test_migrations_make_the_tables_that_the_code_uses(records: Records) -> None:
    with records.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(records: Records) -> None:
    migrate(records)
    numbers = [file.name[:4] for file in MIGRATIONS.glob("0*.py")]
    numbers.sort()
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]  # each once
    with records.read() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == numbers[-1]
