"""Answers ACLs where the bucket's owner owns every object: the only grant is the owner's."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.http.reply import Reply, xml
from lensmith.gateway.store_call import require_object

_PRIVATE = frozenset({"private", "bucket-owner-full-control"})
_CANNED = _PRIVATE | {
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "log-delivery-write",
    "public-read",
    "public-read-write",
}
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"'


def refuse_acl_headers(
    headers: Mapping[str, str], code: str = "AccessControlListNotSupported"
) -> None:
    """Raise S3Error for headers that give access to others than the bucket's owner."""
    acl = headers.get("x-amz-acl")
    if acl is not None and acl not in _CANNED:
        raise S3Error("InvalidArgument", ArgumentName="x-amz-acl", ArgumentValue=acl[:64])
    if acl is not None and acl not in _PRIVATE:
        raise S3Error(code)
    if any(name.startswith("x-amz-grant-") for name in headers):
        raise S3Error(code)


async def bucket_acl(exchange: Exchange) -> Reply:
    return _owners_only(exchange.judged.record.account_id)


async def put_bucket_acl(exchange: Exchange) -> Reply:
    await _check(exchange)
    return Reply(200)


async def object_acl(exchange: Exchange) -> Reply:
    """Answer the owner's ACL, for an object that there is."""
    await _require_object(exchange)
    return _owners_only(exchange.judged.record.account_id)


async def put_object_acl(exchange: Exchange) -> Reply:
    await _check(exchange)
    await _require_object(exchange)
    return Reply(200)


async def _check(exchange: Exchange) -> None:
    headers = exchange.request.headers
    document = await exchange.document()
    refuse_acl_headers(headers)
    if document.strip():
        _check_grants(parse(document, "AccessControlPolicy"), exchange.judged.record.account_id)
    elif "x-amz-acl" not in headers:
        raise S3Error("MissingRequestBodyError")


def _check_grants(policy: Element, account_id: str) -> None:
    owner = policy.find("Owner")
    listed = policy.find("AccessControlList")
    if owner is None or listed is None:
        raise S3Error("MalformedACLError")
    grants = listed.findall("Grant")
    if not grants:  # the owner's cannot be taken away
        raise S3Error("AccessControlListNotSupported")
    for grant in grants:
        grantee = grant.find("Grantee")
        if grantee is None or text_of(grant, "Permission") is None:
            raise S3Error("MalformedACLError")
        if text_of(grantee, "ID") != account_id or text_of(grant, "Permission") != "FULL_CONTROL":
            raise S3Error("AccessControlListNotSupported")


async def _require_object(exchange: Exchange) -> None:
    version = exchange.query.get("versionId", "")
    await require_object(exchange.services, exchange.address, version)


def _owners_only(account_id: str) -> Reply:
    ids = tag("ID", account_id) + tag("DisplayName", account_id)
    return xml(
        200,
        f"<AccessControlPolicy {NAMESPACE}><Owner>{ids}</Owner><AccessControlList><Grant>"
        f"<Grantee {_XSI}>{ids}</Grantee><Permission>FULL_CONTROL</Permission></Grant>"
        "</AccessControlList></AccessControlPolicy>",
    )
