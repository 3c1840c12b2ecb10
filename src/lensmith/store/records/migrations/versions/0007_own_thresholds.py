"""Thresholds that a person set for a version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("project_versions", sa.Column("own_thresholds", sa.JSON(), nullable=True))
