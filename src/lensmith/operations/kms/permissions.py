"""Permissions that KMS's operations need: their own action on the key, by its policy too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lensmith.domain.errors import ValidationException
from lensmith.domain.key import Grant, KeyName, alias_arn, key_arn
from lensmith.domain.key_errors import CiphertextError, GrantTokenError, KeyNotFoundError
from lensmith.domain.policy.document import Policy
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.kms.condition_keys import keys_of_call, keys_of_constraints
from lensmith.operations.kms.named import (
    alias_name,
    is_known,
    judged,
    key_name,
    missing,
)
from lensmith.store.keyring.ciphertext import Ciphertext
from lensmith.store.keyring.judged_key import (
    JudgedKey,
    context_keys,
    judged_by_id,
    key_facts,
)
from lensmith.store.records import key_grants, keys

Permissions = Callable[[Service, Call], list[Permission]]


def on_everything(_: Service, call: Call) -> list[Permission]:
    """Need the operation's own action, which has no resource type."""
    given = tags_of(call.request.get("Tags"))
    return [Permission(f"kms:{call.operation}", "*", {}, given, context=keys_of_call(call))]


def on_key(service: Service, call: Call) -> list[Permission]:
    """Need the operation's own action on the key that the request names."""
    return _on_named(service, call)


def on_alias(service: Service, call: Call) -> list[Permission]:
    """Need the action on the alias, on the key that it names, and on the one that it will name."""
    name = alias_name(service, call)
    if name.account_id != call.caller.account_id:
        raise missing(name.alias)
    found = service.records.read_cached(keys.find_alias, name)
    arn = alias_arn(name.region, name.account_id, name.alias)
    needed = [Permission(f"kms:{call.operation}", arn, {}, {}, context=keys_of_call(call))]
    if found is not None and call.operation != "CreateAlias":
        owner = KeyName(name.region, name.account_id, key_id=found.key_id)
        needed += _on(call, judged(service, call, owner))
    if "TargetKeyId" in call.request:
        needed += _on_named(service, call, "TargetKeyId")
    return needed


def on_ciphertext(service: Service, call: Call) -> list[Permission]:
    """Need Decrypt on the key that made the ciphertext."""
    return _on(call, _maker(service, call))


def re_encrypt(service: Service, call: Call) -> list[Permission]:
    """Need both keys: ReEncryptFrom and ReEncryptTo."""
    request, maker = call.request, _maker(service, call)
    given = request.get("DestinationEncryptionContext")
    needed = [
        *_on(call, maker, "ReEncryptFrom", request.get("SourceEncryptionContext")),
        *_on_named(service, call, "DestinationKeyId", "ReEncryptTo", given),
    ]
    is_same = all(each.resource == maker.key.arn for each in needed)
    same: Mapping[str, tuple[str, ...]] = {
        "kms:reencryptonsamekey": ("true" if is_same else "false",)
    }
    return [replace(each, context={**each.context, **same}) for each in needed]


def retire_grant(service: Service, call: Call) -> list[Permission]:
    """Need RetireGrant on the key; the grant's retiring principal has it, its grantee may."""
    grant = _retired(service, call)
    found = service.records.read_cached(judged_by_id, grant.key_id)
    if found is None or grant.grant_id not in found.grants or not is_known(call, found):
        raise GrantTokenError
    policies = (found.own, found.grants[grant.grant_id])
    limits = keys_of_constraints(grant.constraints)
    needed = _on(call, found, policies=policies)
    return [replace(each, context={**each.context, **limits}) for each in needed]


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
    unknown = KeyNotFoundError(f"Grant ID {request['GrantId'][:128]} is not found.")
    try:
        key = judged(service, call, key_name(service, call)).key
    except KeyNotFoundError:
        raise unknown from None
    found = service.records.read_cached(key_grants.find, request["GrantId"])
    if found is None or found.key_id != key.key_id:
        raise unknown
    return found


def _maker(service: Service, call: Call) -> JudgedKey:
    """Find the key of a ciphertext; of another account or region as if it were damaged."""
    if "CiphertextBlob" not in call.request:  # the model allows it for other uses
        raise ValidationException("The member CiphertextBlob is required.")
    sealed = Ciphertext.parse(call.request["CiphertextBlob"])
    found = service.records.read_cached(judged_by_id, sealed.key_id)
    if found is None or found.key.region != service.settings.region:
        raise CiphertextError
    if not is_known(call, found):
        raise CiphertextError
    return found


def _on_named(
    service: Service,
    call: Call,
    member: str = "KeyId",
    action: str = "",
    encryption_context: Mapping[str, str] | None = None,
) -> list[Permission]:
    """Need an action on the key that a member names.

    Who may not do it on any key of that name is refused alike whether it exists or not; others
    learn from the operation that it does not exist.
    """
    name, text = key_name(service, call, member), str(call.request[member])
    try:
        found = judged(service, call, name)
    except KeyNotFoundError:
        if name.account_id != call.caller.account_id:
            raise
        arn = key_arn(name.region, name.account_id, name.key_id or name.alias)
        action = f"kms:{action or call.operation}"
        return [Permission(action, arn, {}, {}, context=keys_of_call(call), shown=text)]
    needed = _on(call, found, action, encryption_context)
    if name.alias and member != "TargetKeyId":
        alias: Mapping[str, tuple[str, ...]] = {"kms:requestalias": (name.alias,)}
        needed = [replace(each, context={**each.context, **alias}) for each in needed]
    is_own = found.key.account_id == call.caller.account_id
    return [replace(each, shown=text) for each in needed] if is_own else needed


def _on(
    call: Call,
    found: JudgedKey,
    action: str = "",
    encryption_context: Mapping[str, str] | None = None,
    policies: tuple[Policy, ...] | None = None,
) -> list[Permission]:
    given = encryption_context or call.request.get("EncryptionContext") or _of_grant(call)
    requested = tags_of(call.request.get("Tags"))
    return [
        Permission(
            f"kms:{action or call.operation}",
            found.key.arn,
            found.key.tags,
            requested or dict.fromkeys(call.request.get("TagKeys") or (), ""),
            context={
                **key_facts(f"kms:{action or call.operation}"),
                **context_keys(given),
                **keys_of_call(call),
            },
            resource_policies=found.policies if policies is None else policies,
            resource_account=found.key.account_id,
            needs_resource_policy=True,
        )
    ]


def _of_grant(call: Call) -> Mapping[str, str]:
    """Return the encryption context to which CreateGrant limits its grant."""
    limits = call.request.get("Constraints") or {}
    given = limits.get("EncryptionContextEquals") or limits.get("EncryptionContextSubset")
    return dict(given or {})
