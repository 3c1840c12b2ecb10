"""The keys of KMS that encrypt a bucket's new objects by default."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("buckets", sa.Column("default_key", sa.JSON))
