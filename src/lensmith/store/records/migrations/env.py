"""Run by Alembic with the connection that `schema.migrate` hands over."""

from __future__ import annotations

from alembic import context

from lensmith.store.records import (  # noqa: F401 - add their tables
    audit_tables,
    bucket_tables,
    cluster_tables,
    key_tables,
    metric_tables,
    review_tables,
    stack_tables,
)
from lensmith.store.records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
