"""First tables."""

from __future__ import annotations

from alembic import op

from lensmith.store.records.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    # The first release has no earlier data; from the second migration on, tables are spelled out.
    metadata.create_all(op.get_bind())
