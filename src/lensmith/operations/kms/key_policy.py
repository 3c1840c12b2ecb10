"""The policy of a key, which decides who may use it, before the account's own policies do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from lensmith.domain.key import DEFAULT_POLICY, key_arn
from lensmith.domain.key_errors import KeyNotFoundError, KeyPolicyError
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.request_context import request_context
from lensmith.operations.call import Call, Service
from lensmith.operations.kms.named import named_key
from lensmith.store.keyring.embedded import refuse_pending_deletion
from lensmith.store.records import accounts, keys

_MAX_BYTES = 32 << 10


def default_policy(account_id: str) -> str:
    """Return AWS's default: the account's own policies decide."""
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}
    return json.dumps(document, indent=2)


def get_key_policy(service: Service, call: Call) -> dict[str, Any]:
    _refuse_other_name(call)
    with service.records.read() as connection:
        key = named_key(connection, service, call)
    return {"Policy": key.policy, "PolicyName": DEFAULT_POLICY}


def put_key_policy(service: Service, call: Call) -> dict[str, Any]:
    """Replace the policy, unless that would lock the caller out of doing so again."""
    _refuse_other_name(call)
    with service.records.read() as connection:
        key = named_key(connection, service, call)
    refuse_pending_deletion(key)
    document = checked_policy(service, call, key.key_id)
    with service.records.write() as connection:
        keys.change(connection, key.key_id, policy=document)
    return {}


def list_key_policies(service: Service, call: Call) -> dict[str, Any]:
    with service.records.read() as connection:
        named_key(connection, service, call)
    return {"PolicyNames": [DEFAULT_POLICY], "Truncated": False}


def checked_policy(service: Service, call: Call, key_id: str | None) -> str:
    """Check the request's Policy, for a key or one yet to be made; raises KeyPolicyError."""
    text = str(call.request["Policy"])
    try:
        if len(text.encode()) > _MAX_BYTES:
            raise ValueError(f"a key policy has at most {_MAX_BYTES} bytes")
        policy = Policy.parse(json.loads(text), PolicyKind.RESOURCE)
    except (ValueError, RecursionError) as error:
        raise KeyPolicyError(f"The policy document is malformed: {error}.") from error
    if not call.request.get("BypassPolicyLockoutSafetyCheck"):
        _refuse_lockout(service, call, policy, key_id or "*")
    return text


def _refuse_lockout(service: Service, call: Call, policy: Policy, key_id: str) -> None:
    caller = service.records.read_cached(accounts.find_access_key, call.caller.access_key_id)
    region, account_id = service.settings.region, call.caller.account_id
    if caller is None:
        return
    context = request_context(
        caller.rights.identity, region=region, now=datetime.now(UTC), is_secure=True
    )
    asked = AccessRequest(
        "kms:PutKeyPolicy", key_arn(region, account_id, key_id), context, account_id
    )
    if not decide(caller.rights, asked, [policy], needs_resource_policy=True).allowed:
        raise KeyPolicyError(
            "The new key policy will not allow you to update the key policy in the future."
        )


def _refuse_other_name(call: Call) -> None:
    if call.request.get("PolicyName", DEFAULT_POLICY) != DEFAULT_POLICY:
        raise KeyNotFoundError("A key's only policy is named default.")
