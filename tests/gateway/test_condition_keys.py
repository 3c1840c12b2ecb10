"""Every condition key of S3 that is served: a Deny on it counts for a request that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import boto3
import httpx2
import pytest
from botocore.config import Config
from tests.gateway.conftest import ALLOW_ALL, User
from tests.gateway.test_judging import code, deny
from tests.support.live_server import LiveServer

from lensmith.domain.policy.condition_keys import KeyUse, known_keys
from lensmith.gateway.condition_keys import keys_of_request, remaining_days
from lensmith.gateway.http.proxies import Client, TrustedProxies
from lensmith.gateway.http.request import NO_BODY, Request
from lensmith.gateway.signer import ANONYMOUS

SOON = datetime.now(UTC) + timedelta(days=20)
RETENTION = {"Mode": "GOVERNANCE", "RetainUntilDate": SOON}
LOCKED = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": SOON}


class Case(NamedTuple):
    """A condition, and a call of boto3 that has what it asks for; BUCKET is the bucket's name."""

    key: str
    operator: str
    value: str
    call: str
    given: Mapping[str, Any] = MappingProxyType({})


def _grant(name: str) -> Case:
    member = "".join(part.title() for part in name.split("-")).replace("Acp", "ACP")
    given = {member: "id=000000000000"}
    return Case(f"s3:x-amz-{name}", "StringEquals", "id=000000000000", "put_object_acl", given)


CASES = [
    Case("s3:authType", "StringEquals", "REST-HEADER", "get_object"),
    Case("s3:delimiter", "StringEquals", "/", "list_objects_v2", {"Delimiter": "/"}),
    Case("s3:ExistingObjectTag/team", "StringEquals", "red", "get_object"),
    Case("s3:if-match", "StringEquals", '"x"', "put_object", {"IfMatch": '"x"'}),
    Case("s3:if-none-match", "StringEquals", "*", "put_object", {"IfNoneMatch": "*"}),
    Case(
        "s3:locationconstraint",
        "StringEquals",
        "eu-west-1",
        "create_bucket",
        {"Bucket": "placed", "CreateBucketConfiguration": {"LocationConstraint": "EU"}},
    ),
    Case("s3:max-keys", "NumericGreaterThan", "5", "list_objects_v2", {"MaxKeys": 6}),
    Case(
        "s3:object-lock-legal-hold",
        "StringEquals",
        "ON",
        "put_object_legal_hold",
        {"LegalHold": {"Status": "ON"}},
    ),
    Case(
        "s3:object-lock-legal-hold",
        "StringEquals",
        "ON",
        "put_object",
        {"ObjectLockLegalHoldStatus": "ON"},
    ),
    *(
        Case(f"s3:object-lock-{key}", operator, value, call, given)
        for key, operator, value in (
            ("mode", "StringEquals", "GOVERNANCE"),
            ("remaining-retention-days", "NumericGreaterThan", "10"),
            ("retain-until-date", "DateGreaterThan", f"{SOON - timedelta(days=1):%Y-%m-%d}"),
        )
        for call, given in (
            ("put_object_retention", {"Retention": RETENTION}),
            ("put_object", LOCKED),
        )
    ),
    Case("s3:ObjectCreationOperation", "Bool", "true", "put_object"),
    Case("s3:ObjectCreationOperation", "Bool", "false", "create_multipart_upload"),
    Case("s3:prefix", "StringEquals", "p/", "list_objects_v2", {"Prefix": "p/"}),
    Case("s3:RequestObjectTag/team", "StringEquals", "x", "put_object", {"Tagging": "Team=x"}),
    Case(
        "s3:RequestObjectTagKeys",
        "ForAnyValue:StringEquals",
        "team",
        "put_object_tagging",
        {"Tagging": {"TagSet": [{"Key": "team", "Value": "x"}]}},
    ),
    Case("s3:ResourceAccount", "StringEquals", "000000000000", "get_object"),
    Case("s3:signatureAge", "NumericGreaterThanEquals", "0", "get_object"),
    Case("s3:signatureversion", "StringEquals", "AWS4-HMAC-SHA256", "get_object"),
    Case("s3:versionid", "StringEquals", "null", "get_object", {"VersionId": "null"}),
    Case("s3:x-amz-acl", "StringEquals", "private", "put_object", {"ACL": "private"}),
    Case("s3:x-amz-content-sha256", "StringLike", "*", "get_object"),
    *(
        Case("s3:x-amz-copy-source", "StringLike", pattern, "copy_object", {"CopySource": source})
        for pattern in ("BUCKET/k*", "/BUCKET/k*")
        for source in ("BUCKET/k", "/BUCKET/%6b", "BUCKET%2Fk")
    ),
    *map(_grant, ("grant-full-control", "grant-read", "grant-read-acp", "grant-write-acp")),
    Case(
        "s3:x-amz-grant-write",
        "StringEquals",
        "id=000000000000",
        "put_bucket_acl",
        {"GrantWrite": "id=000000000000"},
    ),
    Case(
        "s3:x-amz-metadata-directive",
        "StringEquals",
        "REPLACE",
        "copy_object",
        {"CopySource": "BUCKET/k", "MetadataDirective": "REPLACE"},
    ),
    Case(
        "s3:x-amz-object-ownership",
        "StringEquals",
        "ObjectWriter",
        "create_bucket",
        {"Bucket": "owned", "ObjectOwnership": "ObjectWriter"},
    ),
    Case(
        "s3:x-amz-server-side-encryption",
        "StringEquals",
        "AES256",
        "put_object",
        {"ServerSideEncryption": "AES256"},
    ),
    Case(
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        "ArnLike",
        "arn:aws:kms:us-east-1:000000000000:key/*",
        "put_object",
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/aws/s3"},
    ),
    Case(
        "s3:x-amz-server-side-encryption-customer-algorithm",
        "StringEquals",
        "AES256",
        "put_object",
        {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32},
    ),
    Case(
        "s3:x-amz-storage-class",
        "StringEquals",
        "STANDARD_IA",
        "put_object",
        {"StorageClass": "STANDARD_IA"},
    ),
    Case(
        "s3:x-amz-website-redirect-location",
        "StringEquals",
        "/x",
        "put_object",
        {"WebsiteRedirectLocation": "/x"},
    ),
]
# Of a connection by TLS, and of a header that boto3 does not send: shown below.
ELSEWHERE = {"s3:tlsversion", "s3:x-amz-bucket-namespace"}


def test_the_table_has_every_key() -> None:
    named = {case.key.lower().replace("/team", "/") for case in CASES} | ELSEWHERE
    assert named == {key for key in known_keys(KeyUse.VALUED) if key.startswith("s3:")}


@pytest.fixture(scope="module")
def stored(server: LiveServer) -> str:
    s3, bucket = server.s3(), "condition-keys"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", Tagging="team=red")
    s3.put_object(Bucket=bucket, Key="sealed", ServerSideEncryption="aws:kms")  # makes aws/s3
    return bucket


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.key}-{case.call}")
def test_a_deny_counts(make_user: Callable[..., User], stored: str, case: Case) -> None:
    value = case.value.replace("BUCKET", stored)
    client = make_user(ALLOW_ALL, deny(**{case.operator: {case.key: value}})).s3
    given: dict[str, Any] = {"Bucket": stored}
    if ("_object" in case.call and "list" not in case.call) or "multipart" in case.call:
        given["Key"] = "k" if case.call.startswith("get") else "new"
    for name, text in case.given.items():
        given[name] = text.replace("BUCKET", stored) if isinstance(text, str) else text
    source = given.get("CopySource")
    if source:  # as it is, not encoded once more
        client.meta.events.register(
            "before-call.s3.CopyObject",
            lambda params, **_: params["headers"].update({"x-amz-copy-source": source}),
        )
    assert code(lambda: getattr(client, case.call)(**given)) == "AccessDenied"


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "s3:signatureversion", "AWS"),
        ("NumericGreaterThan", "s3:signatureAge", "600000"),  # which SigV2 does not tell
        ("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("StringEquals", "s3:authType", "REST-QUERY-STRING"),
    ],
)
def test_a_deny_counts_for_links_of_version_2(
    server: LiveServer,
    make_user: Callable[..., User],
    stored: str,
    operator: str,
    key: str,
    value: str,
) -> None:
    user = make_user(ALLOW_ALL, deny(**{operator: {key: value}}))
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.s3_port}",
        region_name="us-east-1",
        aws_access_key_id=user.key_id,
        aws_secret_access_key=user.secret,
        config=Config(signature_version="s3", s3={"addressing_style": "path"}),
    )
    link = client.generate_presigned_url("get_object", Params={"Bucket": stored, "Key": "k"})
    assert "AWSAccessKeyId" in link
    assert httpx2.get(link).status_code == 403


def test_the_first_of_two_members_is_judged_and_stored(
    server: LiveServer, make_user: Callable[..., User]
) -> None:
    bucket, admin = "locked-keys", server.s3()
    admin.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    admin.put_object(Bucket=bucket, Key="k", Body=b"data")
    client = make_user(ALLOW_ALL, deny(StringEquals={"s3:object-lock-legal-hold": "ON"})).s3
    both = b"<LegalHold><Status>OFF</Status><Status>ON</Status></LegalHold>"
    client.meta.events.register(
        "before-sign.s3.PutObjectLegalHold", lambda request, **_: setattr(request, "data", both)
    )
    client.meta.events.register(
        "before-call.s3.PutObjectLegalHold", lambda params, **_: params.update(body=both)
    )
    code(lambda: client.put_object_legal_hold(Bucket=bucket, Key="k", LegalHold={"Status": "OFF"}))
    hold = admin.get_object_legal_hold(Bucket=bucket, Key="k")
    assert hold["LegalHold"]["Status"] == "OFF"


def test_keys_of_a_connection_and_of_a_namespace() -> None:
    def keys(client: Client, **headers: str) -> dict[str, tuple[str, ...]]:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        request = Request("PUT", "/b", "", named, NO_BODY, client, "1")
        return keys_of_request(ANONYMOUS, request, None)

    proxies = TrustedProxies(["10.0.0.1"])
    said = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"}
    assert keys(proxies.client("192.0.2.1", {}, "1.3"))["s3:tlsversion"] == ("1.3",)
    assert keys(proxies.client("10.0.0.1", said))["s3:tlsversion"] == ("unknown",)
    plain = keys(proxies.client("192.0.2.1", {}), x_amz_bucket_namespace="account-regional")
    assert plain == {"s3:x-amz-bucket-namespace": ("account-regional",)}
    nothing = dict.fromkeys(("if_none_match", "x_amz_object_lock_mode", "x_amz_acl"), "")
    assert keys(proxies.client("192.0.2.1", {}), **nothing, x_amz_storage_class=" ") == {}


def test_days_begun_count_whole() -> None:
    moment = datetime.now(UTC) + timedelta(days=9, hours=1)
    assert remaining_days(f"{moment:%Y-%m-%dT%H:%M:%SZ}") == "10"
    assert remaining_days("soon") == "unknown"
