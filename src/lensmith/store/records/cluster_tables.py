"""The tables of several servers: nodes, the units placed on them, what routers see."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from lensmith.store.records.tables import RowId, metadata

nodes = Table(
    "nodes",
    metadata,
    Column("name", String(64), primary_key=True),  # of the data directory, over its servers
    Column("host", String(255), nullable=False),  # where other servers reach its units
    Column("memory_bytes", BigInteger, nullable=False),  # for units
    Column("is_draining", Boolean, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),  # by the database's clock
)

placed_units = Table(
    "placed_units",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("version_id", ForeignKey("project_versions.id", ondelete="CASCADE"), nullable=False),
    Column("node", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("port", Integer),  # of a unit that is ready
    Column("reason", Text),  # why it could not start
    Column("changed_ms", BigInteger, nullable=False),  # by the database's clock
    Index("placed_units_by_node", "node"),
    sqlite_autoincrement=True,
)

router_loads = Table(
    "router_loads",
    metadata,
    Column("server", String(64), primary_key=True),
    Column("version_id", ForeignKey("project_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("requests", Integer, nullable=False),  # admitted and not answered
    Column("demand", Float, nullable=False),  # their mean since the last report
    Column("seen_ms", BigInteger, nullable=False),  # by the database's clock
    sqlite_with_rowid=False,
)

# One row: when a leader last decided.
leader_signs = Table(
    "leader_signs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seen_ms", BigInteger, nullable=False),  # by the database's clock
)
