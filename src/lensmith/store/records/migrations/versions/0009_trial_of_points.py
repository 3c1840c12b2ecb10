"""The trial that a point of a training's curves belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("training_points", sa.Column("trial", sa.Integer(), nullable=True))
