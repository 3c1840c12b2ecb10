"""Users, roles and groups as operations find and answer them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from lensmith.domain.identity_errors import (
    IdentityLimitExceededError,
    MalformedPolicyError,
    NoSuchEntityError,
)
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.operations.call import Call
from lensmith.store.records import groups, managed_policies, principals
from lensmith.store.records.groups import Group
from lensmith.store.records.managed_policies import ManagedPolicy
from lensmith.store.records.principals import Principal, PrincipalKind

Entity = Principal | Group
_MAX_ITEMS = 100
_TAGS = 50  # of a resource
_DOCUMENT_CHARACTERS = 10_240  # without white space: of a role's policies on AWS, the longest


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of entity that policies are attached to."""

    noun: str  # User, Role, Group: as in AttachUserPolicy
    find: Callable[[Connection, str, str], Entity | None]
    set_policies: Callable[[Connection, str, Mapping[str, Any]], None]

    @property
    def name_member(self) -> str:
        return f"{self.noun}Name"

    def named(self, connection: Connection, call: Call) -> Entity:
        """Find what the request names; raises NoSuchEntityError."""
        name = call.request[self.name_member]
        found = self.find(connection, call.caller.account_id, name)
        if found is None:
            raise NoSuchEntityError(f"The {self.noun.lower()} with name {name} cannot be found.")
        return found


def _user(connection: Connection, account_id: str, name: str) -> Entity | None:
    return principals.find(connection, account_id, PrincipalKind.USER, name)


def _role(connection: Connection, account_id: str, name: str) -> Entity | None:
    return principals.find(connection, account_id, PrincipalKind.ROLE, name)


def _set_policies(connection: Connection, arn: str, policies: Mapping[str, Any]) -> None:
    principals.change(connection, arn, policies=dict(policies))


USER = EntityKind("User", _user, _set_policies)
ROLE = EntityKind("Role", _role, _set_policies)
GROUP = EntityKind("Group", groups.find, groups.set_policies)


def principal_named(connection: Connection, call: Call, kind: EntityKind) -> Principal:
    """Find a user or role that the request names; raises NoSuchEntityError."""
    found = kind.named(connection, call)
    assert isinstance(found, Principal)
    return found


def group_named(connection: Connection, call: Call) -> Group:
    """Find the group that the request names; raises NoSuchEntityError."""
    found = GROUP.named(connection, call)
    assert isinstance(found, Group)
    return found


def own_user(connection: Connection, call: Call) -> Principal:
    """Find the user that the request names, or the caller; raises NoSuchEntityError."""
    if call.request.get("UserName") is not None:
        return principal_named(connection, call, USER)
    found = principals.find_by_arn(connection, call.caller.arn)
    if found is None:
        raise NoSuchEntityError("Name the user: the caller is not one.")
    return found


def document(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Any:
    """Decode a policy document that is written.

    Raises MalformedPolicyError, or IdentityLimitExceededError for one that is too long.
    """
    size = len("".join(text.split()))
    if size > _DOCUMENT_CHARACTERS:  # matching takes time in proportion
        raise IdentityLimitExceededError(
            f"Maximum policy size of {_DOCUMENT_CHARACTERS} characters exceeded"
        )
    try:
        decoded = json.loads(text)
        Policy.parse(decoded, kind)
    except (ValueError, RecursionError) as error:
        raise MalformedPolicyError(f"The policy document is malformed: {error}") from error
    return decoded


def encoded(given: Any) -> str:
    """Write a document as IAM answers it: URL-encoded JSON."""
    return quote(json.dumps(given), safe="")


def tags(given: Any) -> dict[str, str]:
    """Read a list of tags as key -> value."""
    return {tag["Key"]: tag["Value"] for tag in given or ()}


def tagged(call: Call, current: Mapping[str, str]) -> dict[str, str]:
    """Add the tags of a request to those that a resource has.

    Raises IdentityLimitExceededError beyond 50 (the IAM quota).
    """
    added = {**current, **tags(call.request.get("Tags"))}
    if len(added) > _TAGS:
        raise IdentityLimitExceededError(f"The number of tags has reached the maximum of {_TAGS}.")
    return added


def untagged(call: Call, current: Mapping[str, str]) -> dict[str, str]:
    """Remove the tags that a request names from those that a resource has."""
    return {key: current[key] for key in current if key not in call.request["TagKeys"]}


def tag_list(given: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in given.items()]


def boundary(connection: Connection, call: Call) -> str | None:
    """Return the policy of the boundary that the request names.

    Raises NoSuchEntityError for one that is neither of the caller's account nor of AWS.
    """
    arn: str | None = call.request.get("PermissionsBoundary")
    if arn is not None and attachable(connection, call, arn) is None:
        raise NoSuchEntityError(f"Scope ARN: {arn} does not exist or is not attachable.")
    return arn


def attachable(connection: Connection, call: Call, arn: str) -> ManagedPolicy | None:
    """Find a policy of the caller's account or of AWS."""
    found = managed_policies.find(connection, arn)
    owners = ("aws", call.caller.account_id)
    return found if found is not None and found.account_id in owners else None


def user_answer(user: Principal) -> dict[str, Any]:
    name = "<root>" if user.kind is PrincipalKind.ROOT else user.name
    return {
        "Path": user.path,
        "UserName": name,
        "UserId": user.unique_id,
        "Arn": user.arn,
        "CreateDate": user.created_ms // 1000,
        **_bounded(user),
    }


def role_answer(role: Principal) -> dict[str, Any]:
    return {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": role.unique_id,
        "Arn": role.arn,
        "CreateDate": role.created_ms // 1000,
        "AssumeRolePolicyDocument": encoded(role.trust_policy),
        "Description": role.description or None,
        "MaxSessionDuration": role.max_session_seconds,
        **_bounded(role),
    }


def group_answer(group: Group) -> dict[str, Any]:
    return {
        "Path": group.path,
        "GroupName": group.name,
        "GroupId": group.unique_id,
        "Arn": group.arn,
        "CreateDate": group.created_ms // 1000,
    }


def page(call: Call, member: str, found: list[Any]) -> dict[str, Any]:
    """Answer a part of a list; its marker is the position that follows."""
    start = call.request.get("Marker", "0")
    begin = int(start) if start.isascii() and start.isdigit() else 0
    end = begin + int(call.request.get("MaxItems") or _MAX_ITEMS)
    more = end < len(found)
    following = {"Marker": str(end)} if more else {}
    return {member: found[begin:end], "IsTruncated": more, **following}


def _bounded(principal: Principal) -> dict[str, Any]:
    arn = principal.boundary_arn
    limit = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    return {
        "Tags": tag_list(principal.tags) or None,
        "PermissionsBoundary": limit if arn else None,
    }
