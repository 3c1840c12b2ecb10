"""Audit events of 90 days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("region", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("user_name", sa.String(length=128), nullable=False),
        sa.Column("access_key_id", sa.String(length=128), nullable=False),
        sa.Column("read_only", sa.Boolean(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_events_by_time", "audit_events", ["account_id", "time_ms"])
    op.create_index("audit_events_by_name", "audit_events", ["account_id", "name", "id"])
    op.create_index("audit_events_by_id", "audit_events", ["event_id"])
    op.create_table(
        "audit_resources",
        sa.Column("event", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=2048), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["audit_events.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event", "name"),
    )
    op.create_index("audit_resources_by_name", "audit_resources", ["name"])
    op.create_table(
        "audit_positions",
        sa.Column("file", sa.String(length=1024), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("file"),
    )
