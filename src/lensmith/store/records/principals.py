"""Users and roles of accounts, and their roots."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from lensmith.domain.clock import now_ms
from lensmith.store.records.identity_tables import (
    access_keys,
    group_members,
    policy_attachments,
    principals,
)

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class PrincipalKind(Enum):
    USER = "user"
    ROLE = "role"
    ROOT = "root"


_PREFIXES = {PrincipalKind.USER: "AIDA", PrincipalKind.ROLE: "AROA", PrincipalKind.ROOT: "ROOT"}


@dataclass(frozen=True, slots=True)
class Principal:
    """A user or role as it is kept; `policies` are its inline ones by name."""

    arn: str
    account_id: str
    kind: PrincipalKind
    name: str
    path: str
    unique_id: str
    policies: Mapping[str, Any]
    boundary_arn: str | None
    tags: Mapping[str, str]
    description: str
    trust_policy: Any
    max_session_seconds: int | None
    created_ms: int
    disabled_ms: int | None

    @property
    def is_disabled(self) -> bool:
        return self.disabled_ms is not None


def unique_id(prefix: str) -> str:
    """Make the id of a new identity, which is never used again: AIDA and 17 characters."""
    return prefix + "".join(random.choice(_LETTERS) for _ in range(17))


def arn_of(account_id: str, kind: str, name: str, path: str = "/") -> str:
    """Make the ARN of a user, role, group or policy, or of an account's root."""
    if kind == PrincipalKind.ROOT.value:
        return f"arn:aws:iam::{account_id}:root"
    return f"arn:aws:iam::{account_id}:{kind}{path}{name}"


def create(
    connection: Connection,
    account_id: str,
    kind: PrincipalKind,
    name: str,
    *,
    path: str = "/",
    **given: Any,
) -> Principal:
    """Add a user or role; `given` are further columns.

    Raises sqlalchemy.exc.IntegrityError when the ARN is taken.
    """
    arn = arn_of(account_id, kind.value, name, path)
    connection.execute(
        insert(principals).values(
            **{
                "arn": arn,
                "account_id": account_id,
                "kind": kind.value,
                "name": name,
                "path": path,
                "unique_id": unique_id(_PREFIXES[kind]),
                "policies": {},
                "tags": {},
                "description": "",
                "created_ms": now_ms(),
                **given,
            }
        )
    )
    found = find_by_arn(connection, arn)
    assert found is not None
    return found


def find(
    connection: Connection, account_id: str, kind: PrincipalKind, name: str
) -> Principal | None:
    """Find by name, whose case does not matter."""
    given = {"account": account_id, "kind": kind.value, "name": name.replace("_", r"\_")}
    row = connection.execute(_BY_NAME, given).first()
    return None if row is None else _principal(row)


def find_by_arn(connection: Connection, arn: str) -> Principal | None:
    row = connection.execute(_BY_ARN, {"given": arn}).one_or_none()
    return None if row is None else _principal(row)


def list_all(
    connection: Connection, account_id: str, kind: PrincipalKind, path_prefix: str = "/"
) -> list[Principal]:
    """Return the users or roles of an account, by name."""
    query = (
        select(principals)
        .where(principals.c.account_id == account_id, principals.c.kind == kind.value)
        .order_by(principals.c.name)
    )
    found = map(_principal, connection.execute(query))
    return [principal for principal in found if principal.path.startswith(path_prefix)]


def bounded_count(connection: Connection, policy_arn: str, account_id: str) -> int:
    """Count the users and roles of an account whose permissions boundary a policy is."""
    query = select(func.count()).where(
        principals.c.account_id == account_id, principals.c.boundary_arn == policy_arn
    )
    return int(connection.execute(query).scalar_one())


def change(connection: Connection, arn: str, **columns: Any) -> None:
    connection.execute(update(principals).where(principals.c.arn == arn).values(**columns))


def rename(connection: Connection, principal: Principal, name: str, path: str) -> None:
    """Give a user another name or path, and with it another ARN; its keys and id stay."""
    arn = arn_of(principal.account_id, principal.kind.value, name, path)
    if arn == principal.arn:
        return
    row = connection.execute(select(principals).where(principals.c.arn == principal.arn)).one()
    aside = {"unique_id": f"-{principal.unique_id[1:]}"}  # the index allows it once
    change(connection, principal.arn, **aside)
    values = {**row._mapping, "arn": arn, "name": name, "path": path}
    connection.execute(insert(principals).values(**values))
    for table, column in (
        (access_keys, "principal_arn"),
        (group_members, "user_arn"),
        (policy_attachments, "target_arn"),
    ):
        moved = update(table).where(table.c[column] == principal.arn)
        connection.execute(moved.values(**{column: arn}))
    connection.execute(delete(principals).where(principals.c.arn == principal.arn))


def remove(connection: Connection, arn: str) -> None:
    """Delete a principal, its keys and sessions; what it made stays its account's."""
    connection.execute(delete(access_keys).where(access_keys.c.principal_arn == arn))
    connection.execute(delete(policy_attachments).where(policy_attachments.c.target_arn == arn))
    connection.execute(delete(principals).where(principals.c.arn == arn))


# Built once: building a statement takes longer than running it, and every key needs it.
_BY_ARN = select(principals).where(principals.c.arn == bindparam("given"))
_BY_NAME = select(principals).where(
    principals.c.account_id == bindparam("account"),
    principals.c.kind == bindparam("kind"),
    principals.c.name.ilike(bindparam("name"), escape="\\"),
)


def _principal(row: Any) -> Principal:
    given = dict(row._mapping)
    given["kind"] = PrincipalKind(given["kind"])
    return Principal(**given)
