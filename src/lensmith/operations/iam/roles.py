"""Roles and what they trust."""

from __future__ import annotations

from typing import Any

from lensmith.domain.policy.document import PolicyKind
from lensmith.operations.call import Call, Service
from lensmith.operations.iam.entities import (
    ROLE,
    boundary,
    document,
    page,
    principal_named,
    role_answer,
    tags,
)
from lensmith.operations.iam.users import refuse_in_use, refuse_taken
from lensmith.store.records import principals
from lensmith.store.records.principals import PrincipalKind

_HOUR = 3600


def create_role(service: Service, call: Call) -> dict[str, Any]:
    given = call.request
    trust = document(given["AssumeRolePolicyDocument"], PolicyKind.TRUST)
    with service.records.write() as connection:
        refuse_taken(connection, call, PrincipalKind.ROLE, given["RoleName"])
        role = principals.create(
            connection,
            call.caller.account_id,
            PrincipalKind.ROLE,
            given["RoleName"],
            path=given.get("Path", "/"),
            description=given.get("Description", ""),
            trust_policy=trust,
            max_session_seconds=given.get("MaxSessionDuration", _HOUR),
            boundary_arn=boundary(connection, call),
            tags=tags(given.get("Tags")),
        )
    return {"Role": role_answer(role)}


def get_role(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        return {"Role": role_answer(principal_named(connection, call, ROLE))}


def list_roles(service: Service, call: Call) -> dict[str, Any]:
    prefix = call.request.get("PathPrefix", "/")
    with service.records.read() as connection:
        found = principals.list_all(connection, call.caller.account_id, PrincipalKind.ROLE, prefix)
    return page(call, "Roles", [{**role_answer(role), "Tags": None} for role in found])


def update_role(service: Service, call: Call) -> dict[str, Any]:
    columns = {
        "description": call.request.get("Description"),
        "max_session_seconds": call.request.get("MaxSessionDuration"),
    }
    changed = {name: value for name, value in columns.items() if value is not None}
    with service.records.write() as connection:
        role = principal_named(connection, call, ROLE)
        if changed:
            principals.change(connection, role.arn, **changed)
    return {}


def update_assume_role_policy(service: Service, call: Call) -> dict[str, Any]:
    trust = document(call.request["PolicyDocument"], PolicyKind.TRUST)
    with service.records.write() as connection:
        role = principal_named(connection, call, ROLE)
        principals.change(connection, role.arn, trust_policy=trust)
    return {}


def delete_role(service: Service, call: Call) -> dict[str, Any]:
    """Delete a role; its sessions end with it."""
    with service.records.write() as connection:
        role = principal_named(connection, call, ROLE)
        refuse_in_use(connection, role)
        principals.remove(connection, role.arn)
    return {}
