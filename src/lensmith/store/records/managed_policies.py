"""Managed policies: those of accounts with their versions, and AWS's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.domain.policy.managed import AWS_POLICIES
from lensmith.store.records.identity_tables import (
    managed_policies,
    policy_attachments,
    policy_versions,
)
from lensmith.store.records.principals import arn_of, unique_id

_AWS_CREATED_MS = 1_661_000_000_000  # 2022-08-20


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy without its versions' documents."""

    arn: str
    account_id: str  # aws for AWS's own
    name: str
    path: str
    unique_id: str
    description: str
    tags: Mapping[str, str]
    default_version: int
    last_version: int
    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    number: int
    document: Any
    created_ms: int


def create(
    connection: Connection,
    account_id: str,
    name: str,
    document: Any,
    *,
    path: str = "/",
    description: str = "",
    tags: Mapping[str, str] | None = None,
) -> ManagedPolicy:
    """Add a policy with version 1; raises sqlalchemy.exc.IntegrityError when the ARN is taken."""
    now = now_ms()
    arn = arn_of(account_id, "policy", name, path)
    values: dict[str, Any] = {
        "arn": arn,
        "account_id": account_id,
        "name": name,
        "path": path,
        "unique_id": unique_id("ANPA"),
        "description": description,
        "tags": dict(tags or {}),
        "default_version": 1,
        "last_version": 1,
        "created_ms": now,
        "updated_ms": now,
    }
    connection.execute(insert(managed_policies).values(**values))
    _insert_version(connection, arn, 1, document)
    return ManagedPolicy(**values)


def find(connection: Connection, arn: str) -> ManagedPolicy | None:
    if arn in AWS_POLICIES:
        return _of_aws(arn)
    query = select(managed_policies).where(managed_policies.c.arn == arn)
    row = connection.execute(query).one_or_none()
    return None if row is None else ManagedPolicy(**row._mapping)


def list_all(connection: Connection, account_id: str) -> list[ManagedPolicy]:
    """Return the policies of an account, by name."""
    query = (
        select(managed_policies)
        .where(managed_policies.c.account_id == account_id)
        .order_by(managed_policies.c.name)
    )
    return [ManagedPolicy(**row._mapping) for row in connection.execute(query)]


def list_of_aws() -> list[ManagedPolicy]:
    return [_of_aws(arn) for arn in sorted(AWS_POLICIES)]


def document(connection: Connection, arn: str) -> Any:
    """Return the document of the default version; None without such a policy."""
    if arn in AWS_POLICIES:
        return AWS_POLICIES[arn]
    query = (
        select(policy_versions.c.document)
        .join(managed_policies, managed_policies.c.arn == policy_versions.c.policy_arn)
        .where(
            managed_policies.c.arn == arn,
            policy_versions.c.number == managed_policies.c.default_version,
        )
    )
    return connection.execute(query).scalar()


def versions(connection: Connection, arn: str) -> list[PolicyVersion]:
    """Return the versions, newest first."""
    if arn in AWS_POLICIES:
        return [PolicyVersion(1, AWS_POLICIES[arn], _AWS_CREATED_MS)]
    query = (
        select(policy_versions)
        .where(policy_versions.c.policy_arn == arn)
        .order_by(policy_versions.c.number.desc())
    )
    return [
        PolicyVersion(row.number, row.document, row.created_ms) for row in connection.execute(query)
    ]


def add_version(
    connection: Connection, policy: ManagedPolicy, document: Any, *, is_default: bool
) -> int:
    """Add a version and return its number."""
    number = policy.last_version + 1
    _insert_version(connection, policy.arn, number, document)
    changed = {"last_version": number, "updated_ms": now_ms()}
    change(connection, policy.arn, **changed)
    if is_default:
        change(connection, policy.arn, default_version=number)
    return number


def remove_version(connection: Connection, arn: str, number: int) -> None:
    connection.execute(
        delete(policy_versions).where(
            policy_versions.c.policy_arn == arn, policy_versions.c.number == number
        )
    )


def change(connection: Connection, arn: str, **columns: Any) -> None:
    changed = update(managed_policies).where(managed_policies.c.arn == arn)
    connection.execute(changed.values(**columns))


def remove(connection: Connection, arn: str) -> None:
    connection.execute(delete(managed_policies).where(managed_policies.c.arn == arn))


def attach(connection: Connection, target_arn: str, policy_arn: str) -> None:
    """Attach a policy to a user, role or group, also if it is attached already."""
    detach(connection, target_arn, policy_arn)
    connection.execute(
        insert(policy_attachments).values(target_arn=target_arn, policy_arn=policy_arn)
    )


def detach(connection: Connection, target_arn: str, policy_arn: str) -> bool:
    """Detach a policy; returns whether it was attached."""
    attachment = (
        policy_attachments.c.target_arn == target_arn,
        policy_attachments.c.policy_arn == policy_arn,
    )
    return connection.execute(delete(policy_attachments).where(*attachment)).rowcount > 0


def attached_arns(connection: Connection, target_arn: str) -> list[str]:
    """Return the ARNs of the policies attached to a user, role or group."""
    query = (
        select(policy_attachments.c.policy_arn)
        .where(policy_attachments.c.target_arn == target_arn)
        .order_by(policy_attachments.c.policy_arn)
    )
    return list(connection.scalars(query))


def attached_documents(connection: Connection, target_arn: str) -> list[Any]:
    """Return the default versions of the policies attached to a user, role or group."""
    return [
        AWS_POLICIES.get(row.policy_arn, row.document)
        for row in connection.execute(_ATTACHED, {"given": target_arn})
    ]


def target_arns(connection: Connection, policy_arn: str, account_id: str) -> list[str]:
    """Return the ARNs of users, roles and groups of an account that have a policy."""
    query = select(policy_attachments.c.target_arn).where(
        policy_attachments.c.policy_arn == policy_arn,
        policy_attachments.c.target_arn.like(f"arn:aws:iam::{account_id}:%"),
    )
    return sorted(connection.scalars(query))


def attachment_count(connection: Connection, policy_arn: str, account_id: str) -> int:
    query = select(func.count()).where(
        policy_attachments.c.policy_arn == policy_arn,
        policy_attachments.c.target_arn.like(f"arn:aws:iam::{account_id}:%"),
    )
    return int(connection.execute(query).scalar_one())


_ATTACHED = (  # built once, because every key needs it
    select(policy_attachments.c.policy_arn, policy_versions.c.document)
    .outerjoin(managed_policies, managed_policies.c.arn == policy_attachments.c.policy_arn)
    .outerjoin(
        policy_versions,
        and_(
            policy_versions.c.policy_arn == managed_policies.c.arn,
            policy_versions.c.number == managed_policies.c.default_version,
        ),
    )
    .where(policy_attachments.c.target_arn == bindparam("given"))
)


def _insert_version(connection: Connection, arn: str, number: int, document: Any) -> None:
    connection.execute(
        insert(policy_versions).values(
            policy_arn=arn, number=number, document=document, created_ms=now_ms()
        )
    )


def _of_aws(arn: str) -> ManagedPolicy:
    name = arn.rpartition("/")[2]
    unique = "ANPA" + f"{name.upper():X<17}"[:17]
    return ManagedPolicy(
        arn, "aws", name, "/", unique, "", {}, 1, 1, _AWS_CREATED_MS, _AWS_CREATED_MS
    )
