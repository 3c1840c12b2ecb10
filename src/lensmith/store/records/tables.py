"""The tables, portable between SQLite and PostgreSQL. Times are epoch milliseconds."""

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
    UniqueConstraint,
)

from lensmith.store.records import identity_tables

# One schema: what ties rows to accounts and keys names these tables.
metadata = identity_tables.metadata

# SQLite only hands out row ids for a column of the exact type INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

# Of browsers; neither token is kept, only what SHA-256 makes of it.
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("picture_hash", LargeBinary(32), nullable=False, unique=True),  # of the cookie
    Column(
        "access_key_id",
        ForeignKey("access_keys.access_key_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Index("sessions_by_end", "expires_ms"),
)

# Of addresses that sign in once.
sign_in_tokens = Table(
    "sign_in_tokens",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column(
        "access_key_id",
        ForeignKey("access_keys.access_key_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("expires_ms", BigInteger, nullable=False),
)

projects = Table(
    "projects",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("arn", String(2048), nullable=False, unique=True),
    Column("account_id", String(12), nullable=False),
    Column("region", String(64), nullable=False),
    Column("name", String(255), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("status", String(32), nullable=False),
    UniqueConstraint("account_id", "region", "name"),
)

# Who may copy the versions of a project.
project_policies = Table(
    "project_policies",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("document", Text, nullable=False),  # JSON, as its owner wrote it
    Column("revision_id", String(32), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    UniqueConstraint("project_id", "name"),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("arn", String(2048), nullable=False, unique=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("type", String(8), nullable=False),
    Column("status", String(32), nullable=False),
    Column("status_message", Text, nullable=False),
    Column("status_code", String(32), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("total_entries", Integer, nullable=False, default=0),
    Column("labeled_entries", Integer, nullable=False, default=0),
    Column("total_labels", Integer, nullable=False, default=0),
    Column("error_entries", Integer, nullable=False, default=0),
    UniqueConstraint("project_id", "type"),
)

# Narrow, so that filters read many rows a page; the lines are in `entry_lines`.
entries = Table(
    "entries",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # manifest order, additions appended
    Column("source_ref", Text, nullable=False),
    Column("is_labeled", Boolean, nullable=False),
    Column("has_errors", Boolean, nullable=False),
    UniqueConstraint("dataset_id", "source_ref"),
    Index("entries_by_labeled", "dataset_id", "is_labeled", "position"),
    Index("entries_by_errors", "dataset_id", "has_errors", "position"),
    Index("entries_by_both", "dataset_id", "is_labeled", "has_errors", "position"),
    sqlite_with_rowid=False,
)

entry_lines = Table(
    "entry_lines",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("mentions", JSON, nullable=False),  # [[label_id, Mention], ...] in order of the line
    Column("line", Text, nullable=False),  # as ListDatasetEntries returns it
)

labels = Table(
    "labels",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("label_id", Integer, primary_key=True),  # order of first appearance
    Column("name", Text, nullable=False),
    Column("mention_count", Integer, nullable=False, default=0),  # entries that declare it
    Column("entry_count", Integer, nullable=False, default=0),  # entries that use it
    Column("box_count", Integer, nullable=False, default=0),  # entries that use it on a box
    UniqueConstraint("dataset_id", "name"),
)

# Only labels in use: a class-map may declare every label on every line.
entry_labels = Table(
    "entry_labels",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("label_id", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("has_errors", Boolean, nullable=False),  # of the entry
    sqlite_with_rowid=False,
)

# How the console shows labels; those that no entry mentions yet are drafts.
label_styles = Table(
    "label_styles",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(256), primary_key=True),
    Column("number", Integer, nullable=False),  # order of drafts
    Column("color", String(7)),  # #rrggbb
    Column("key", String(1)),
)

# Answers to saved changes, so that a request that is sent again changes nothing again.
saved_changes = Table(
    "saved_changes",
    metadata,
    Column("dataset_id", ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True),
    Column("request_id", String(64), primary_key=True),
    Column("answer", LargeBinary, nullable=False),  # JSON
    Column("created_ms", BigInteger, nullable=False),
)

project_versions = Table(
    "project_versions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("arn", String(2048), nullable=False, unique=True),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("status", String(32), nullable=False),
    Column("status_message", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("output_bucket", String(255), nullable=False),
    Column("output_prefix", String(1024), nullable=False),
    Column("kms_key_id", Text),
    Column("description", String(255)),
    Column("training_input", JSON, nullable=False),
    Column("testing_input", JSON, nullable=False),
    Column("training_end_ms", BigInteger),
    Column("billable_seconds", BigInteger),
    Column("f1_score", Float),
    Column("result_files", JSON, nullable=False),
    Column("min_units", Integer),
    Column("max_units", Integer),
    Column("source_version_arn", String(2048)),
    Column("own_thresholds", JSON(none_as_null=True)),  # label -> 0..1
    Column("artefact", String(64)),  # digest of the published folder
    UniqueConstraint("project_id", "name"),
    Index("project_versions_by_status", "status", "id"),
)

# Curves of each training, thinned to a bounded number of points.
training_points = Table(
    "training_points",
    metadata,
    Column("version_id", ForeignKey("project_versions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("phase", String(64), nullable=False),
    Column("trial", Integer),
    Column("step", Integer, nullable=False),
    Column("loss", Float),
    Column("metric", Float),
    sqlite_with_rowid=False,
)

# The newest report of each project.
health_reports = Table(
    "health_reports",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("report", LargeBinary, nullable=False),  # JSON
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    Column("resource_arn", String(2048), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("value", String(256), nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("resource_arn", String(2048), nullable=False),
    Column("caller_arn", String(512), nullable=False),
    Column("access_key_id", String(128), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("body", LargeBinary),  # manifest lines of an update, up to 5 MB
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("owner", String(64)),
    Column("lease_expires_ms", BigInteger),  # by the database's clock
    Column("not_before_ms", BigInteger),  # likewise: when a job that waits may be claimed
    Column("pid", Integer),
    Column("progress", JSON),
    Column("error", Text),
    Column("created_ms", BigInteger, nullable=False),
    Column("started_ms", BigInteger),
    Column("finished_ms", BigInteger),
    Index("jobs_by_status", "status", "kind", "id"),
    Index("jobs_by_resource", "resource_arn", "id"),
)

# What a task of the console came to, or has come to so far.
job_results = Table(
    "job_results",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("result", LargeBinary, nullable=False),  # JSON
)
