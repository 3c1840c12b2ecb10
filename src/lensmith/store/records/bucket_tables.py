"""The table of buckets: what their owners have said about them."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, String, Table, Text

from lensmith.store.records.tables import metadata

buckets = Table(
    "buckets",
    metadata,
    Column("name", String(63), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("region", String(32), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("policy", Text),  # JSON, as its owner wrote it
    Column("cors", JSON(none_as_null=True)),  # list of CorsRule
    Column("public_access", JSON(none_as_null=True)),  # flag: bool
    Column("ownership", String(32)),
    Column("default_key", JSON(none_as_null=True)),  # DefaultKey
    Index("buckets_by_account", "account_id"),
)
