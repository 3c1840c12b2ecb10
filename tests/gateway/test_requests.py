"""Forms of requests: addresses, forms, presigned, chunks, sub-resources, keys, pages elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import boto3
import httpx2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.gateway.conftest import ALLOW_ALL, User
from tests.gateway.sending import Answer, send_signed
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Send = Callable[..., Answer]


@pytest.fixture(scope="module")
def user(make_user: Callable[..., User]) -> User:
    return make_user(ALLOW_ALL)


@pytest.fixture
def send(server: LiveServer, user: User) -> Send:
    """Sends a request signed by botocore's signer, to a Host of one's choice."""
    return partial(send_signed, server, user)


@pytest.mark.parametrize("signature", [None, "s3v4"])
def test_presigned_urls_and_forms(
    server: LiveServer, user: User, bucket: str, signature: str | None
) -> None:
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.s3_port}",
        region_name="us-east-1",
        aws_access_key_id=user.key_id,
        aws_secret_access_key=user.secret,
        config=Config(signature_version=signature) if signature else None,
    )
    form = client.generate_presigned_post(
        bucket, "up/${filename}", Conditions=[["content-length-range", 1, 100]], ExpiresIn=600
    )
    url, fields = form["url"], form["fields"]
    sent = httpx2.post(url, data=fields, files={"file": ("a.jpg", b"x" * 100)})
    assert sent.status_code == 204, sent.text
    for body, expected in ((b"", "EntityTooSmall"), (b"x" * 101, "EntityTooLarge")):
        sent = httpx2.post(url, data=fields, files={"file": ("b.jpg", body)})
        assert expected in sent.text
    false = {**fields, "key": "elsewhere"}
    sent = httpx2.post(url, data=false, files={"file": ("a.jpg", b"x")})
    assert sent.status_code == 403
    client.create_bucket(Bucket=f"{bucket}-2")
    other = {**fields, "bucket": bucket}
    sent = httpx2.post(f"{url}-2", data=other, files={"file": ("a.jpg", b"x")})
    assert sent.status_code == 403
    client.delete_bucket(Bucket=f"{bucket}-2")
    assert [each["Key"] for each in client.list_objects_v2(Bucket=bucket)["Contents"]] == [
        "up/a.jpg"
    ]
    given = {"Bucket": bucket, "Key": "up/a.jpg"}
    read = client.generate_presigned_url("get_object", Params=given)
    assert httpx2.get(read).content == b"x" * 100
    assert httpx2.get(read.replace("a.jpg", "b.jpg")).status_code == 403
    late = client.generate_presigned_url("get_object", Params=given, ExpiresIn=-5)
    assert httpx2.get(late).status_code in {400, 403}


def test_a_bucket_in_the_host_name(send: Send, s3: S3Client, bucket: str) -> None:
    host = f"{bucket}.localhost:7401"
    assert send("PUT", "/k.jpg", b"data", host=host)[0] == 200
    assert s3.get_object(Bucket=bucket, Key="k.jpg")["Body"].read() == b"data"
    assert send("GET", "/k.jpg", host=host)[2] == b"data"
    assert b"<Key>k.jpg</Key>" in send("GET", "/?list-type=2", host=host)[2]
    assert "k.jpg" not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


@pytest.mark.parametrize("name", ["notification", "logging", "website", "replication", "future"])
def test_a_sub_resource_that_is_not_kept_changes_nothing(
    send: Send, s3: S3Client, name: str
) -> None:
    before = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    status, _, content = send("PUT", f"/never-{name}?{name}", b"<X/>")
    assert (status, b"<Code>NotImplemented</Code>" in content) == (501, True)
    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == before


@pytest.mark.parametrize("key", ["a//b", "/a/b", "a\\b", "a/../b"])
def test_keys_that_fall_together_are_refused(s3: S3Client, bucket: str, key: str) -> None:
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"first")
    with pytest.raises(ClientError, match="InvalidArgument"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"second")
    assert s3.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"first"


def test_a_body_that_was_not_signed_is_not_kept(send: Send, s3: S3Client, bucket: str) -> None:
    wrong = {"X-Amz-Content-SHA256": sha256(b"another").hexdigest()}
    assert b"XAmzContentSHA256Mismatch" in send("PUT", f"/{bucket}/k", b"data", wrong)[2]
    wrong = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD", "x-amz-checksum-crc32": "AAAAAA=="}
    assert b"BadDigest" in send("PUT", f"/{bucket}/k", b"data", wrong)[2]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_trailers_as_the_javascript_sdk_sends_them(send: Send, s3: S3Client, bucket: str) -> None:
    headers = {
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "4",
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    body = b"2\r\nda\r\n2\r\nta\r\n0\r\nx-amz-checksum-crc32:rfPzYw==\r\n\r\n"
    status, answered, content = send("PUT", f"/{bucket}/k", body, headers)
    assert status == 200, content
    assert answered["etag"].startswith('"')
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"
    assert "ContentEncoding" not in s3.head_object(Bucket=bucket, Key="k")
    false = body.replace(b"rfPzYw", b"AAPzYw")
    assert b"BadDigest" in send("PUT", f"/{bucket}/k2", false, headers)[2]
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket=bucket, Key="k2")


def test_a_false_signature_is_refused(server: LiveServer, user: User, bucket: str) -> None:
    false = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.s3_port}",
        region_name="us-east-1",
        aws_access_key_id=user.key_id,
        aws_secret_access_key="x" * 40,
    )
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        false.list_objects_v2(Bucket=bucket)


def test_pages_elsewhere_read_what_the_rules_say(
    server: LiveServer, s3: S3Client, bucket: str
) -> None:
    url = f"http://127.0.0.1:{server.s3_port}/{bucket}/k"
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    assert httpx2.request("OPTIONS", url, headers=asked).status_code == 403
    rules: Any = [
        {
            "AllowedMethods": ["GET"],
            "AllowedOrigins": ["https://*.example"],
            "AllowedHeaders": ["*"],
        }
    ]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    allowed = httpx2.request("OPTIONS", url, headers=asked)
    assert allowed.headers["access-control-allow-origin"] == "https://a.example"
    other = httpx2.get(url, headers={"Origin": "https://evil.test"})
    assert "access-control-allow-origin" not in other.headers


def test_replies_say_the_region(s3: S3Client, bucket: str) -> None:
    headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amz-bucket-region"] == "us-east-1"
