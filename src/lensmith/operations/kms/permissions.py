"""Permissions that KMS's operations need: their own action on the key, by its policy too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lensmith.domain.errors import ServiceError
from lensmith.domain.key import Grant, KeyName, alias_arn
from lensmith.domain.key_errors import CiphertextError, GrantTokenError, KeyNotFoundError
from lensmith.domain.policy.document import Policy
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.kms.named import (
    alias_name,
    judged,
    key_name,
    known,
    missing,
)
from lensmith.store.keyring.ciphertext import Ciphertext
from lensmith.store.keyring.judged_key import JudgedKey, context_keys, judged_by_id
from lensmith.store.records import key_grants, keys

Permissions = Callable[[Service, Call], list[Permission]]


def on_everything(_: Service, call: Call) -> list[Permission]:
    """Need the operation's own action, which has no resource type."""
    given = tags_of(call.request.get("Tags"))
    return [Permission(f"kms:{call.operation}", "*", {}, given)]


def on_key(service: Service, call: Call) -> list[Permission]:
    """Need the operation's own action on the key that the request names."""
    return _on(call, judged(service, call, key_name(service, call)))


def on_listed(service: Service, call: Call) -> list[Permission]:
    """Need ListAliases, whether of one key or of all."""
    if "KeyId" in call.request:
        judged(service, call, key_name(service, call))
    return [Permission(f"kms:{call.operation}", "*", {}, {})]


def on_alias(service: Service, call: Call) -> list[Permission]:
    """Need the action on the alias, on the key that it names, and on the one that it will name."""
    name = alias_name(service, call)
    found = service.records.read_cached(keys.find_alias, name)
    if found is None and call.operation != "CreateAlias":
        raise missing(alias_arn(name.region, name.account_id, name.alias))
    arn = alias_arn(name.region, name.account_id, name.alias)
    needed = [Permission(f"kms:{call.operation}", arn, {}, {})]
    if found is not None and call.operation != "CreateAlias":
        owner = KeyName(name.region, name.account_id, key_id=found.key_id)
        needed += _on(call, judged(service, call, owner))
    if "TargetKeyId" in call.request:
        needed += _on(call, judged(service, call, key_name(service, call, "TargetKeyId")))
    return needed


def on_ciphertext(service: Service, call: Call) -> list[Permission]:
    """Need Decrypt on the key that made the ciphertext."""
    return _on(call, _maker(service, call))


def re_encrypt(service: Service, call: Call) -> list[Permission]:
    """Need both keys: ReEncryptFrom and ReEncryptTo."""
    request = call.request
    destination = judged(service, call, key_name(service, call, "DestinationKeyId"))
    return [
        *_on(call, _maker(service, call), "ReEncryptFrom", request.get("SourceEncryptionContext")),
        *_on(call, destination, "ReEncryptTo", request.get("DestinationEncryptionContext")),
    ]


def retire_grant(service: Service, call: Call) -> list[Permission]:
    """Need RetireGrant on the key; the grant's retiring principal has it, its grantee may."""
    grant = _retired(service, call)
    found = service.records.read_cached(judged_by_id, grant.key_id)
    if found is None or grant.grant_id not in found.grants:
        raise missing(grant.key_id)
    policies = (found.own, found.grants[grant.grant_id])
    return _on(call, known(call, found), policies=policies)


def tags_of(tags: Any) -> dict[str, str]:
    """Convert the list of KMS to a mapping."""
    return {tag["TagKey"]: tag["TagValue"] for tag in tags or ()}


def _retired(service: Service, call: Call) -> Grant:
    request = call.request
    if "GrantToken" in request:
        found = service.records.read_cached(key_grants.find_by_token, request["GrantToken"])
        if found is None:
            raise GrantTokenError
        return found
    if "KeyId" not in request or "GrantId" not in request:
        raise GrantTokenError("Give a GrantToken, or KeyId and GrantId.")
    key = judged(service, call, key_name(service, call)).key
    found = service.records.read_cached(key_grants.find, request["GrantId"])
    if found is None or found.key_id != key.key_id:
        raise KeyNotFoundError(f"Grant ID {request['GrantId'][:128]} is not found.")
    return found


def _maker(service: Service, call: Call) -> JudgedKey:
    """Find the key of a ciphertext; of another account or region as if it were damaged."""
    sealed = Ciphertext.parse(call.request["CiphertextBlob"])
    found = service.records.read_cached(judged_by_id, sealed.key_id)
    if found is None or found.key.region != service.settings.region:
        raise CiphertextError
    try:
        return known(call, found)
    except ServiceError as error:
        raise CiphertextError from error


def _on(
    call: Call,
    found: JudgedKey,
    action: str = "",
    encryption_context: Mapping[str, str] | None = None,
    policies: tuple[Policy, ...] | None = None,
) -> list[Permission]:
    given = encryption_context or call.request.get("EncryptionContext") or {}
    requested = tags_of(call.request.get("Tags"))
    return [
        Permission(
            f"kms:{action or call.operation}",
            found.key.arn,
            found.key.tags,
            requested or dict.fromkeys(call.request.get("TagKeys") or (), ""),
            context={**context_keys(given), "kms:calleraccount": (call.caller.account_id,)},
            resource_policies=found.policies if policies is None else policies,
            resource_account=found.key.account_id,
            needs_resource_policy=True,
        )
    ]
