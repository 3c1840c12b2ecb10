"""Keeps bucket policies that can be evaluated and lock no writer out by mistake."""

from __future__ import annotations

from typing import Any

import msgspec

from lensmith.domain.policy.bucket_policy import is_public
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.document import NAMESPACE, tag
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.grammar.address import bucket_arn
from lensmith.gateway.http.reply import Reply, xml
from lensmith.gateway.judge import Permission, ask
from lensmith.gateway.services import JudgedBucket
from lensmith.store.records import buckets

_MAX_POLICY = 20 << 10  # bytes


async def bucket_policy(exchange: Exchange) -> Reply:
    text = exchange.judged.record.policy_text
    if text is None:
        raise S3Error("NoSuchBucketPolicy", BucketName=exchange.address.bucket)
    return Reply(200, [("Content-Type", "application/json")], text.encode())


async def put_bucket_policy(exchange: Exchange) -> Reply:
    """Replace the policy.

    One that denies the caller to replace it again is refused, unless the request confirms that.
    """
    document = await exchange.document()
    policy = _parsed(document, exchange.address.bucket)
    bucket = exchange.judged
    if bucket.record.blocks("BlockPublicPolicy") and is_public(policy):
        raise S3Error("AccessDenied", "Public policies are blocked by BlockPublicPolicy.")
    confirmed = exchange.request.headers.get("x-amz-confirm-remove-self-bucket-access")
    if confirmed != "true":
        _refuse_lockout(exchange, JudgedBucket(bucket.record, (policy,)))
    name = bucket.record.name
    await exchange.services.write(lambda it: buckets.set_policy(it, name, document.decode()))
    return Reply(204)


async def delete_bucket_policy(exchange: Exchange) -> Reply:
    name = exchange.judged.record.name
    await exchange.services.write(lambda it: buckets.set_policy(it, name, None))
    return Reply(204)


async def bucket_policy_status(exchange: Exchange) -> Reply:
    bucket = exchange.judged
    if bucket.record.policy_text is None:
        raise S3Error("NoSuchBucketPolicy", BucketName=exchange.address.bucket)
    public = tag("IsPublic", "true" if any(map(is_public, bucket.policies)) else "false")
    return xml(200, f"<PolicyStatus {NAMESPACE}>{public}</PolicyStatus>")


def _parsed(document: bytes, bucket: str) -> Policy:
    if len(document) > _MAX_POLICY:
        raise S3Error("MalformedPolicy", "A bucket policy may have 20 kB.")
    try:
        given = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise S3Error("MalformedPolicy", "Policies must be valid JSON.") from error
    try:
        policy = Policy.parse(given, PolicyKind.RESOURCE)
    except ValueError as error:
        raise S3Error("MalformedPolicy", f"The policy cannot be evaluated: {error}.") from error
    _check_resources(given["Statement"], bucket)
    return policy


def _check_resources(statements: Any, bucket: str) -> None:
    arn = bucket_arn(bucket)
    listed: list[dict[str, Any]] = statements if isinstance(statements, list) else [statements]
    for statement in listed:
        for resource in _resources(statement):
            if resource != arn and not resource.startswith(f"{arn}/"):
                raise S3Error(
                    "MalformedPolicy",
                    f"Policy has invalid resource: {resource[:256]!r} is neither {arn} nor in it.",
                )


def _resources(statement: dict[str, Any]) -> list[str]:
    given = statement.get("Resource", statement.get("NotResource", []))
    return [given] if isinstance(given, str) else list(given)


def _refuse_lockout(exchange: Exchange, bucket: JudgedBucket) -> None:
    region = exchange.services.region
    for action in ("s3:PutBucketPolicy", "s3:DeleteBucketPolicy"):
        needed = Permission(action, bucket_arn(bucket.record.name), bucket)
        decision = ask(exchange.signer, exchange.request, needed, region, rescues=False)
        if decision.explicitly_denied:
            raise S3Error(
                "MalformedPolicy",
                f"The policy would deny you {action}. Confirm that you mean it "
                "(ConfirmRemoveSelfBucketAccess).",
            )
