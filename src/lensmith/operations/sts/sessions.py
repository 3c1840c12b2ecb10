"""Temporary credentials: of a role (AssumeRole) and of a user (GetSessionToken)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.clock import now_ms
from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.identity_errors import (
    IdentityValidationError,
    MalformedPolicyError,
    PackedPolicyTooLargeError,
)
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.iam.entities import document, tags
from lensmith.store.records import accounts, managed_policies, principals
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.principals import Principal, PrincipalKind

_UNSERVED = ("SourceIdentity", "TransitiveTagKeys", "ProvidedContexts")
MIN_SECONDS, MAX_SECONDS = 900, 43_200
_HOUR = 3600
_PACKED_CHARACTERS = 2048  # of a session policy and tags


def get_caller_identity(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        key = accounts.find_access_key(connection, call.caller.access_key_id)
    if key is None:
        raise AccessDeniedException
    return {
        "UserId": key.rights.identity.user_id,
        "Account": call.caller.account_id,
        "Arn": call.caller.arn,
    }


def may_assume_role(service: Service, call: Call) -> list[Permission]:
    """Need sts:AssumeRole on the role, whose trust policy must allow it too."""
    arn = call.request["RoleArn"]
    role = service.records.read_cached(principals.find_by_arn, arn)
    is_role = role is not None and role.kind is PrincipalKind.ROLE
    trust = (Policy.stored(role.trust_policy, PolicyKind.TRUST),) if role and is_role else ()
    owner = arn.split(":")[4] if arn.count(":") >= 5 else ""
    given = tags(call.request.get("Tags"))
    context = {"sts:rolesessionname": (call.request["RoleSessionName"],)}
    if "ExternalId" in call.request:
        context["sts:externalid"] = (call.request["ExternalId"],)
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if given else [])]
    return [
        Permission(
            action,
            arn,
            role.tags if role and is_role else {},
            given,
            context=context,
            resource_policies=trust,
            resource_account=owner,
            needs_resource_policy=True,
        )
        for action in actions
    ]


def assume_role(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        role = principals.find_by_arn(connection, call.request["RoleArn"])
        assert role is not None  # its trust policy allowed
        is_chained = ":assumed-role/" in call.caller.arn
        key = begin_role_session(connection, call, role, is_chained=is_chained)
    return role_session_answer(key)


def get_session_token(service: Service, call: Call) -> dict[str, Any]:
    seconds = _within(call.request.get("DurationSeconds", MAX_SECONDS), MAX_SECONDS)
    with service.records.write() as connection:
        user = principals.find_by_arn(connection, call.caller.arn)
        current = accounts.find_access_key(connection, call.caller.access_key_id)
        if user is None or current is None or current.session_token is not None:
            raise AccessDeniedException("Cannot call GetSessionToken with session credentials")
        key = _begin(connection, user.arn, seconds, {})
    return {"Credentials": _credentials(key)}


def begin_role_session(
    connection: Connection,
    call: Call,
    role: Principal,
    *,
    is_chained: bool = False,
    provider: str = "",
) -> AccessKey:
    """Make the credentials of a role's session.

    Raises IdentityValidationError for a duration beyond the role's and for what sessions do not
    carry here, MalformedPolicyError for a session policy that cannot be evaluated.
    """
    asked = [name for name in _UNSERVED if call.request.get(name)]
    if asked:
        raise IdentityValidationError(f"Not supported by this server: {', '.join(asked)}.")
    longest = _HOUR if is_chained else min(role.max_session_seconds or _HOUR, MAX_SECONDS)
    seconds = _within(call.request.get("DurationSeconds", min(_HOUR, longest)), longest)
    session = {
        "name": call.request["RoleSessionName"],
        "policies": _session_policies(connection, call, role.account_id),
        "tags": tags(call.request.get("Tags")),
        "provider": provider,
    }
    return _begin(connection, role.arn, seconds, session)


def role_session_answer(key: AccessKey) -> dict[str, Any]:
    identity = key.rights.identity
    return {
        "Credentials": _credentials(key),
        "AssumedRoleUser": {"AssumedRoleId": identity.user_id, "Arn": identity.arn},
    }


def _begin(connection: Connection, arn: str, seconds: int, session: Mapping[str, Any]) -> AccessKey:
    now = now_ms()
    accounts.delete_sessions(connection, ended_before_ms=now)
    token = secrets.token_urlsafe(96)
    return accounts.create_access_key(connection, arn, token, now + seconds * 1000, session)


def _session_policies(connection: Connection, call: Call, account_id: str) -> list[Any]:
    _refuse_too_large(call)
    documents = []
    if "Policy" in call.request:
        documents.append(document(call.request["Policy"]))
    for given in call.request.get("PolicyArns") or ():
        arn = given.get("arn", "")
        known = managed_policies.find(connection, arn)
        if known is None or known.account_id not in ("aws", account_id):
            raise MalformedPolicyError(f"The session policy {arn} does not exist.")
        documents.append(managed_policies.document(connection, arn))
    return documents


def _refuse_too_large(call: Call) -> None:
    """Raise PackedPolicyTooLargeError; AWS packs tags in a way of its own, here both count."""
    given = tags(call.request.get("Tags"))
    size = len(call.request.get("Policy", "")) + sum(map(len, (*given.keys(), *given.values())))
    if size > _PACKED_CHARACTERS:
        raise PackedPolicyTooLargeError(
            f"The session policy and tags have {size} characters; {_PACKED_CHARACTERS} are allowed."
        )


def _within(seconds: int, longest: int) -> int:
    if not MIN_SECONDS <= seconds <= longest:
        raise IdentityValidationError(
            f"The requested DurationSeconds must be between {MIN_SECONDS} and {longest}, the "
            "longest session that is allowed here."
        )
    return seconds


def _credentials(key: AccessKey) -> dict[str, Any]:
    assert key.expires_ms is not None
    return {
        "AccessKeyId": key.access_key_id,
        "SecretAccessKey": key.secret_access_key,
        "SessionToken": key.session_token,
        "Expiration": key.expires_ms // 1000,
    }
