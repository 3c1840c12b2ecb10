"""Indexes what servers read all the time, and keeps when a leader last decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("project_versions_by_status", "project_versions", ["status", "id"])
    op.create_table(
        "leader_signs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
