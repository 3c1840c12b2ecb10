"""Buckets that are in the store and not in the records, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from botocore.exceptions import ClientError

from lensmith.config import Settings
from lensmith.domain.bucket import Bucket, CorsRule
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.store.records import buckets
from lensmith.store.records.engine import Records

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

log = structlog.get_logger(__name__)


def adopt_buckets(settings: Settings, records: Records, store: S3Client) -> None:
    """Give buckets of an earlier version to the first account, with their policy and CORS rules.

    A bucket whose creation was cut off between records and store is created in the store.
    """
    stored = {each["Name"]: each["CreationDate"] for each in store.list_buckets()["Buckets"]}
    with records.read() as connection:
        known = buckets.names(connection)
    for name in sorted(stored.keys() - known):
        bucket = Bucket(
            name,
            settings.account_id,
            settings.region,
            round(stored[name].timestamp() * 1000),
            cors=_cors(store, name),
            policy_text=_policy(store, name),
        )
        with records.write() as connection:
            buckets.add(connection, bucket)
        log.info("bucket adopted", bucket=name, account=settings.account_id)
    for name in sorted(known - stored.keys()):
        store.create_bucket(Bucket=name)


def _policy(store: S3Client, name: str) -> str | None:
    found = _found(lambda: store.get_bucket_policy(Bucket=name))
    if found is None:
        return None
    text = str(found["Policy"])
    try:
        Policy.parse(json.loads(text), PolicyKind.RESOURCE)
    except ValueError as error:  # kept as it is, it would refuse everybody
        log.warning("bucket policy not adopted", bucket=name, reason=str(error))
        return None
    return text


def _cors(store: S3Client, name: str) -> tuple[CorsRule, ...]:
    found = _found(lambda: store.get_bucket_cors(Bucket=name)) or {}
    return tuple(
        CorsRule(
            tuple(rule["AllowedOrigins"]),
            tuple(rule["AllowedMethods"]),
            tuple(rule.get("AllowedHeaders", ())),
            tuple(rule.get("ExposeHeaders", ())),
            rule.get("MaxAgeSeconds"),
            rule.get("ID"),
        )
        for rule in found.get("CORSRules", [])
    )


def _found(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
