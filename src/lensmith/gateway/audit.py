"""Makes the audit event of a call of S3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lensmith.domain.audit_errors import AuditUnavailableError
from lensmith.domain.audit_event import AuditEvent, DataEvents, Resource
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.grammar.operation import Level, Operation

# Of the calls on buckets, those that CloudTrail counts among the calls on objects.
_OF_OBJECTS = frozenset(
    {"DeleteObjects", "HeadBucket", "ListMultipartUploads", "ListObjectVersions", "ListObjects"}
    | {"ListObjectsV2", "PostObject"}
)
_READING = frozenset({"GET", "HEAD"})
_SHOWN = ("versionId", "uploadId", "partNumber", "prefix", "delimiter", "max-keys")


@contextmanager
def audited(exchange: Exchange) -> Iterator[None]:
    """Record the call that the block answers.

    Raises S3Error before a change whose event could not be written.
    """
    trail = exchange.services.audit
    data = DataEvents.OBJECTS if _concerns_objects(exchange.operation) else None
    if trail is None or (data is not None and not trail.keeps(data)):
        yield
        return
    if exchange.request.method not in _READING:
        try:
            trail.require_room()
        except AuditUnavailableError as error:
            raise S3Error("InternalError", error.message) from error
    try:
        yield
    except S3Error as error:
        trail.record(_event(exchange, data, error.code, error.message))
        raise
    code = None if exchange.status < 400 else f"HTTP{exchange.status}"
    trail.record(_event(exchange, data, code, None))


def _concerns_objects(operation: Operation) -> bool:
    return operation.level is Level.OBJECT or operation.name in _OF_OBJECTS


def _event(
    exchange: Exchange, data: DataEvents | None, code: str | None, message: str | None
) -> AuditEvent:
    request, rights = exchange.request, exchange.signer.rights
    claim = exchange.signer.claim
    owner = exchange.bucket.record.account_id if exchange.bucket is not None else ""
    shown = {name: exchange.query[name] for name in _SHOWN if name in exchange.query}
    return AuditEvent(
        source="s3.amazonaws.com",
        name=exchange.operation.name,
        identity=rights.identity,
        access_key_id=claim.scope.access_key_id if claim is not None else "",
        account_id=rights.account_id or owner or exchange.services.settings.account_id,
        region=claim.scope.region if claim is not None else exchange.services.region,
        source_ip=request.client.address,
        user_agent=f"[{request.headers.get('user-agent', '')[:1024]}]",
        request_id=request.request_id,
        parameters={**_named(exchange.address), **shown},
        resources=_resources(exchange.address),
        error_code=code,
        error_message=message,
        data=data,
        is_read_only=request.method in _READING,
    )


def _named(address: Address) -> dict[str, str]:
    named = {"bucketName": address.bucket, "key": address.key}
    return {name: value for name, value in named.items() if value}


def _resources(address: Address) -> tuple[Resource, ...]:
    if not address.bucket:
        return ()
    bucket = Resource("AWS::S3::Bucket", f"arn:aws:s3:::{address.bucket}")
    if not address.key:
        return (bucket,)
    return (Resource("AWS::S3::Object", f"{bucket.name}/{address.key}"[:2048]), bucket)
