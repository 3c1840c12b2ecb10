"""The tables of audit events. Times are epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from lensmith.store.records.tables import metadata

audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("account_id", String(32), nullable=False),
    Column("region", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("name", String(128), nullable=False),
    Column("user_name", String(128), nullable=False),
    Column("access_key_id", String(128), nullable=False),
    Column("read_only", Boolean, nullable=False),
    Column("event", Text, nullable=False),  # JSON in the form of CloudTrail
    Index("audit_events_by_time", "account_id", "time_ms"),
    Index("audit_events_by_name", "account_id", "name", "id"),
    Index("audit_events_by_id", "event_id"),
    sqlite_autoincrement=True,
)

audit_resources = Table(
    "audit_resources",
    metadata,
    Column(
        "event",
        ForeignKey("audit_events.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", String(2048), primary_key=True),
    Column("type", String(64), nullable=False),
    Index("audit_resources_by_name", "name"),
)

audit_positions = Table(
    "audit_positions",
    metadata,
    Column("file", String(1024), primary_key=True),  # with its host
    Column("position", BigInteger, nullable=False),  # bytes that the records hold
)
