"""Creates, finds, lists and deletes buckets."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from lensmith.domain.bucket import ENFORCED, Bucket
from lensmith.domain.clock import now_ms
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.buckets.acl import refuse_acl_headers
from lensmith.gateway.buckets.controls import OWNERSHIPS
from lensmith.gateway.document import NAMESPACE, parse, tag, text_of
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.forward import forward_document
from lensmith.gateway.grammar.address import refuse_odd_bucket
from lensmith.gateway.http.reply import Headers, Reply, xml
from lensmith.gateway.judge import Keys, Permission, require
from lensmith.gateway.store_call import call_store
from lensmith.store.records import buckets

_MAX_BUCKETS = 10_000
_EU = "eu-west-1"
_UNPLACED = "us-east-1"  # where a bucket without location constraint is


async def list_buckets(exchange: Exchange) -> Reply:
    """List the buckets of the caller's account, a page at a time."""
    account = exchange.signer.rights.account_id
    query = exchange.query
    prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
    limit = query.get("max-buckets", str(_MAX_BUCKETS))
    if not limit.isdigit() or not 1 <= int(limit) <= _MAX_BUCKETS:
        raise S3Error("InvalidArgument", f"max-buckets must be 1 to {_MAX_BUCKETS}.")
    owned = await exchange.services.read(buckets.owned_by, account)
    found = [each for each in owned if each.name.startswith(prefix) and each.name > after]
    page = found[: int(limit)]
    inner = "".join(map(_listed, page))
    more = tag("ContinuationToken", page[-1].name) if len(found) > len(page) else ""
    named = tag("Prefix", prefix) if prefix else ""
    return xml(
        200,
        f"<ListAllMyBucketsResult {NAMESPACE}>{owner_xml(account)}"
        f"<Buckets>{inner}</Buckets>{more}{named}</ListAllMyBucketsResult>",
    )


async def create_bucket(exchange: Exchange) -> Reply:
    """Record who owns a new bucket, then create it in the store."""
    name = exchange.address.bucket
    wanted = await _judged_location(exchange)
    refuse_odd_bucket(name)
    region = _region(exchange, wanted)
    ownership = exchange.request.headers.get("x-amz-object-ownership", ENFORCED)
    if ownership not in OWNERSHIPS:
        raise S3Error("InvalidArgument", "Invalid x-amz-object-ownership.")
    refuse_acl_headers(exchange.request.headers, "InvalidBucketAclWithObjectOwnership")
    location = [("Location", f"/{name}")]
    if exchange.bucket is not None:
        return _existing(exchange, region, location)
    bucket = Bucket(name, exchange.signer.rights.account_id, region, now_ms(), ownership=ownership)
    await _record(exchange, bucket)
    lock = exchange.request.headers.get("x-amz-bucket-object-lock-enabled")
    headers = [("x-amz-bucket-object-lock-enabled", lock)] if lock else []
    reply = await call_store(
        exchange.services, "PUT", exchange.address, "", [*headers, ("Content-Length", "0")]
    )
    if reply.status == 200 or b"BucketAlready" in reply.body:
        return Reply(200, location)
    await exchange.services.write(lambda connection: buckets.remove(connection, name))
    return reply


async def delete_bucket(exchange: Exchange) -> Reply:
    """Delete an empty bucket; the store says whether it is empty."""
    name = exchange.judged.record.name
    reply = await forward_document(exchange, b"")
    if reply.status == 204:
        await exchange.services.write(lambda connection: buckets.remove(connection, name))
    return reply


async def head_bucket(exchange: Exchange) -> Reply:
    _ = exchange.judged
    return Reply(200, [("Content-Type", "application/xml")])  # the region is in every reply


async def bucket_location(exchange: Exchange) -> Reply:
    region = exchange.judged.record.region
    inner = "" if region == _UNPLACED else region
    return xml(200, f"<LocationConstraint {NAMESPACE}>{inner}</LocationConstraint>")


def owner_xml(account_id: str) -> str:
    """Write an account as S3 shows owners; its id is the account's (api.md 4.2)."""
    return f"<Owner>{tag('ID', account_id)}{tag('DisplayName', account_id)}</Owner>"


def _listed(bucket: Bucket) -> str:
    created = datetime.fromtimestamp(bucket.created_ms / 1000, UTC)
    return (
        f"<Bucket>{tag('Name', bucket.name)}"
        f"{tag('CreationDate', f'{created:%Y-%m-%dT%H:%M:%S}.000Z')}"
        f"{tag('BucketRegion', bucket.region)}</Bucket>"
    )


async def _judged_location(exchange: Exchange) -> str:
    """Return the location constraint of a request that may create the bucket; raises S3Error."""
    try:
        document = (await exchange.document()).strip()
        root = parse(document, "CreateBucketConfiguration") if document else None
    except S3Error:
        _require_creation(exchange, "")
        raise
    wanted = "" if root is None else text_of(root, "LocationConstraint") or ""
    _require_creation(exchange, wanted)
    if root is not None and not {each.tag for each in root} <= {"LocationConstraint"}:
        raise S3Error("NotImplemented", "A new bucket takes a LocationConstraint and no more.")
    if exchange.request.headers.get("x-amz-bucket-namespace", "global") != "global":
        raise S3Error("NotImplemented", "Buckets have one namespace, the global one.")
    return wanted


def _require_creation(exchange: Exchange, wanted: str) -> None:
    """Raise S3Error unless the caller may create it there; a bucket of that name has no say."""
    names = ("EU", _EU) if wanted in {"EU", _EU} else (wanted,)
    keys: Keys = {"s3:locationconstraint": names} if wanted else {}
    permission = Permission("s3:CreateBucket", exchange.address.arn, None, keys)
    require(exchange.signer, exchange.request, permission, exchange.services.region)


def _region(exchange: Exchange, wanted: str) -> str:
    """Return the region of a new bucket; raises S3Error for one that the request cannot choose."""
    scope = exchange.signer.claim.scope if exchange.signer.claim is not None else None
    endpoint = scope.region if scope is not None else exchange.services.region
    if wanted == "EU":
        wanted = _EU
    chosen = wanted or _UNPLACED if endpoint == _UNPLACED else wanted
    if chosen == endpoint:
        return endpoint
    if not wanted:
        raise S3Error(
            "IllegalLocationConstraintException",
            "The unspecified location constraint is incompatible for the region specific "
            f"endpoint this request was sent to ({endpoint}).",
        )
    if wanted in exchange.services.regions and endpoint == _UNPLACED:
        return wanted
    code = "IllegalLocationConstraintException"
    served = ", ".join(exchange.services.regions)
    raise S3Error(code, f"The {wanted[:32]!r} location constraint does not fit; served: {served}.")


def _existing(exchange: Exchange, region: str, location: Headers) -> Reply:
    record = exchange.judged.record
    if record.account_id != exchange.signer.rights.account_id:
        raise S3Error("BucketAlreadyExists", BucketName=record.name)
    if record.region == region == _UNPLACED:
        return Reply(200, location)  # as there, and only there, on AWS
    raise S3Error("BucketAlreadyOwnedByYou", BucketName=record.name)


async def _record(exchange: Exchange, bucket: Bucket) -> None:
    def add(connection: Connection) -> None:
        buckets.add(connection, bucket)

    try:
        await exchange.services.write(add)
    except IntegrityError as error:
        raise S3Error("BucketAlreadyExists", BucketName=bucket.name) from error
