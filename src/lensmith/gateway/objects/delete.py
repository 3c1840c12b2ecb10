"""DeleteObjects: each key is judged for itself."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from lensmith.domain.s3_errors import S3Error
from lensmith.domain.s3_key import is_store_id
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import headers_for_store
from lensmith.gateway.grammar.address import address
from lensmith.gateway.http.reply import Reply, xml
from lensmith.gateway.judge import Permission, require
from lensmith.gateway.objects.existing_tags import asks_for_tags, with_tags
from lensmith.gateway.permissions import permission_to_delete
from lensmith.gateway.store_call import call_store

_MAX_KEYS = 1000


async def delete_objects(exchange: Exchange) -> Reply:
    """Delete the keys that the caller may delete; the answer names the others with a reason."""
    document = await exchange.document()
    given = parse(document, "Delete")
    objects = given.findall("Object")
    if not 1 <= len(objects) <= _MAX_KEYS:
        raise S3Error("MalformedXML")
    allowed, refused = [], []
    for element in objects:
        error = await _refusal(exchange, element)
        if error is None:
            allowed.append(_written(element))
        else:
            refused.append(error)
    quiet = tag("Quiet", "true") if (text_of(given, "Quiet") or "").lower() == "true" else ""
    result = await _deleted(exchange, f"{quiet}{''.join(allowed)}") if allowed else ""
    if isinstance(result, Reply):
        return result
    return xml(200, f"<DeleteResult {NAMESPACE}>{result}{''.join(refused)}</DeleteResult>")


async def _refusal(exchange: Exchange, element: Element) -> str | None:
    """Return the error of a key that is not deleted."""
    key, version = text_of(element, "Key"), text_of(element, "VersionId") or ""
    if not key:
        raise S3Error("MalformedXML")
    name = exchange.address.bucket
    needed = [permission_to_delete(exchange.bucket, name, key, version)]
    if "x-amz-bypass-governance-retention" in exchange.request.headers:
        needed.append(
            Permission("s3:BypassGovernanceRetention", needed[0].resource, exchange.bucket)
        )
    try:
        if not is_store_id(version):
            raise S3Error("InvalidArgument", "Invalid version id specified")
        named = address(name, key)
        for permission in needed:
            if asks_for_tags(exchange.signer, permission, named):
                permission = await with_tags(exchange.services, permission, named, version)
            require(exchange.signer, exchange.request, permission, exchange.services.region)
    except S3Error as error:
        members = tag("Key", key) + (tag("VersionId", version) if version else "")
        return f"<Error>{members}{tag('Code', error.code)}{tag('Message', error.message)}</Error>"
    return None


def _written(element: Element) -> str:
    """Write what was judged, and nothing that the store may read in another way."""
    members = ((name, text_of(element, name)) for name in ("Key", "VersionId", "ETag"))
    inner = "".join(tag(name, text) for name, text in members if text)
    return f"<Object>{inner}</Object>"


async def _deleted(exchange: Exchange, inner: str) -> str | Reply:
    """Return the members of the store's answer, or its refusal."""
    body = f"<Delete {NAMESPACE}>{inner}</Delete>".encode()
    headers = [
        (name, value)
        for name, value in headers_for_store(exchange)
        if name == "x-amz-bypass-governance-retention"
    ]
    reply = await call_store(
        exchange.services,
        "POST",
        exchange.address,
        "delete=",
        [*headers, ("Content-Length", str(len(body)))],
        body,
    )
    if reply.status != 200:
        return reply
    text = reply.body.decode()
    start = text.find(">", text.find("<DeleteResult")) + 1
    end = text.rfind("</DeleteResult>")
    return text[start:end] if end > start else ""
