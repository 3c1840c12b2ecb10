"""XML answers of the store, made the client's: owners, and where an object is."""

from __future__ import annotations

import re

from lensmith.domain.s3_errors import S3Error
from lensmith.domain.s3_key import is_ambiguous_prefix
from lensmith.gateway.document import tag
from lensmith.gateway.encryption import chosen_key
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward_document
from lensmith.gateway.http.reply import Reply
from lensmith.gateway.objects.marker import keep_within

_GOING_ON = frozenset({"ListObjects", "ListObjectsV2"})
_OWNER = re.compile(rb"<(Owner|Initiator)>.*?</\1>", re.DOTALL)
_LOCATION = re.compile(rb"<Location>.*?</Location>", re.DOTALL)


async def listing(exchange: Exchange) -> Reply:
    """Return a listing; its objects belong to the owner of the bucket.

    Raises S3Error for a prefix that the store would read as another than was judged.
    """
    if exchange.operation.name in _GOING_ON:
        keep_within(exchange.operation.name, exchange.query)
    elif is_ambiguous_prefix(prefix := exchange.query.get("prefix", "")):
        raise S3Error(
            "InvalidArgument",
            "No key begins with a slash, or has two slashes in a row, a backslash, or a part that "
            "is '.' or '..'.",
            ArgumentName="prefix",
            ArgumentValue=prefix.replace("\0", ""),
        )
    reply = await forward_document(exchange, b"")
    account = exchange.judged.record.account_id
    ids = (tag("ID", account) + tag("DisplayName", account)).encode()
    reply.body = _OWNER.sub(lambda found: _named(found[1], ids), reply.body)
    return reply


async def document(exchange: Exchange) -> Reply:
    """Send the request's document on."""
    return await forward_document(exchange, await exchange.document())


async def begun_upload(exchange: Exchange) -> Reply:
    """Say how the parts will be encrypted, which the store's answer leaves out."""
    reply = await forward_document(exchange, b"")
    if reply.status == 200:
        reply.headers += chosen_key(exchange.request.headers, reply.headers)
    return reply


async def completed_upload(exchange: Exchange) -> Reply:
    """Complete a multipart upload; the answer names the address that the client called."""
    reply = await document(exchange)
    host = exchange.request.headers.get("host", "")
    scheme = "https" if exchange.request.is_secure else "http"
    where = tag("Location", f"{scheme}://{host}{exchange.request.path}").encode()
    reply.body = _LOCATION.sub(lambda _: where, reply.body)
    return reply


def _named(name: bytes, ids: bytes) -> bytes:
    return b"<" + name + b">" + ids + b"</" + name + b">"
