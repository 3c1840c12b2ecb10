"""The tables of metrics."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from lensmith.store.records.tables import RowId, metadata

# Which metrics there are, by account and region; they outlive what they are about.
metric_series = Table(
    "metric_series",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("account_id", String(12), nullable=False),
    Column("region", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("dimensions", String(1024), nullable=False),  # JSON object, in order of the names
    UniqueConstraint("account_id", "region", "name", "dimensions"),
)

metric_points = Table(
    "metric_points",
    metadata,
    Column("series_id", ForeignKey("metric_series.id", ondelete="CASCADE"), primary_key=True),
    Column("period_seconds", Integer, primary_key=True),
    Column("start_ms", BigInteger, primary_key=True),
    Column("total", Float, nullable=False),
    Column("samples", Float, nullable=False),
    Column("minimum", Float, nullable=False),
    Column("maximum", Float, nullable=False),
    Column("servers", Text),  # JSON list of those whose samples are added up in it
    Index("metric_points_by_age", "period_seconds", "start_ms"),
    sqlite_with_rowid=False,
)
