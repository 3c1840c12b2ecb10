"""Identities: names, groups, managed policies, boundaries; secrets sealed under the root key."""

from __future__ import annotations

import json
import secrets
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PREFIXES = {"user": "AIDA", "role": "AROA", "root": "ROOT"}


def upgrade() -> None:
    _principals()
    _groups()
    _managed_policies()
    op.add_column(
        "access_keys",
        sa.Column("status", sa.String(length=8), nullable=False, server_default="Active"),
    )
    op.add_column("access_keys", sa.Column("session", sa.JSON(), nullable=True))
    op.create_index("access_keys_by_principal", "access_keys", ["principal_arn"], unique=False)
    _seal()


def _principals() -> None:
    for name, length in (("kind", 8), ("name", 128), ("path", 512), ("unique_id", 32)):
        column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column("principals", column)
    for name in ("tags", "description"):
        type_ = sa.JSON() if name == "tags" else sa.Text()
        default = "{}" if name == "tags" else ""
        op.add_column("principals", sa.Column(name, type_, nullable=False, server_default=default))
    op.add_column("principals", sa.Column("boundary_arn", sa.String(length=2048), nullable=True))
    op.add_column("principals", sa.Column("trust_policy", sa.JSON(), nullable=True))
    op.add_column("principals", sa.Column("max_session_seconds", sa.Integer(), nullable=True))
    found = op.get_bind().execute(sa.text("SELECT arn, policies FROM principals"))
    for arn, policies in found.all():
        _describe(arn, json.loads(policies) if isinstance(policies, str) else policies)
    op.create_index("principals_by_unique_id", "principals", ["unique_id"], unique=True)


def _describe(arn: str, policies: list[Any]) -> None:
    resource = arn.split(":", 5)[5]
    kind, _, name = resource.partition("/")
    named = {f"policy-{number}": policy for number, policy in enumerate(policies, start=1)}
    path, _, last = name.rpartition("/")
    unique_id = _PREFIXES[kind] + "".join(secrets.choice(_LETTERS) for _ in range(17))
    op.get_bind().execute(
        sa.text(
            "UPDATE principals SET kind = :kind, name = :name, path = :path, "
            "unique_id = :unique_id, policies = :policies WHERE arn = :arn"
        ),
        {
            "kind": kind,
            "name": last or kind,
            "path": f"/{path}/" if path else "/",
            "unique_id": unique_id,
            "policies": json.dumps(named),
            "arn": arn,
        },
    )


def _groups() -> None:
    op.create_table(
        "groups",
        *_named(),
        sa.Column("policies", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.PrimaryKeyConstraint("arn"),
    )
    op.create_table(
        "group_members",
        sa.Column("group_arn", sa.String(length=512), nullable=False),
        sa.Column("user_arn", sa.String(length=512), nullable=False),
        sa.ForeignKeyConstraint(["group_arn"], ["groups.arn"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_arn"], ["principals.arn"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("group_arn", "user_arn"),
    )


def _managed_policies() -> None:
    op.create_table(
        "managed_policies",
        *_named(),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("default_version", sa.Integer(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.PrimaryKeyConstraint("arn"),
    )
    op.create_table(
        "policy_versions",
        sa.Column("policy_arn", sa.String(length=512), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["policy_arn"], ["managed_policies.arn"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("policy_arn", "number"),
    )
    op.create_table(
        "policy_attachments",
        sa.Column("target_arn", sa.String(length=512), nullable=False),
        sa.Column("policy_arn", sa.String(length=512), nullable=False),
        sa.PrimaryKeyConstraint("target_arn", "policy_arn"),
    )
    op.create_index(
        "policy_attachments_by_policy", "policy_attachments", ["policy_arn"], unique=False
    )


def _named() -> list[sa.Column[Any]]:
    return [
        sa.Column("arn", sa.String(length=512), nullable=False),
        sa.Column("account_id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("path", sa.String(length=512), nullable=False),
        sa.Column("unique_id", sa.String(length=32), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
    ]


def _seal() -> None:
    connection = op.get_bind()
    root_key = connection.get_execution_options()["root_key"]
    keys = connection.execute(
        sa.text("SELECT access_key_id, secret_access_key, session_token FROM access_keys")
    )
    for key_id, secret, token in keys.all():
        sealed = root_key.seal(secret.encode(), f"secret {key_id}").decode()
        sealed_token = token and root_key.seal(token.encode(), f"token {key_id}").decode()
        connection.execute(
            sa.text(
                "UPDATE access_keys SET secret_access_key = :secret, session_token = :token "
                "WHERE access_key_id = :key_id"
            ),
            {"secret": sealed, "token": sealed_token, "key_id": key_id},
        )
    for name, value in connection.execute(sa.text("SELECT name, value FROM secrets")).all():
        connection.execute(
            sa.text("UPDATE secrets SET value = :value WHERE name = :name"),
            {"value": root_key.seal(bytes(value), f"server {name}"), "name": name},
        )
