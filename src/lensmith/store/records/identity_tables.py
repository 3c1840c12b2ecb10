"""The tables of accounts, principals, policies and keys. Times are epoch milliseconds."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

_ARN = String(2048)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String(12), primary_key=True),
    Column("created_ms", BigInteger, nullable=False),
)

principals = Table(
    "principals",
    metadata,
    Column("arn", String(512), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("kind", String(8), nullable=False),  # user, role, root
    Column("name", String(128), nullable=False),
    Column("path", String(512), nullable=False),
    Column("unique_id", String(32), nullable=False),  # AIDA…, AROA…
    Column("policies", JSON, nullable=False),  # inline: name -> document
    Column("boundary_arn", _ARN),  # of a managed policy
    Column("tags", JSON, nullable=False),
    Column("description", Text, nullable=False),
    Column("trust_policy", JSON),  # only roles
    Column("max_session_seconds", Integer),  # only roles
    Column("created_ms", BigInteger, nullable=False),
    Column("disabled_ms", BigInteger),  # None: may call
    Index("principals_by_unique_id", "unique_id", unique=True),
)

groups = Table(
    "groups",
    metadata,
    Column("arn", String(512), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("path", String(512), nullable=False),
    Column("unique_id", String(32), nullable=False),  # AGPA…
    Column("policies", JSON, nullable=False),  # inline: name -> document
    Column("created_ms", BigInteger, nullable=False),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_arn", ForeignKey("groups.arn", ondelete="CASCADE"), primary_key=True),
    Column("user_arn", ForeignKey("principals.arn", ondelete="CASCADE"), primary_key=True),
)

managed_policies = Table(
    "managed_policies",
    metadata,
    Column("arn", String(512), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("path", String(512), nullable=False),
    Column("unique_id", String(32), nullable=False),  # ANPA…
    Column("description", Text, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("default_version", Integer, nullable=False),
    Column("last_version", Integer, nullable=False),  # numbers are not used twice
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
)

policy_versions = Table(
    "policy_versions",
    metadata,
    Column("policy_arn", ForeignKey("managed_policies.arn", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", JSON, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

# Of managed policies, those of AWS too, to users, roles and groups.
policy_attachments = Table(
    "policy_attachments",
    metadata,
    Column("target_arn", String(512), primary_key=True),
    Column("policy_arn", String(512), primary_key=True),
    Index("policy_attachments_by_policy", "policy_arn"),
)

access_keys = Table(
    "access_keys",
    metadata,
    Column("access_key_id", String(128), primary_key=True),
    Column("secret_access_key", String(128), nullable=False),  # sealed under the root key
    Column("principal_arn", ForeignKey("principals.arn"), nullable=False),
    Column("status", String(8), nullable=False),  # Active, Inactive
    Column("session_token", Text),  # sealed; only temporary keys
    Column("session", JSON),  # of a role or user: name, policies, tags, provider
    Column("expires_ms", BigInteger),  # only temporary keys
    Column("created_ms", BigInteger, nullable=False),
    Index("access_keys_by_principal", "principal_arn"),
)

# Issuers of tokens that roles of the account may trust; keys and rights do not rest on them.
openid_providers = Table(
    "openid_providers",
    metadata,
    Column("arn", String(512), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("url", String(255), nullable=False),
    Column("client_ids", JSON, nullable=False),
    Column("thumbprints", JSON, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("openid_providers_by_account", "account_id"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", LargeBinary, nullable=False),  # sealed under the root key
)

# One row, whose number grows with every change of who may do what (`identity_triggers`).
identity_version = Table(
    "identity_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
