"""The tables of the keyring. Times are epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from lensmith.store.records.identity_tables import metadata

keys = Table(
    "keys",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("region", String(64), nullable=False),
    Column("description", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("policy", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("material", Integer, nullable=False),  # the number of the newest
    Column("created_ms", BigInteger, nullable=False),
    Column("deletion_ms", BigInteger),
    Column("window_days", Integer),
    Column("rotation_days", Integer),
    Column("next_rotation_ms", BigInteger),
    Index("keys_by_owner", "account_id", "region"),
)

key_materials = Table(
    "key_materials",
    metadata,
    Column("key_id", ForeignKey("keys.key_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed", Text, nullable=False),  # under the root key
    Column("rotation", String(16), nullable=False),  # AUTOMATIC, ON_DEMAND; empty: the first
    Column("created_ms", BigInteger, nullable=False),
)

key_aliases = Table(
    "key_aliases",
    metadata,
    Column("account_id", String(12), primary_key=True),
    Column("region", String(64), primary_key=True),
    Column("name", String(256), primary_key=True),  # alias/…
    Column("key_id", ForeignKey("keys.key_id", ondelete="CASCADE"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
)

key_grants = Table(
    "key_grants",
    metadata,
    Column("grant_id", String(64), primary_key=True),
    Column("token", String(128), nullable=False, unique=True),
    Column("key_id", ForeignKey("keys.key_id", ondelete="CASCADE"), nullable=False),
    Column("grantee", String(256), nullable=False),
    Column("retiring", String(256)),
    Column("operations", JSON, nullable=False),
    Column("constraints", JSON, nullable=False),
    Column("name", String(256), nullable=False),
    Column("issuer", String(12), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("key_grants_by_key", "key_id"),
)
