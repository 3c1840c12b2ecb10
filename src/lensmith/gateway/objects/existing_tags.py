"""Tags of an object as condition keys, read only where a policy asks for them."""

from __future__ import annotations

from lensmith.domain.policy.document import Policy
from lensmith.gateway.document import parse, text_of
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.judge import Permission
from lensmith.gateway.services import Services
from lensmith.gateway.signer import Signer
from lensmith.gateway.store_call import call_store, canonical

_PREFIX = "s3:existingobjecttag/"


async def with_tags(
    services: Services, permission: Permission, named: Address, version: str
) -> Permission:
    """Add the keys s3:ExistingObjectTag/… to a permission on an object."""
    query = {"tagging": "", **({"versionId": version} if version else {})}
    reply = await call_store(services, "GET", named, canonical(query))
    if reply.status != 200:
        return permission
    keys = dict(permission.keys)
    for element in parse(reply.body, "Tagging").iter("Tag"):
        name, value = text_of(element, "Key") or "", text_of(element, "Value") or ""
        keys[_PREFIX + name.lower()] = (value,)
    return permission._replace(keys=keys)


def asks_for_tags(signer: Signer, permission: Permission, named: Address) -> bool:
    """Return whether a policy depends on the tags of an object."""
    if not named.key:
        return False
    rights, bucket = signer.rights, permission.bucket
    of_bucket = () if bucket is None else bucket.policies
    boundary = () if rights.boundary is None else (rights.boundary,)
    every = (*rights.policies, *boundary, *rights.session_policies, *of_bucket)
    return any(map(_has_tags, every))


def _has_tags(policy: Policy) -> bool:
    for statement in policy.statements:
        for condition in statement.conditions:
            if condition.key.startswith(_PREFIX):
                return True
    return False
