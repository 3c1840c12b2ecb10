"""Grants: operations with a key, given to a principal without a change of policies."""

from __future__ import annotations

from typing import Any

from lensmith.domain.key import Grant, key_arn
from lensmith.domain.key_errors import (
    DryRunError,
    GrantIdError,
    KeyArnError,
    KeyLimitError,
    KeyNotFoundError,
    KeyValidationError,
)
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.operations.call import Call, Service
from lensmith.operations.kms.named import named_key
from lensmith.operations.kms.pages import page
from lensmith.store.keyring.embedded import refuse_pending_deletion, refuse_unusable
from lensmith.store.records import key_grants, keys

_MAX_GRANTS = 50_000  # of a key
_SYMMETRIC = frozenset(
    {
        "CreateGrant",
        "Decrypt",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
        "RetireGrant",
    }
)


def create_grant(service: Service, call: Call) -> dict[str, Any]:
    """Give operations; the same grant of the same name is made once."""
    request = call.request
    grantee = _principal(request.get("GranteePrincipal"))
    if grantee is None:
        raise KeyValidationError("GranteePrincipal must be given: no services have grants here.")
    if not set(request["Operations"]) <= _SYMMETRIC:
        raise KeyValidationError("A symmetric key has no such operations to grant.")
    with service.records.write() as connection:
        key = named_key(connection, service, call)
        refuse_unusable(key)
        if request.get("DryRun"):
            raise DryRunError
        given = {
            "key_id": key.key_id,
            "grantee": grantee,
            "retiring": _principal(request.get("RetiringPrincipal")),
            "operations": tuple(request["Operations"]),
            "constraints": dict(request.get("Constraints") or {}),
            "name": request.get("Name") or "",
            "issuer": call.caller.account_id,
        }
        existing = key_grants.of_key(connection, key.key_id)
        grant = next((each for each in existing if _is_same(each, given)), None)
        if grant is None:
            if len(existing) >= _MAX_GRANTS:
                raise KeyLimitError(f"A key has at most {_MAX_GRANTS} grants.")
            grant = key_grants.create(connection, **given)
    return {"GrantToken": grant.token, "GrantId": grant.grant_id}


def list_grants(service: Service, call: Call) -> dict[str, Any]:
    request = call.request
    with service.records.read() as connection:
        key = named_key(connection, service, call)
        refuse_pending_deletion(key)
        found = key_grants.of_key(connection, key.key_id)
    if "GrantId" in request:
        found = [grant for grant in found if grant.grant_id == request["GrantId"]]
    if "GranteePrincipal" in request:
        found = [grant for grant in found if grant.grantee == request["GranteePrincipal"]]
    return page(service, call, "Grants", [_entry(key.arn, grant) for grant in found])


def list_retirable_grants(service: Service, call: Call) -> dict[str, Any]:
    """List the grants that a principal of the caller's account may retire."""
    principal = str(call.request.get("RetiringPrincipal") or "")
    account_id, region = call.caller.account_id, service.settings.region
    items = []
    with service.records.read() as connection:
        for grant in key_grants.retirable_by(connection, principal, region):
            key = keys.find(connection, grant.key_id)
            if key is not None and account_id in (key.account_id, *principal.split(":")[4:5]):
                items.append(_entry(key_arn(region, key.account_id, key.key_id), grant))
    return page(service, call, "Grants", items)


def retire_grant(service: Service, call: Call) -> dict[str, Any]:
    request = call.request
    with service.records.write() as connection:
        grant = (
            key_grants.find_by_token(connection, request["GrantToken"])
            if "GrantToken" in request
            else key_grants.find(connection, request["GrantId"])
        )
        if grant is None:
            raise KeyNotFoundError("There is no such grant.")
        if request.get("DryRun"):
            raise DryRunError
        key_grants.remove(connection, grant.grant_id)
    return {}


def revoke_grant(service: Service, call: Call) -> dict[str, Any]:
    with service.records.write() as connection:
        key = named_key(connection, service, call)
        refuse_pending_deletion(key)
        grant = key_grants.find(connection, call.request["GrantId"])
        if grant is None or grant.key_id != key.key_id:
            raise GrantIdError
        if call.request.get("DryRun"):
            raise DryRunError
        key_grants.remove(connection, grant.grant_id)
    return {}


def _principal(arn: str | None) -> str | None:
    """Check that a policy could name the principal; raises KeyArnError."""
    if arn is None:
        return None
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": "kms:*",
        "Resource": "*",
    }
    try:
        if arn == "*":
            raise ValueError("not everybody")
        Policy.parse({"Statement": statement}, PolicyKind.RESOURCE)
    except ValueError as error:
        raise KeyArnError(f"{arn[:128]} is no principal.") from error
    return arn


def _is_same(grant: Grant, given: dict[str, Any]) -> bool:
    return bool(grant.name) and all(getattr(grant, name) == given[name] for name in given)


def _entry(arn: str, grant: Grant) -> dict[str, Any]:
    return {
        "KeyId": arn,
        "GrantId": grant.grant_id,
        "Name": grant.name,
        "CreationDate": grant.created_ms / 1000,
        "GranteePrincipal": grant.grantee,
        "RetiringPrincipal": grant.retiring,
        "IssuingAccount": f"arn:aws:iam::{grant.issuer}:root",
        "Operations": list(grant.operations),
        "Constraints": dict(grant.constraints) or None,
    }
