"""Owners, leases and fences of jobs; which servers a datapoint is added up from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("fence", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("owner", sa.String(length=64)))
    op.add_column("jobs", sa.Column("lease_expires_ms", sa.BigInteger()))
    op.add_column("jobs", sa.Column("not_before_ms", sa.BigInteger()))
    op.add_column("metric_points", sa.Column("servers", sa.Text()))
