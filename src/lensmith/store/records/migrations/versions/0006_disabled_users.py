"""Users that may not call for a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("principals", sa.Column("disabled_ms", sa.BigInteger(), nullable=True))
