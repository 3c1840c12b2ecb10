"""The tables of stacks. Times are epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from lensmith.store.records.tables import metadata

stacks = Table(
    "stacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arn", String(512), nullable=False, unique=True),
    Column("account_id", String(12), nullable=False),
    Column("region", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("live_name", String(128)),  # null: deleted, so that the name is free
    Column("status", String(64), nullable=False),
    Column("reason", Text),
    Column("description", Text),
    Column("definition", JSON, nullable=False),
    Column("target", JSON),
    Column("outputs", JSON, nullable=False),
    Column("capabilities", JSON, nullable=False),
    Column("on_failure", String(16), nullable=False),
    Column("retained", JSON, nullable=False),
    Column("change_set_arn", String(512)),
    Column("token", String(128)),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger),
    Column("deleted_ms", BigInteger),
    UniqueConstraint("account_id", "region", "live_name"),
    sqlite_autoincrement=True,
)

stack_resources = Table(
    "stack_resources",
    metadata,
    Column(
        "stack_id",
        ForeignKey("stacks.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("logical_id", String(255), primary_key=True),
    Column("type", String(255), nullable=False),
    Column("physical_id", String(2048), nullable=False),
    Column("status", String(32), nullable=False),
    Column("reason", Text),
    Column("properties", JSON, nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("policy", String(32), nullable=False),
    Column("journal", JSON),
    Column("changed_ms", BigInteger, nullable=False),
)

stack_events = Table(
    "stack_events",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("stack_id", ForeignKey("stacks.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String(320), nullable=False),
    Column("logical_id", String(255), nullable=False),
    Column("physical_id", String(2048), nullable=False),
    Column("type", String(255), nullable=False),
    Column("status", String(64), nullable=False),
    Column("reason", Text),
    Column("properties", Text),
    Column("token", String(128)),
    Column("time_ms", BigInteger, nullable=False),
    Index("stack_events_by_stack", "stack_id", "number"),
    sqlite_autoincrement=True,
)

change_sets = Table(
    "change_sets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arn", String(512), nullable=False, unique=True),
    Column("stack_arn", String(512), nullable=False),
    Column("name", String(128), nullable=False),
    Column("type", String(16), nullable=False),
    Column("description", Text),
    Column("status", String(32), nullable=False),
    Column("reason", Text),
    Column("execution", String(32), nullable=False),
    Column("definition", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("capabilities", JSON, nullable=False),
    Column("on_failure", String(16), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    UniqueConstraint("stack_arn", "name"),
    sqlite_autoincrement=True,
)
