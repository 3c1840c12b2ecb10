"""SSE-KMS and SSE-S3 through the gateway: for callers who may use the key, with AWS's errors."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.gateway.conftest import User
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DATA = random.Random(1).randbytes(3 << 20) + b"canary-of-an-object" * 9
ALLOW_S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.fixture(scope="session")
def kms(server: LiveServer) -> Any:
    given = server.environment()
    return boto3.client(
        "kms",
        endpoint_url=given["AWS_ENDPOINT_URL"],
        region_name=given["AWS_REGION"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


@pytest.fixture
def key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def sse(key: str) -> dict[str, Any]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


def refusal(call: Callable[[], Any]) -> tuple[str, int] | None:
    try:
        call()
    except ClientError as error:
        answer: Any = error.response
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]
    return None


def test_an_object_under_a_key_reads_as_written(
    s3: S3Client, bucket: str, kms: Any, key: str, server: LiveServer
) -> None:
    kms.create_alias(AliasName=f"alias/{bucket}", TargetKeyId=key)
    put = s3.put_object(Bucket=bucket, Key="k", Body=DATA, **sse(f"alias/{bucket}"))
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    got = s3.get_object(Bucket=bucket, Key="k")
    assert (got["SSEKMSKeyId"], got["Body"].read()) == (key, DATA)
    for start, end in ((0, 0), (1_000_003, 1_100_000), (len(DATA) - 40, len(DATA) - 1)):
        part = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={start}-{end}")
        assert part["Body"].read() == DATA[start : end + 1]
    assert s3.head_object(Bucket=bucket, Key="k")["SSEKMSKeyId"] == key
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **sse(key))
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == DATA
    stored = (path for path in (server.home / "data" / "objects").rglob("*") if path.is_file())
    assert not any(b"canary-of-an-object" in path.read_bytes() for path in stored)


def test_parts_under_a_key(s3: S3Client, bucket: str, key: str) -> None:
    bodies = [random.Random(2).randbytes(5 << 20), b"the end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="m", **sse(key))["UploadId"]
    named: Any = {"Bucket": bucket, "Key": "m", "UploadId": upload}
    etags = [
        s3.upload_part(**named, PartNumber=number, Body=body)["ETag"]
        for number, body in enumerate(bodies, start=1)
    ]
    parts: Any = [
        {"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, start=1)
    ]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    whole = b"".join(bodies)
    assert s3.get_object(Bucket=bucket, Key="m")["Body"].read() == whole
    start = (5 << 20) - 9
    part = s3.get_object(Bucket=bucket, Key="m", Range=f"bytes={start}-")
    assert part["Body"].read() == whole[start:]


def test_sse_s3_and_the_accounts_own_key(s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="s3", Body=DATA, ServerSideEncryption="AES256")
    part = s3.get_object(Bucket=bucket, Key="s3", Range="bytes=7-2000000")
    assert part["Body"].read() == DATA[7:2_000_001]
    put = s3.put_object(Bucket=bucket, Key="own", Body=b"x", ServerSideEncryption="aws:kms")
    assert ":key/" in put["SSEKMSKeyId"]
    assert s3.get_object(Bucket=bucket, Key="own")["Body"].read() == b"x"


def test_a_key_that_cannot_be_used(s3: S3Client, bucket: str, kms: Any, key: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", **sse(key))
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    put = partial(s3.put_object, Bucket=bucket, Key="new", Body=b"x")
    read = partial(s3.get_object, Bucket=bucket, Key="k")
    copy = partial(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert refusal(partial(put, **sse(key[:-4] + "0000"))) == ("KMS.NotFoundException", 400)
    assert refusal(partial(put, **sse("alias/unknown"))) == ("KMS.NotFoundException", 400)
    kms.disable_key(KeyId=key)
    for call in (partial(put, **sse(key)), read, copy):
        assert refusal(call) == ("KMS.DisabledException", 400)
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 1
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    for call in (partial(put, **sse(key)), read, copy):
        assert refusal(call) == ("KMS.KMSInvalidStateException", 400)
    assert s3.get_object(Bucket=bucket, Key="plain")["Body"].read() == b"x"


def test_only_callers_who_may_use_the_key(
    s3: S3Client, bucket: str, kms: Any, key: str, make_user: Callable[..., User]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **sse(key))
    reader = make_user(ALLOW_S3)
    get = partial(reader.s3.get_object, Bucket=bucket, Key="k")
    put = partial(reader.s3.put_object, Bucket=bucket, Key="new", Body=b"x", **sse(key))
    copy = partial(reader.s3.copy_object, Bucket=bucket, Key="c", CopySource=f"{bucket}/k")
    for call in (get, put, copy):
        assert refusal(call) == ("AccessDenied", 403)
    grant = kms.create_grant(KeyId=key, GranteePrincipal=reader.arn, Operations=["Decrypt"])
    assert get()["Body"].read() == b"secret"
    assert refusal(put) == ("AccessDenied", 403)
    kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    assert refusal(get) == ("AccessDenied", 403)
    stranger = make_user(
        {"Effect": "Allow", "Action": "*", "Resource": "*"}, account="555555555555"
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": {
            **ALLOW_S3,
            "Principal": {"AWS": stranger.arn},
            "Resource": f"arn:aws:s3:::{bucket}/*",
        },
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert refusal(partial(stranger.s3.get_object, Bucket=bucket, Key="k")) == (
        "KMS.NotFoundException",
        400,
    )


def test_unknown_algorithms_and_defaults_are_refused(s3: S3Client, bucket: str, key: str) -> None:
    put: Any = partial(s3.put_object, Bucket=bucket, Key="k", Body=b"x")
    assert refusal(partial(put, ServerSideEncryption="aws:kms:dsse")) == ("NotImplemented", 501)
    assert refusal(partial(put, ServerSideEncryption="aes:kms")) == ("InvalidArgument", 400)
    own = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    for algorithm in ("AES256", "aws:kms"):
        both = partial(put, ServerSideEncryption=algorithm, **own)
        assert refusal(both) == ("InvalidArgument", 400)
    assert refusal(partial(put, SSEKMSKeyId=key)) == ("InvalidArgument", 400)
    s3.delete_bucket_encryption(Bucket=bucket)  # which has none
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    configuration: Any = {"Rules": [default]}
    refused = refusal(
        partial(
            s3.put_bucket_encryption,
            Bucket=bucket,
            ServerSideEncryptionConfiguration=configuration,
        )
    )
    assert refused == ("NotImplemented", 501)
