"""Settings of a bucket through boto3: who owns objects, what the public may, pages, ACLs."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.boto3.identities import code_of
from tests.gateway.conftest import User
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": False,
}


def test_public_access_is_blocked_as_asked_for(s3: S3Client, bucket: str) -> None:
    given: Any = {"Bucket": bucket, "PublicAccessBlockConfiguration": BLOCKED}
    s3.put_public_access_block(**given)
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == BLOCKED
    s3.delete_public_access_block(Bucket=bucket)
    code = code_of(lambda: s3.get_public_access_block(Bucket=bucket))
    assert code == "NoSuchPublicAccessBlockConfiguration"


def test_ownership_controls(s3: S3Client, bucket: str) -> None:
    def found() -> str:
        return s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"][0][
            "ObjectOwnership"
        ]

    def put(*ownerships: str) -> None:
        rules: Any = [{"ObjectOwnership": each} for each in ownerships]
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": rules})

    assert found() == "BucketOwnerEnforced"
    put("ObjectWriter")
    assert found() == "ObjectWriter"
    assert code_of(lambda: put("Nobody")) == "MalformedXML"
    assert code_of(lambda: put("ObjectWriter", "ObjectWriter")) == "MalformedXML"
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    assert code_of(found) == "OwnershipControlsNotFoundError"
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"


def grant(account: str, permission: str = "FULL_CONTROL") -> dict[str, Any]:
    grantee = {"ID": account, "Type": "CanonicalUser"}
    return {"Grantee": grantee, "Permission": permission}


def test_only_the_owner_is_granted_anything(s3: S3Client, bucket: str) -> None:
    owner = s3.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")

    def put(*grants: dict[str, Any], key: str = "k") -> None:
        policy: Any = {"Owner": {"ID": owner}, "Grants": list(grants)}
        s3.put_object_acl(Bucket=bucket, Key=key, AccessControlPolicy=policy)

    put(grant(owner))
    assert [each["Permission"] for each in s3.get_object_acl(Bucket=bucket, Key="k")["Grants"]] == [
        "FULL_CONTROL"
    ]
    assert code_of(lambda: put(grant("222233334444"))) == "AccessControlListNotSupported"
    assert code_of(lambda: put(grant(owner, "READ"))) == "AccessControlListNotSupported"
    assert code_of(lambda: put(grant(owner), key="gone")) == "NoSuchKey"
    assert code_of(lambda: s3.get_object_acl(Bucket=bucket, Key="gone")) == "NoSuchKey"
    assert code_of(lambda: s3.put_bucket_acl(Bucket=bucket)) == "MissingRequestBodyError"
    code = code_of(lambda: s3.put_bucket_acl(Bucket=bucket, GrantRead=f"id={owner}"))
    assert code == "AccessControlListNotSupported"
    acl: Any = "everybody"
    assert code_of(lambda: s3.put_bucket_acl(Bucket=bucket, ACL=acl)) == "InvalidArgument"
    named = f"{bucket}-public"
    code = code_of(lambda: s3.create_bucket(Bucket=named, ACL="public-read"))
    assert code == "InvalidBucketAclWithObjectOwnership"


RULE: dict[str, Any] = {
    "ID": "garden",
    "AllowedOrigins": ["https://*.example"],
    "AllowedMethods": ["GET", "PUT"],
    "AllowedHeaders": ["x-amz-*"],
    "ExposeHeaders": ["etag"],
    "MaxAgeSeconds": 30,
}


def test_rules_for_pages(s3: S3Client, server: LiveServer, bucket: str) -> None:
    def put(*rules: dict[str, Any]) -> None:
        given: Any = {"CORSRules": list(rules)}
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=given)

    def asks(method: str | None, origin: str = "https://a.example", headers: str = "") -> Any:
        sent = {"Origin": origin, "Access-Control-Request-Headers": headers}
        if method is not None:
            sent["Access-Control-Request-Method"] = method
        url = f"http://127.0.0.1:{server.s3_port}/{bucket}/k"
        return httpx2.request("OPTIONS", url, headers=sent)

    put(RULE)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == [RULE]
    allowed = asks("PUT", headers="X-Amz-Date, x-amz-acl").headers
    assert allowed["Access-Control-Allow-Origin"] == "https://a.example"
    assert allowed["Access-Control-Allow-Headers"] == "x-amz-date, x-amz-acl"
    assert allowed["Access-Control-Expose-Headers"] == "etag"
    assert allowed["Access-Control-Max-Age"] == "30"
    for refused in (asks("DELETE"), asks("GET", "https://a.else"), asks("PUT", headers="cookie")):
        assert "CORSForbidden" in refused.text
    assert "Insufficient information" in asks(None).text

    bad: tuple[tuple[dict[str, Any], str], ...] = (
        ({"AllowedMethods": ["PATCH"]}, "InvalidRequest"),
        ({"AllowedOrigins": ["https://*.*"]}, "InvalidRequest"),
        ({"AllowedMethods": []}, "MalformedXML"),
    )
    for changed, code in bad:
        assert code_of(lambda rule={**RULE, **changed}: put(rule)) == code  # type: ignore[misc]
    assert code_of(lambda: put(*[RULE] * 101)) == "MalformedXML"
    s3.delete_bucket_cors(Bucket=bucket)
    assert code_of(lambda: s3.get_bucket_cors(Bucket=bucket)) == "NoSuchCORSConfiguration"


def test_buckets_are_listed_in_pages(s3: S3Client, bucket: str) -> None:
    names = [f"{bucket}-{number}" for number in range(3)]
    for name in names:
        s3.create_bucket(Bucket=name)
    first = s3.list_buckets(Prefix=bucket, MaxBuckets=2)
    rest = s3.list_buckets(Prefix=bucket, ContinuationToken=first["ContinuationToken"])
    assert [each["Name"] for each in first["Buckets"] + rest["Buckets"]] == [bucket, *names]
    assert code_of(lambda: s3.list_buckets(MaxBuckets=10_001)) == "InvalidArgument"
    for name in names:
        s3.delete_bucket(Bucket=name)
    assert code_of(lambda: s3.head_bucket(Bucket=names[0])) == "404"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"CreateBucketConfiguration": {"LocationConstraint": "EU"}}, "IllegalLocation"),
        ({"CreateBucketConfiguration": {"Tags": [{"Key": "a", "Value": "b"}]}}, "NotImplemented"),
        ({"BucketNamespace": "account-regional"}, "NotImplemented"),
        ({"ObjectOwnership": "Nobody"}, "InvalidArgument"),
    ],
)
def test_a_bucket_that_cannot_be_made(s3: S3Client, more: dict[str, Any], code: str) -> None:
    name = f"custom-labels-{uuid.uuid4().hex[:8]}"
    assert (code_of(lambda: s3.create_bucket(Bucket=name, **more)) or "").startswith(code)
    assert name not in {each["Name"] for each in s3.list_buckets()["Buckets"]}


def test_a_name_that_another_account_has(s3: S3Client, stranger: User, bucket: str) -> None:
    code = code_of(lambda: stranger.s3.create_bucket(Bucket=bucket))
    assert code == "BucketAlreadyExists"
    s3.create_bucket(Bucket=bucket)  # again, as in us-east-1 of AWS
