"""Tags of an object: the new ones are judged, too."""

from __future__ import annotations

from collections.abc import Iterable

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward_document
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.judge import Permission, ask, require
from lensmith.gateway.objects.existing_tags import asks_for_tags, object_tags, with_tags
from lensmith.gateway.permissions import request_tag_keys
from lensmith.gateway.services import JudgedBucket


async def put_object_tagging(exchange: Exchange) -> Reply:
    """Replace an object's tags, by s3:PutObjectTagging with s3:RequestObjectTag/…."""
    try:
        given = _read(await exchange.document())
    except S3Error:
        await _require(exchange, ())  # who may not do it learns of no bucket by an odd document
        raise
    await _require(exchange, given)
    return await forward_document(exchange, _written(given))


async def _require(exchange: Exchange, given: Iterable[tuple[str, str]]) -> None:
    version = exchange.query.get("versionId", "")
    action = "s3:PutObjectVersionTagging" if version else "s3:PutObjectTagging"
    keys = {**request_tag_keys(given), **({"s3:versionid": (version,)} if version else {})}
    permission = Permission(action, exchange.address.arn, exchange.bucket, keys)
    if asks_for_tags(exchange.signer, permission, exchange.address):
        permission = await with_tags(exchange.services, permission, exchange.address, version)
    require(exchange.signer, exchange.request, permission, exchange.services.region)


def _read(document: bytes) -> list[tuple[str, str]]:
    tags = parse(document, "Tagging").iter("Tag")
    return [(text_of(one, "Key") or "", text_of(one, "Value") or "") for one in tags]


async def require_copied_tags(
    exchange: Exchange, source: Address, version: str, bucket: JudgedBucket | None
) -> None:
    """Raise S3Error unless the caller may read the tags of a source and write them again.

    An object without tags needs neither right.
    """
    read = "s3:GetObjectVersionTagging" if version else "s3:GetObjectTagging"
    needed = (
        Permission(read, source.arn, bucket, {"s3:versionid": (version,)} if version else {}),
        Permission("s3:PutObjectTagging", exchange.address.arn, exchange.bucket),
    )
    signer, request, region = exchange.signer, exchange.request, exchange.services.region
    if all(ask(signer, request, permission, region).allowed for permission in needed):
        return
    found = await object_tags(exchange.services, source, version)
    for permission in needed if found else ():
        if asks_for_tags(signer, permission, source):
            permission = await with_tags(exchange.services, permission, source, version)
        require(signer, request, permission, region)


def _written(given: Iterable[tuple[str, str]]) -> bytes:
    tags = "".join(f"<Tag>{tag('Key', key)}{tag('Value', value)}</Tag>" for key, value in given)
    return f"<Tagging {NAMESPACE}><TagSet>{tags}</TagSet></Tagging>".encode()
