"""The tables of reviews and of captured pictures."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from lensmith.store.records.tables import RowId, metadata

reviews = Table(
    "reviews",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("token", String(32), nullable=False, unique=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    # No foreign key: a review outlives its version.
    Column("version_arn", String(2048), nullable=False),
    Column("version_id", BigInteger, nullable=False),
    Column("version_name", String(255), nullable=False),
    Column("task", String(16), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("created_by", String(512), nullable=False),
    Column("source", JSON, nullable=False),
    Column("sample", String(16), nullable=False),
    Column("limit", Integer, nullable=False),
    Column("min_confidence", Float),
    Column("job_id", BigInteger),
    Column("output", JSON(none_as_null=True)),
    Index("reviews_by_project", "project_id", "id"),
)

review_images = Table(
    "review_images",
    metadata,
    Column("review_id", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("source_ref", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("uncertainty", Float, nullable=False),
    Column("predicted", Text, nullable=False),  # labels between line feeds
    Column("prediction", LargeBinary, nullable=False),  # JSON
    Column("answer", LargeBinary),  # JSON
    Column("answered_ms", BigInteger),
    Index("review_images_by_state", "review_id", "state", "uncertainty"),
    sqlite_with_rowid=False,
)

# Which versions keep pictures of DetectCustomLabels, where and how long.
captures = Table(
    "captures",
    metadata,
    Column("version_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version_arn", String(2048), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("bucket", String(255), nullable=False),
    Column("prefix", String(1024), nullable=False),
    Column("below_confidence", Float, nullable=False),  # percent
    Column("max_images", Integer, nullable=False),
    Column("max_bytes", BigInteger, nullable=False),
    Column("keep_days", Integer, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("updated_by", String(512), nullable=False),
)
