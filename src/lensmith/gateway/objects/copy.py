"""CopyObject and UploadPartCopy: the source is judged, too."""

from __future__ import annotations

import re

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.encryption import chosen_key, require_source
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward_document
from lensmith.gateway.grammar.address import copy_source
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.http.store_request import encoded
from lensmith.gateway.judge import Permission, require
from lensmith.gateway.objects.existing_tags import asks_for_tags, with_tags
from lensmith.gateway.objects.tagging import require_copied_tags
from lensmith.gateway.permissions import permission_to_read

_ETAG = re.compile(rb"<ETag>([0-9a-f-]+)</ETag>")  # which the store writes without quotes


async def copy(exchange: Exchange) -> Reply:
    """Copy what the caller may read to where it may write."""
    headers = exchange.request.headers
    source, version = copy_source(headers["x-amz-copy-source"])
    services = exchange.services
    bucket = await services.bucket(source.bucket)
    needed = [permission_to_read(source, version, bucket)]
    directive = headers.get("x-amz-tagging-directive", "COPY")
    if directive not in {"COPY", "REPLACE"}:
        raise S3Error("InvalidArgument", "Unknown tagging directive.")
    copies_tags = directive == "COPY"
    if exchange.operation.name == "CopyObject" and not copies_tags:
        needed.append(Permission("s3:PutObjectTagging", exchange.address.arn, exchange.bucket))
    for permission in needed:
        if asks_for_tags(exchange.signer, permission, source):
            permission = await with_tags(services, permission, source, version)
        require(exchange.signer, exchange.request, permission, services.region)
    if exchange.operation.name == "CopyObject" and copies_tags:
        await require_copied_tags(exchange, source, version, bucket)
    if bucket is None:
        raise S3Error("NoSuchBucket", BucketName=source.bucket)
    _check_owner(headers.get("x-amz-source-expected-bucket-owner"), bucket.record.account_id)
    await require_source(exchange, source, version)
    path = source.path + (f"?versionId={encoded(version)}" if version else "")
    reply = await forward_document(exchange, b"", [("x-amz-copy-source", path)])
    if reply.status == 200:
        reply.headers += chosen_key(headers, reply.headers)
    reply.body = _ETAG.sub(rb"<ETag>&#34;\1&#34;</ETag>", reply.body)
    return reply


def _check_owner(expected: str | None, owner: str) -> None:
    if expected is not None and expected != owner:
        raise S3Error("AccessDenied")
