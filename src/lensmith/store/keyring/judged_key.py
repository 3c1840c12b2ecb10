"""A key with every policy on its side: its own, and one for each grant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from lensmith.domain.key import Grant, Key, KeyName
from lensmith.domain.policy.decide import AccessRequest, Decision, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.rights import Rights
from lensmith.domain.policy.wildcard import Context
from lensmith.store.records import key_grants, keys


@dataclass(frozen=True, slots=True)
class JudgedKey:
    """A key and the policies that decide who may use it."""

    key: Key
    own: Policy
    grants: Mapping[str, Policy]  # by id
    is_foreign: bool = False  # its policy is judged where it is kept

    @property
    def policies(self) -> tuple[Policy, ...]:
        return (self.own, *self.grants.values())

    def decide(self, rights: Rights, action: str, context: Context) -> Decision:
        """Decide one access; the key's policy or a grant must allow, in its own account too."""
        context = {**key_facts(action), **context}
        if self.is_foreign:
            return decide(rights, AccessRequest(action, self.key.arn, context))
        asked = AccessRequest(action, self.key.arn, context, self.key.account_id)
        return decide(rights, asked, self.policies, needs_resource_policy=True)

    def names_account(self, account_id: str) -> bool:
        """Return whether a policy or grant names an account or a principal of it, or everybody."""
        return any(
            kind == "AWS" and (name == "*" or account_id in name)
            for policy in self.policies
            for statement in policy.statements
            if statement.principals is not None
            for kind, name in statement.principals.names
        )


# Keys of one kind are kept here.
_FACTS: Mapping[str, tuple[str, ...]] = {
    "kms:keyspec": ("SYMMETRIC_DEFAULT",),
    "kms:customermasterkeyspec": ("SYMMETRIC_DEFAULT",),
    "kms:keyusage": ("ENCRYPT_DECRYPT",),
    "kms:customermasterkeyusage": ("ENCRYPT_DECRYPT",),
    "kms:keyorigin": ("AWS_KMS",),
    "kms:multiregion": ("false",),
}
_CIPHERS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt", "kms:GenerateDataKey")


def key_facts(action: str) -> dict[str, tuple[str, ...]]:
    """Return the condition keys that every key has, and the algorithm of an action that uses it."""
    facts = dict(_FACTS)
    if action.startswith(_CIPHERS):
        facts["kms:encryptionalgorithm"] = ("SYMMETRIC_DEFAULT",)
    return facts


def judged_key(connection: Connection, name: KeyName) -> JudgedKey | None:
    """Find a key with its policies, for `Records.read_cached`."""
    key = keys.find_named(connection, name)
    return None if key is None else _judged(connection, key)


def judged_by_id(connection: Connection, key_id: str) -> JudgedKey | None:
    """Find the key that a ciphertext names, for `Records.read_cached`."""
    key = keys.find(connection, key_id)
    return None if key is None else _judged(connection, key)


def context_keys(
    encryption_context: Mapping[str, str], via_service: str = ""
) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of KMS for a request; `via_service` is the service that asks."""
    found: dict[str, tuple[str, ...]] = {
        f"kms:encryptioncontext:{name.lower()}": (value,)
        for name, value in encryption_context.items()
    }
    if encryption_context:
        found["kms:encryptioncontextkeys"] = tuple(encryption_context)
    if via_service:
        found["kms:viaservice"] = (via_service,)
    return found


def _judged(connection: Connection, key: Key) -> JudgedKey:
    own = Policy.stored(json.loads(key.policy), PolicyKind.RESOURCE)
    grants = key_grants.of_key(connection, key.key_id)
    return JudgedKey(key, own, {grant.grant_id: _of_grant(grant) for grant in grants})


def _of_grant(grant: Grant) -> Policy:
    statements = [_statement(grant.grantee, grant.operations, grant.constraints)]
    if grant.retiring:
        statements.append(_statement(grant.retiring, ["RetireGrant"], {}))
    document = {"Version": "2008-10-17", "Statement": statements}  # without variables
    return Policy.stored(document, PolicyKind.RESOURCE)


def _statement(
    principal: str, operations: Iterable[str], constraints: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": [f"kms:{operation}" for operation in operations],
        "Resource": "*",
        "Condition": _conditions(constraints),
    }


def _conditions(constraints: Mapping[str, Any]) -> dict[str, Any]:
    equal = constraints.get("EncryptionContextEquals")
    pairs = equal or constraints.get("EncryptionContextSubset") or {}
    conditions: dict[str, Any] = {}
    if pairs:
        conditions["StringEquals"] = {
            f"kms:EncryptionContext:{name}": value for name, value in pairs.items()
        }
    if equal:
        conditions["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": list(equal)}
    return conditions
