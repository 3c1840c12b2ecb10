"""The rights of a principal: every policy on its side, as of now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.store.records import groups, managed_policies
from lensmith.store.records.principals import Principal, PrincipalKind

_MISSING = Policy((), "the policy is gone")


def rights_of(
    connection: Connection,
    principal: Principal,
    session: Mapping[str, Any] | None = None,
    issued_ms: int | None = None,
) -> Rights:
    """Read the rights of a principal, or of a session of it.

    `session` has the members that `accounts.create_access_key` keeps; `issued_ms` is the time
    of temporary credentials.
    """
    session = session or {}
    boundary = principal.boundary_arn
    return Rights(
        _identity(principal, session, issued_ms),
        tuple(_stored(identity_documents(connection, principal))),
        None if boundary is None else _managed(connection, boundary),
        tuple(_stored(session.get("policies") or ())),
    )


def identity_documents(connection: Connection, principal: Principal) -> Iterator[Any]:
    """Yield the documents of all policies: inline, attached, and those of groups."""
    yield from principal.policies.values()
    yield from managed_policies.attached_documents(connection, principal.arn)
    if principal.kind is PrincipalKind.USER:
        for group in groups.of_user(connection, principal.arn):
            yield from group.policies.values()
            yield from managed_policies.attached_documents(connection, group.arn)


def session_arn(principal: Principal, session_name: str) -> str:
    return f"arn:aws:sts::{principal.account_id}:assumed-role/{principal.name}/{session_name}"


def _identity(principal: Principal, session: Mapping[str, Any], issued_ms: int | None) -> Identity:
    tags = {**principal.tags, **(session.get("tags") or {})}
    if principal.kind is PrincipalKind.ROLE:
        name = session.get("name", "")
        return Identity(
            PrincipalType.ASSUMED_ROLE,
            principal.account_id,
            session_arn(principal, name),
            user_id=f"{principal.unique_id}:{name}",
            role_arn=principal.arn,
            tags=tags,
            issued_ms=issued_ms,
            federated_provider=session.get("provider", ""),
        )
    is_root = principal.kind is PrincipalKind.ROOT
    return Identity(
        PrincipalType.ACCOUNT if is_root else PrincipalType.USER,
        principal.account_id,
        principal.arn,
        user_id=principal.account_id if is_root else principal.unique_id,
        tags=tags,
        issued_ms=issued_ms,
    )


def _managed(connection: Connection, arn: str) -> Policy:
    document = managed_policies.document(connection, arn)
    return _MISSING if document is None else _parsed(json.dumps(document))


def _stored(documents: Iterable[Any]) -> Iterator[Policy]:
    return (_parsed(json.dumps(document)) for document in documents)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Policy:
    """Parse a document; most are the same after a commit as before."""
    return Policy.stored(json.loads(text))
