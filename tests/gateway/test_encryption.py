"""SSE-KMS and SSE-S3 through the gateway: for callers who may use the key, with AWS's errors."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import httpx2
import pytest
from botocore.exceptions import ClientError
from tests.boto3.conftest import manifest_lines
from tests.gateway.conftest import User
from tests.support.eventually import until
from tests.support.live_server import LiveServer
from tests.support.living_folder import contents_below
from tests.support.signed_caller import SignedCaller

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
    stored = contents_below(server.home / "data" / "objects")
    assert not [path for path, content in stored if b"canary-of-an-object" in content]


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


def test_the_key_is_judged_by_the_condition_keys_of_the_request(
    s3: S3Client, bucket: str, key: str, make_user: Callable[..., User]
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"secret", **sse(key))
    referred = {"StringEquals": {"aws:Referer": "https://lab.example/"}}
    use_key = {"Effect": "Allow", "Action": "kms:*", "Resource": key, "Condition": referred}
    reader = make_user(ALLOW_S3, use_key)
    get = partial(reader.s3.get_object, Bucket=bucket, Key="k")
    assert refusal(get) == ("AccessDenied", 403)
    reader.s3.meta.events.register(
        "before-sign.s3.GetObject",
        lambda request, **_: request.headers.add_header("Referer", "https://lab.example/"),
    )
    assert get()["Body"].read() == b"secret"


def test_datasets_read_with_the_callers_rights_to_the_key(
    server: LiveServer,
    s3: S3Client,
    bucket: str,
    kms: Any,
    key: str,
    make_user: Callable[..., User],
) -> None:
    body = manifest_lines(bucket, {"a.png": "nut"})
    s3.put_object(Bucket=bucket, Key="m.manifest", Body=body, **sse(key))
    user = make_user(ALLOW_S3, {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"})
    rekognition = boto3.client(
        "rekognition",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        region_name="us-east-1",
        aws_access_key_id=user.key_id,
        aws_secret_access_key=user.secret,
    )
    project = rekognition.create_project(ProjectName=bucket)["ProjectArn"]
    place: Any = {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": "m.manifest"}}}

    def created(kind: Any) -> str:
        arn = rekognition.create_dataset(ProjectArn=project, DatasetType=kind, DatasetSource=place)[
            "DatasetArn"
        ]
        describe = partial(rekognition.describe_dataset, DatasetArn=arn)
        status = until(
            lambda: describe()["DatasetDescription"]["Status"], lambda it: it[-9:] != "_PROGRESS"
        )
        return str(status)

    assert created("TRAIN") == "CREATE_FAILED"
    kms.create_grant(KeyId=key, GranteePrincipal=user.arn, Operations=["Decrypt"])
    assert created("TEST") == "CREATE_COMPLETE"


def default(algorithm: str, **more: Any) -> Any:
    """A bucket's configuration."""
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm, **more}}]}


def test_a_buckets_default_key_encrypts_what_names_none(
    s3: S3Client, bucket: str, kms: Any, key: str, make_user: Callable[..., User]
) -> None:
    def put_default(algorithm: str, **more: Any) -> None:
        s3.put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration=default(algorithm, **more)
        )

    def kept() -> Any:
        answer = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
        (rule,) = answer["Rules"]
        return rule

    kms.create_alias(AliasName=f"alias/{bucket}", TargetKeyId=key)
    put_default("aws:kms", KMSMasterKeyID=f"alias/{bucket}")
    assert kept() == {
        "ApplyServerSideEncryptionByDefault": {
            "SSEAlgorithm": "aws:kms",
            "KMSMasterKeyID": f"alias/{bucket}",
        },
        "BucketKeyEnabled": False,
    }
    writer = make_user(ALLOW_S3)
    assert refusal(partial(writer.s3.put_object, Bucket=bucket, Key="x", Body=b"x")) == (
        "AccessDenied",
        403,
    )
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"canary-of-a-default")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key)
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert copied["SSEKMSKeyId"] == key
    begun = s3.create_multipart_upload(Bucket=bucket, Key="m")
    assert begun["SSEKMSKeyId"] == key
    named: Any = {"Bucket": bucket, "Key": "m", "UploadId": begun["UploadId"]}
    etag = s3.upload_part(**named, PartNumber=1, Body=b"a part")["ETag"]
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    s3.complete_multipart_upload(**named, MultipartUpload=parts)
    form = s3.generate_presigned_post(bucket, "form", ExpiresIn=600)
    sent = httpx2.post(form["url"], data=form["fields"], files={"file": ("f", b"of a form")})
    assert sent.status_code == 204, sent.text
    for name, body in {
        "copy": b"canary-of-a-default",
        "m": b"a part",
        "form": b"of a form",
    }.items():
        got = s3.get_object(Bucket=bucket, Key=name)
        assert (name, got["SSEKMSKeyId"], got["Body"].read()) == (name, key, body)
    other = s3.put_object(Bucket=bucket, Key="own", Body=b"x", ServerSideEncryption="AES256")
    assert other["ServerSideEncryption"] == "AES256"

    kms.disable_key(KeyId=key)
    write = partial(s3.put_object, Bucket=bucket, Key="late", Body=b"x")
    assert refusal(write) == ("KMS.DisabledException", 400)
    put_default("AES256")
    assert kept()["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert "SSEKMSKeyId" not in write()
    put_default("aws:kms")  # the account's own key
    assert ":key/" in write()["SSEKMSKeyId"]
    s3.delete_bucket_encryption(Bucket=bucket)
    assert "SSEKMSKeyId" not in write()


def test_what_the_server_writes_for_a_caller_is_under_the_default_key(
    server: LiveServer, s3: S3Client, bucket: str, key: str
) -> None:
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration=default("aws:kms", KMSMasterKeyID=key),
    )
    body = DATA[: 1 << 20]
    put = SignedCaller(server).send("PUT", f"/_lensmith/objects/{bucket}/by-page.jpg", body)
    assert put[0] == 200, put
    got = s3.get_object(Bucket=bucket, Key="by-page.jpg")
    assert (got["SSEKMSKeyId"], got["Body"].read()) == (key, body)


def test_a_form_names_a_key(s3: S3Client, bucket: str, kms: Any, key: str) -> None:
    given: Any = {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": key,
    }
    conditions = [{name: value} for name, value in given.items()]
    form = s3.generate_presigned_post(bucket, "up", given, conditions, ExpiresIn=600)

    def post(**more: str) -> httpx2.Response:
        fields = {**form["fields"], **more}
        return httpx2.post(form["url"], data=fields, files={"file": ("f", DATA)})

    assert post().status_code == 204
    got = s3.get_object(Bucket=bucket, Key="up")
    assert (got["SSEKMSKeyId"], got["Body"].read()) == (key, DATA)
    other = kms.create_key()["KeyMetadata"]["Arn"]
    changed = post(**{"x-amz-server-side-encryption-aws-kms-key-id": other})
    assert (changed.status_code, "AccessDenied" in changed.text) == (403, True)
    kms.disable_key(KeyId=key)
    refused = post()
    assert (refused.status_code, "KMS.DisabledException" in refused.text) == (400, True)


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
    wrong: tuple[tuple[Any, tuple[str, int]], ...] = (
        (default("aws:kms:dsse"), ("NotImplemented", 501)),
        (default("AES256", KMSMasterKeyID=key), ("InvalidArgument", 400)),
        (default("rot13"), ("MalformedXML", 400)),
        ({"Rules": []}, ("MalformedXML", 400)),
        ({"Rules": [{"BucketKeyEnabled": True}]}, ("MalformedXML", 400)),
    )
    for given, expected in wrong:
        setting = partial(
            s3.put_bucket_encryption, Bucket=bucket, ServerSideEncryptionConfiguration=given
        )
        assert refusal(setting) == expected, given
