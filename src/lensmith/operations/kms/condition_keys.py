"""The condition keys of KMS that come from a request's members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lensmith.operations.call import Call

_Keys = dict[str, tuple[str, ...]]

_OF_GRANTS = frozenset({"CreateGrant", "ListGrants", "RevokeGrant"})
_PENDING_DAYS, _ROTATION_DAYS = 30, 365  # of requests that name none


def keys_of_call(call: Call) -> _Keys:
    """Return the keys, in lower case, that the request's own members give."""
    request, operation = call.request, call.operation
    keys: _Keys = {"kms:calleraccount": (call.caller.account_id,)}
    if operation in {"CreateKey", "PutKeyPolicy"}:
        bypass = bool(request.get("BypassPolicyLockoutSafetyCheck"))
        keys["kms:bypasspolicylockoutsafetycheck"] = ("true" if bypass else "false",)
    if operation == "CreateKey":
        keys |= _of_new_key(request)
    if operation == "ScheduleKeyDeletion":
        days = request.get("PendingWindowInDays") or _PENDING_DAYS
        keys["kms:schedulekeydeletionpendingwindowindays"] = (str(days),)
    if operation == "EnableKeyRotation":
        days = request.get("RotationPeriodInDays") or _ROTATION_DAYS
        keys["kms:rotationperiodindays"] = (str(days),)
    if operation in _OF_GRANTS:
        keys["kms:grantisforawsresource"] = ("false",)
    if operation == "CreateGrant":
        keys |= keys_of_grant(request)
    return keys


def keys_of_grant(request: Mapping[str, Any]) -> _Keys:
    """Return the keys of a grant that a request would make."""
    keys: _Keys = {"kms:grantoperations": tuple(map(str, request.get("Operations") or ()))}
    for member in ("GranteePrincipal", "RetiringPrincipal"):
        if request.get(member):
            keys[f"kms:{member.lower()}"] = (str(request[member]),)
    return keys | keys_of_constraints(request.get("Constraints") or {})


def keys_of_constraints(constraints: Mapping[str, Any]) -> _Keys:
    """Return the key of what limits a grant."""
    names = tuple(name for name, pairs in constraints.items() if pairs)
    return {"kms:grantconstrainttype": names} if names else {}


def _of_new_key(request: Mapping[str, Any]) -> _Keys:
    spec = str(
        request.get("KeySpec") or request.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    )
    usage = str(request.get("KeyUsage") or "ENCRYPT_DECRYPT")
    return {
        "kms:keyspec": (spec,),
        "kms:customermasterkeyspec": (spec,),
        "kms:keyusage": (usage,),
        "kms:customermasterkeyusage": (usage,),
        "kms:keyorigin": (str(request.get("Origin") or "AWS_KMS"),),
        "kms:multiregion": ("true" if request.get("MultiRegion") else "false",),
    }
