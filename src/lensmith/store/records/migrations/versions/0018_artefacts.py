"""The digest under which a version's model is published."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("project_versions", sa.Column("artefact", sa.String(64)))
