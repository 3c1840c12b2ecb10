"""Tags of an object as condition keys, read only where a policy asks for them."""

from __future__ import annotations

from lensmith.domain.policy.bucket_policy import EXISTING_TAG, depends_on_tags
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import parse, text_of
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.judge import Permission
from lensmith.gateway.services import Services
from lensmith.gateway.signer import Signer
from lensmith.gateway.store_call import call_store, canonical


async def with_tags(
    services: Services, permission: Permission, named: Address, version: str
) -> Permission:
    """Add the keys s3:ExistingObjectTag/… to a permission on an object.

    Raises S3Error when the store does not tell them: without them a Deny would not count.
    """
    found = await object_tags(services, named, version)
    if not found:
        return permission
    tags = {EXISTING_TAG + name.lower(): (value,) for name, value in found}
    return permission._replace(keys={**permission.keys, **tags})


async def object_tags(services: Services, named: Address, version: str) -> list[tuple[str, str]]:
    """Return the tags of an object, none of one that is not there; raises S3Error."""
    query = {"tagging": "", **({"versionId": version} if version else {})}
    reply = await call_store(services, "GET", named, canonical(query))
    if reply.status >= 500:
        raise S3Error("ServiceUnavailable")
    if reply.status != 200:
        return []
    tags = parse(reply.body, "Tagging").iter("Tag")
    return [(text_of(one, "Key") or "", text_of(one, "Value") or "") for one in tags]


def asks_for_tags(signer: Signer, permission: Permission, named: Address) -> bool:
    """Return whether a policy depends on the tags of an object."""
    if not named.key:
        return False
    bucket = permission.bucket
    return depends_on_tags(signer.rights, () if bucket is None else bucket.policies)
