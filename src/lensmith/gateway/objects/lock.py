"""Retention and legal hold of an object: what a request sets is judged, too."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.condition_keys import remaining_days
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward_document
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.judge import Keys, Permission, require
from lensmith.gateway.objects.existing_tags import asks_for_tags, with_tags

_BYPASS = "x-amz-bypass-governance-retention"
_MODE, _UNTIL, _STATUS = "Mode", "RetainUntilDate", "Status"


async def put_object_retention(exchange: Exchange) -> Reply:
    """Set how long an object is kept, by s3:PutObjectRetention with s3:object-lock-…."""
    actions = ["s3:PutObjectRetention"]
    if _BYPASS in exchange.request.headers:
        actions.append("s3:BypassGovernanceRetention")
    root = await _judged_document(exchange, "Retention", actions)
    return await forward_document(exchange, _written("Retention", root, (_MODE, _UNTIL)))


async def put_object_legal_hold(exchange: Exchange) -> Reply:
    """Set or lift an object's legal hold, by s3:PutObjectLegalHold."""
    root = await _judged_document(exchange, "LegalHold", ["s3:PutObjectLegalHold"])
    return await forward_document(exchange, _written("LegalHold", root, (_STATUS,)))


async def _judged_document(exchange: Exchange, name: str, actions: list[str]) -> Element:
    headers = exchange.request.headers
    for header in [each for each in headers if each.startswith("x-amz-object-lock-")]:
        del headers[header]  # of a new object; here the document alone counts
    try:
        root = parse(await exchange.document(), name)
    except S3Error:
        await _require(exchange, actions, {})  # who may not do it learns nothing by an odd document
        raise
    await _require(exchange, actions, _keys(root))
    return root


def _keys(root: Element) -> Keys:
    """Return the condition keys of what a document sets."""
    mode, until, status = (text_of(root, name) for name in (_MODE, _UNTIL, _STATUS))
    keys: Keys = {}
    if mode:
        keys["s3:object-lock-mode"] = (mode,)
    if status:
        keys["s3:object-lock-legal-hold"] = (status,)
    if until:
        keys["s3:object-lock-retain-until-date"] = (until,)
        keys["s3:object-lock-remaining-retention-days"] = (remaining_days(until),)
    return keys


async def _require(exchange: Exchange, actions: list[str], keys: Keys) -> None:
    version = exchange.query.get("versionId", "")
    keys = {**keys, **({"s3:versionid": (version,)} if version else {})}
    for action in actions:
        permission = Permission(action, exchange.address.arn, exchange.bucket, keys)
        if asks_for_tags(exchange.signer, permission, exchange.address):
            permission = await with_tags(exchange.services, permission, exchange.address, version)
        require(exchange.signer, exchange.request, permission, exchange.services.region)


def _written(name: str, root: Element, members: tuple[str, ...]) -> bytes:
    """Write the document anew: of two members of a name the store might take the other."""
    given = ((member, text_of(root, member)) for member in members)
    inner = "".join(tag(member, text) for member, text in given if text)
    return f"<{name} {NAMESPACE}>{inner}</{name}>".encode()
