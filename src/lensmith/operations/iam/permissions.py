"""Permissions that IAM's operations need: their own action on the entity's ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.errors import AccessDeniedException
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.iam.entities import tags
from lensmith.store.records import accounts, groups, openid_providers, principals
from lensmith.store.records.openid_providers import provider_arn
from lensmith.store.records.principals import PrincipalKind, arn_of

_KINDS = {"UserName": "user", "RoleName": "role", "GroupName": "group"}


def on_everything(_: Service, call: Call) -> list[Permission]:
    """Need the operation's own action, which has no resource type."""
    return [Permission(_action(call), "*", {}, {})]


def on_entity(service: Service, call: Call) -> list[Permission]:
    """Need the action on the user, role or group that the request names, or on the caller."""
    for member in ("GroupName", "RoleName", "UserName"):
        if member in call.request:
            kind, name = _KINDS[member], call.request[member]
            return [_on(service, call, kind, name), *_on_renamed(service, call, kind, name)]
    if call.operation.startswith("Simulate"):
        return [Permission(_action(call), call.request["PolicySourceArn"], {}, {})]
    return [Permission(_action(call), call.caller.arn, {}, {})]


def on_key_owner(service: Service, call: Call) -> list[Permission]:
    """Need the action on the user whose key the request names.

    Raises AccessDeniedException, as for a user whom the caller may not ask for, when the account
    has no such key.
    """
    key_id = call.request["AccessKeyId"]
    owner, shown = service.records.read_cached(accounts.key_owner, key_id), f"access key {key_id}"
    if owner is None or owner.account_id != call.caller.account_id:
        raise AccessDeniedException(
            f"User: {call.caller.arn} is not authorized to perform: {_action(call)} "
            f"on resource: {shown}"
        )
    return [Permission(_action(call), owner.arn, {}, {}, shown=shown)]


def on_policy(_: Service, call: Call) -> list[Permission]:
    """Need the action on the managed policy that the request names or would make."""
    arn = call.request.get("PolicyArn") or arn_of(
        call.caller.account_id, "policy", call.request["PolicyName"], call.request.get("Path", "/")
    )
    return [Permission(_action(call), arn, {}, tags(call.request.get("Tags")))]


def on_provider(service: Service, call: Call) -> list[Permission]:
    """Need the action on the OpenID Connect provider that the request names or would make."""
    given = call.request
    arn = given.get("OpenIDConnectProviderArn") or provider_arn(
        call.caller.account_id, given["Url"]
    )
    found = service.records.read_cached(openid_providers.find, arn)
    is_own = found is not None and found.account_id == call.caller.account_id
    return [
        Permission(
            _action(call),
            arn,
            found.tags if found is not None and is_own else {},
            _requested(given),
        )
    ]


def _requested(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags that a request sets, or the keys that it takes away."""
    sent = given.get("Tags")
    return tags(sent) if sent else dict.fromkeys(given.get("TagKeys") or (), "")


def _on(service: Service, call: Call, kind: str, name: str) -> Permission:
    key = (call.caller.account_id, kind, name)
    found = service.records.read_cached(_entity, key)
    path = call.request.get("Path", "/")
    arn = found[0] if found is not None else arn_of(call.caller.account_id, kind, name, path)
    return Permission(
        _action(call),
        arn,
        found[1] if found else {},
        _requested(call.request),
        context=_context(call, found),
        shown=f"{kind} {name}",  # the ARN has the path of one that is there
    )


def _on_renamed(service: Service, call: Call, kind: str, name: str) -> list[Permission]:
    """Need the action on what a user or group will be called, too, as on AWS."""
    new_name, new_path = call.request.get(f"New{kind.title()}Name"), call.request.get("NewPath")
    found = service.records.read_cached(_entity, (call.caller.account_id, kind, name))
    if found is None or (new_name is None and new_path is None):
        return []
    path, _, old_name = found[0].partition(f":{kind}")[2].rpartition("/")
    arn = arn_of(call.caller.account_id, kind, new_name or old_name, new_path or f"{path}/")
    return [Permission(_action(call), arn, found[1], {}, shown=f"{kind} {new_name or name}")]


def _entity(
    connection: Connection, key: tuple[str, str, str]
) -> tuple[str, dict[str, str], str | None] | None:
    """Find ARN, tags and boundary."""
    account_id, kind, name = key
    if kind == "group":
        group = groups.find(connection, account_id, name)
        return None if group is None else (group.arn, {}, None)
    found = principals.find(connection, account_id, PrincipalKind(kind), name)
    return None if found is None else (found.arn, dict(found.tags), found.boundary_arn)


def _context(call: Call, found: Any) -> dict[str, tuple[str, ...]]:
    """Return iam:PolicyARN and iam:PermissionsBoundary, with which administrators delegate."""
    keys: dict[str, tuple[str, ...]] = {}
    if "PolicyArn" in call.request:
        keys["iam:policyarn"] = (call.request["PolicyArn"],)
    boundary = call.request.get("PermissionsBoundary") or (found[2] if found else None)
    if boundary:
        keys["iam:permissionsboundary"] = (boundary,)
    for name, value in (found[1] if found else {}).items():
        key = f"iam:resourcetag/{name.lower()}"
        keys[key] = (*keys.get(key, ()), value)
    return keys


def _action(call: Call) -> str:
    return f"iam:{call.operation}"
