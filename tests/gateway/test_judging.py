"""Who may do what on the S3 port: conditions, bucket policies, accounts, revocation."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from sqlalchemy import delete
from tests.gateway.conftest import ALLOW_ALL, User
from tests.support.live_server import LiveServer

from lensmith.store.records.engine import Records
from lensmith.store.records.identity_tables import access_keys

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MakeUser = Callable[..., User]


def deny(**condition: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "S3:*", "Resource": "*", "Condition": condition}


def statement(effect: str, principal: Any, action: Any, *resources: str) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": action,
        "Resource": [f"arn:aws:s3:::{name}" for name in resources],
    }


def put_policy(client: S3Client, bucket: str, *statements: dict[str, Any], **more: Any) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    client.put_bucket_policy(Bucket=bucket, Policy=text, **more)


def code(call: Callable[[], object]) -> str:
    """The code of the refusal; empty for an answer."""
    try:
        call()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


@pytest.fixture
def stored(s3: S3Client, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="k", Body=b"data", Tagging="team=red")
    return bucket


@pytest.mark.parametrize(
    "condition",
    [
        {"StringLike": {"aws:username": "user-*"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/user-*"}},
        {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
        {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        {"BoolIfExists": {"aws:SecureTransport": "false"}},
        {"IpAddressIfExists": {"aws:SourceIp": "127.0.0.0/8"}},
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
        {"StringEquals": {"s3:ExistingObjectTag/team": "red"}},
    ],
    ids=lambda condition: "-".join(condition),
)
def test_a_deny_counts_whatever_its_condition(
    make_user: MakeUser, stored: str, condition: dict[str, Any]
) -> None:
    client = make_user(ALLOW_ALL, deny(**condition)).s3
    assert code(lambda: client.get_object(Bucket=stored, Key="k")) == "AccessDenied"
    if "s3:ExistingObjectTag/team" not in str(condition):
        assert code(lambda: client.put_object(Bucket=stored, Key="n", Body=b"")) == "AccessDenied"
        assert code(lambda: client.list_objects_v2(Bucket=stored)) == "AccessDenied"


def test_a_client_cannot_say_that_it_came_by_tls_or_from_elsewhere(
    make_user: MakeUser, stored: str
) -> None:
    client = make_user(
        ALLOW_ALL,
        deny(Bool={"aws:SecureTransport": "false"}, IpAddress={"aws:SourceIp": "127.0.0.0/8"}),
    ).s3
    pretend = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    client.meta.events.register(
        "before-send.s3", lambda request, **_: request.headers.update(pretend)
    )
    assert code(lambda: client.get_object(Bucket=stored, Key="k")) == "AccessDenied"


def test_a_variable_names_the_callers_folder(make_user: MakeUser, bucket: str) -> None:
    resource = f"arn:aws:s3:::{bucket}/${{aws:username}}/*"
    user = make_user({"Effect": "Allow", "Action": "s3:*Object", "Resource": resource})
    name = user.arn.rpartition("/")[2]
    user.s3.put_object(Bucket=bucket, Key=f"{name}/a", Body=b"")
    assert code(lambda: user.s3.put_object(Bucket=bucket, Key="b", Body=b"")) == "AccessDenied"


def test_a_bucket_policy_names_users(
    make_user: MakeUser, s3: S3Client, stored: str, stranger: User
) -> None:
    user = make_user({"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"})
    assert code(lambda: user.s3.get_object(Bucket=stored, Key="k")) == "AccessDenied"
    assert code(lambda: stranger.s3.get_object(Bucket=stored, Key="k")) == "AccessDenied"
    named = {"AWS": [user.arn, stranger.arn]}
    put_policy(s3, stored, statement("Allow", named, "s3:GetObject", f"{stored}/*"))
    assert user.s3.get_object(Bucket=stored, Key="k")["Body"].read() == b"data"
    assert stranger.s3.get_object(Bucket=stored, Key="k")["Body"].read() == b"data"
    assert code(lambda: user.s3.put_object(Bucket=stored, Key="k", Body=b"")) == "AccessDenied"
    put_policy(s3, stored, statement("Deny", named, "s3:GetObject", f"{stored}/*"))
    assert code(lambda: user.s3.get_object(Bucket=stored, Key="k")) == "AccessDenied"


def test_another_account_sees_nothing(s3: S3Client, stored: str, stranger: User) -> None:
    client = stranger.s3
    assert stored not in [each["Name"] for each in client.list_buckets()["Buckets"]]
    assert code(lambda: client.head_bucket(Bucket=stored)) == "403"
    for call in (
        lambda: client.get_object(Bucket=stored, Key="k"),
        lambda: client.list_objects_v2(Bucket=stored),
        lambda: client.delete_bucket(Bucket=stored),
        lambda: client.get_bucket_policy(Bucket=stored),
        lambda: s3.get_object(Bucket=stored, Key="k", ExpectedBucketOwner="222233334444"),
    ):
        assert code(call) == "AccessDenied"
    assert code(lambda: client.create_bucket(Bucket=stored)) == "BucketAlreadyExists"


def test_nobody_locks_everybody_out(make_user: MakeUser, s3: S3Client, bucket: str) -> None:
    lock = statement("Deny", "*", "s3:*", bucket, f"{bucket}/*")
    assert code(lambda: put_policy(s3, bucket, lock)) == "MalformedPolicy"
    other = make_user({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}).s3
    put_policy(other, bucket, lock, ConfirmRemoveSelfBucketAccess=True)
    assert code(lambda: other.delete_bucket_policy(Bucket=bucket)) == "AccessDenied"
    assert code(lambda: s3.list_objects_v2(Bucket=bucket)) == "AccessDenied"
    s3.delete_bucket_policy(Bucket=bucket)  # an administrator of the account
    assert code(lambda: s3.list_objects_v2(Bucket=bucket)) == ""


def test_a_removed_key_ends_with_the_next_request(
    make_user: MakeUser, records: Records, stored: str
) -> None:
    user = make_user(ALLOW_ALL)
    assert code(lambda: user.s3.head_bucket(Bucket=stored)) == ""
    with records.write() as connection:
        connection.execute(delete(access_keys).where(access_keys.c.access_key_id == user.key_id))
    assert code(lambda: user.s3.list_objects_v2(Bucket=stored)) == "InvalidAccessKeyId"


def test_a_copy_needs_its_source(make_user: MakeUser, s3: S3Client, stored: str) -> None:
    s3.put_object(Bucket=stored, Key="secret/k", Body=b"data")
    secret = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/secret/*"}
    client = make_user(ALLOW_ALL, secret).s3

    def copy(key: str) -> object:
        return client.copy_object(
            Bucket=stored, Key="copy", CopySource={"Bucket": stored, "Key": key}
        )

    assert code(lambda: copy("secret/k")) == "AccessDenied"
    assert code(lambda: copy("k")) == ""
    etag = client.copy_object(Bucket=stored, Key="copy", CopySource={"Bucket": stored, "Key": "k"})[
        "CopyObjectResult"
    ]["ETag"]
    assert etag == client.head_object(Bucket=stored, Key="k")["ETag"]


def test_many_deletes_are_judged_each(make_user: MakeUser, s3: S3Client, stored: str) -> None:
    s3.put_object(Bucket=stored, Key="kept", Body=b"data")
    kept = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::*/kept"}
    answer = make_user(ALLOW_ALL, kept).s3.delete_objects(
        Bucket=stored, Delete={"Objects": [{"Key": "k"}, {"Key": "kept"}, {"Key": "a//b"}]}
    )
    assert [each["Key"] for each in answer["Deleted"]] == ["k"]
    assert {each["Key"]: each["Code"] for each in answer["Errors"]} == {
        "kept": "AccessDenied",
        "a//b": "InvalidArgument",
    }
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=stored)["Contents"]] == ["kept"]


def test_everybody_reads_what_a_policy_makes_public(
    server: LiveServer, s3: S3Client, stored: str
) -> None:
    url = f"http://127.0.0.1:{server.s3_port}/{stored}/k"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url, timeout=60)
    public = statement("Allow", "*", "s3:GetObject", f"{stored}/*")
    put_policy(s3, stored, public)
    assert s3.get_bucket_policy_status(Bucket=stored)["PolicyStatus"]["IsPublic"]
    with urllib.request.urlopen(url, timeout=60) as answer:
        assert answer.read() == b"data"
    blocked: Any = {"BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=stored, PublicAccessBlockConfiguration=blocked)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url, timeout=60)
    assert code(lambda: put_policy(s3, stored, public)) == "AccessDenied"


def test_acls_are_the_owners(s3: S3Client, stored: str) -> None:
    for acl in ("private", "bucket-owner-full-control"):
        s3.put_object(Bucket=stored, Key="k", Body=b"data", ACL=acl)
        s3.put_object_acl(Bucket=stored, Key="k", ACL=acl)
    answer = s3.get_object_acl(Bucket=stored, Key="k")
    owner, grants = answer["Owner"], answer["Grants"]
    none: Any = {"Owner": owner, "Grants": []}
    kept: Any = {"Owner": owner, "Grants": grants}
    s3.put_bucket_acl(Bucket=stored, AccessControlPolicy=kept)
    ownership: Any = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=stored, OwnershipControls=ownership)  # kept, no more
    assert [grant["Grantee"]["ID"] for grant in grants] == ["000000000000"]
    for call in (
        lambda: s3.put_object_acl(Bucket=stored, Key="k", ACL="public-read"),
        lambda: s3.put_bucket_acl(Bucket=stored, ACL="public-read"),
        lambda: s3.put_object(Bucket=stored, Key="n", Body=b"", ACL="public-read"),
        lambda: s3.put_bucket_acl(Bucket=stored, AccessControlPolicy=none),
    ):
        assert code(call) == "AccessControlListNotSupported"


def test_a_policy_that_cannot_be_evaluated_is_refused(s3: S3Client, bucket: str) -> None:
    unknown = statement("Allow", "*", "s3:GetObject", f"{bucket}/*")
    unknown["Condition"] = {"StringSounds": {"aws:username": "a"}}
    assert code(lambda: put_policy(s3, bucket, unknown)) == "MalformedPolicy"
    elsewhere = statement("Allow", "*", "s3:GetObject", "other/*")
    assert code(lambda: put_policy(s3, bucket, elsewhere)) == "MalformedPolicy"
