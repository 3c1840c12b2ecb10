"""Buckets and objects through the console's routes, in the real store."""

from __future__ import annotations

import hashlib
import os
import random
import socket
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import psutil
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from tests.support.browser_session import BrowserSession
from tests.support.eventually import until
from tests.support.live_server import LiveServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OBJECTS = "/_lensmith/objects"


def path(bucket: str, key: str) -> str:
    return f"{OBJECTS}/{bucket}/{quote(key)}"


def test_buckets_are_listed_and_created(browser: BrowserSession) -> None:
    name = f"made-here-{uuid.uuid4().hex[:8]}"
    assert browser.send("PUT", f"{OBJECTS}/{name}").json == {"bucket": name}
    listed = browser.get(OBJECTS).json["buckets"]
    (mine,) = (each for each in listed if each["name"] == name)
    assert mine["created_at"].endswith("Z")
    again = browser.send("PUT", f"{OBJECTS}/{name}")
    assert (again.status, again.code) == (409, "BucketAlreadyExists")
    for wrong in ("No_Bucket", "x"):
        assert browser.send("PUT", f"{OBJECTS}/{wrong}").code == "InvalidBucketName"


def test_folders_are_walked(browser: BrowserSession, s3: S3Client, bucket: str) -> None:
    for key in ("a.txt", "b/", "b/c.txt", "b/d/e.txt"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"12345")
    top = browser.get(f"{OBJECTS}/{bucket}").json
    assert top["prefixes"] == ["b/"]
    (only,) = top["objects"]
    assert (only["key"], only["size"]) == ("a.txt", 5)
    assert only["etag"] == hashlib.md5(b"12345").hexdigest()
    assert top["next"] is None
    inside = browser.get(f"{OBJECTS}/{bucket}?prefix=b/").json
    assert [each["key"] for each in inside["objects"]] == ["b/c.txt"]
    assert inside["prefixes"] == ["b/d/"]
    assert browser.get(f"{OBJECTS}/no-such-bucket").code == "NoSuchBucket"


def test_a_long_folder_comes_in_pages(browser: BrowserSession, s3: S3Client, bucket: str) -> None:
    for number in range(1005):
        s3.put_object(Bucket=bucket, Key=f"many/{number:04}", Body=b"")
    first = browser.get(f"{OBJECTS}/{bucket}?prefix=many/").json
    assert len(first["objects"]) == 1000
    last = browser.get(f"{OBJECTS}/{bucket}?prefix=many/&token={quote(first['next'])}").json
    assert [each["key"] for each in last["objects"]] == [f"many/{n:04}" for n in range(1000, 1005)]


@pytest.mark.parametrize("size", [0, 5, 8 << 20, (8 << 20) + 1, 30 << 20])
def test_an_object_of_any_size_goes_up_and_down(
    browser: BrowserSession, s3: S3Client, bucket: str, size: int
) -> None:
    data = random.Random(size).randbytes(size)
    key = "a folder/öbject #1?.bin"
    put = browser.send("PUT", path(bucket, key), data, {"Content-Type": "image/x-test"})
    assert put.status == 200, put.body
    head = s3.head_object(Bucket=bucket, Key=key)
    assert put.json == {"etag": head["ETag"].strip('"')}
    assert (head["ContentLength"], head["ContentType"]) == (size, "image/x-test")
    down = browser.get(path(bucket, key))
    assert down.body == data
    assert down.headers["content-type"] == "image/x-test"
    assert down.headers["content-length"] == str(size)


def test_parts_and_heads_are_served(browser: BrowserSession, s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"0123456789")
    part = browser.send("GET", path(bucket, "x"), headers={"Range": "bytes=2-4"})
    assert (part.status, part.body) == (206, b"234")
    assert part.headers["content-range"] == "bytes 2-4/10"
    head = browser.send("HEAD", path(bucket, "x"))
    assert (head.status, head.headers["content-length"], head.body) == (200, "10", b"")


def test_nothing_is_shown_as_a_page(browser: BrowserSession, s3: S3Client, bucket: str) -> None:
    page = b"<script>alert(1)</script>"
    s3.put_object(Bucket=bucket, Key="x.html", Body=page, ContentType="text/html")
    shown = browser.get(path(bucket, "x.html"))
    assert shown.headers["content-security-policy"].startswith("sandbox")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"] == "inline; filename*=UTF-8''x.html"
    saved = browser.get(path(bucket, "x.html") + "?download=1")
    assert saved.headers["content-disposition"].startswith("attachment")


def test_an_object_is_not_replaced_by_one_that_is_to_be_new(
    browser: BrowserSession, s3: S3Client, bucket: str
) -> None:
    only_new = {"If-None-Match": "*"}
    assert browser.send("PUT", path(bucket, "x"), b"first", only_new).status == 200
    again = browser.send("PUT", path(bucket, "x"), b"second", only_new)
    assert (again.status, again.code) == (412, "PreconditionFailed")
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"first"
    assert browser.send("PUT", path(bucket, "x1"), b"other", only_new).status == 200


def test_objects_are_deleted(browser: BrowserSession, s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="gone/x", Body=b"1")
    assert browser.delete(path(bucket, "gone/x")).status == 204
    missing = browser.get(path(bucket, "gone/x"))
    assert (missing.status, missing.code) == (404, "NoSuchKey")


@pytest.mark.parametrize("key", ["../x", "a/../../x", "./x", "x" * 1025])
def test_keys_that_lead_elsewhere_are_refused(
    browser: BrowserSession, bucket: str, key: str
) -> None:
    answer = browser.send("PUT", path(bucket, key), b"1")
    assert answer.code == "InvalidParameterException"


def test_a_signed_caller_uploads_too(server: LiveServer, s3: S3Client, bucket: str) -> None:
    given = server.environment()
    keys = Credentials(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"])
    url = given["AWS_ENDPOINT_URL_REKOGNITION"] + path(bucket, "signed")

    def send(data: bytes, declared: bytes | None) -> int:
        request = AWSRequest("PUT", url, data=data)
        if declared is not None:
            request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(declared).hexdigest()
        SigV4Auth(keys, "rekognition", given["AWS_REGION"]).add_auth(request)
        return URLLib3Session().send(request.prepare()).status_code

    large = random.Random(1).randbytes(20 << 20)
    assert send(b"small", None) == 200
    assert send(large, large) == 200
    assert s3.head_object(Bucket=bucket, Key="signed")["ContentLength"] == len(large)
    assert send(b"forged", b"signed") == 400
    assert s3.head_object(Bucket=bucket, Key="signed")["ContentLength"] == len(large)
    assert send(large, None) == 413


def test_memory_does_not_grow_with_an_object(
    browser: BrowserSession, s3: S3Client, bucket: str
) -> None:
    process = psutil.Process(browser.server.pid)
    browser.send("PUT", path(bucket, "warm"), bytes(20 << 20))
    before = process.memory_info().rss
    assert browser.send("PUT", path(bucket, "large"), bytes(300 << 20)).status == 200
    assert process.memory_info().rss - before < 150 << 20


@pytest.mark.parametrize("length", [(5 << 40) + 1, (10_000 * (64 << 20)) + 1])
def test_an_object_that_parts_cannot_hold_is_refused_before_it_comes(
    browser: BrowserSession, bucket: str, length: int
) -> None:
    headers = {"Content-Length": str(length)}
    answer = browser.send("PUT", path(bucket, "huge"), headers=headers)
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")
    assert f"{length:,}" in answer.json["message"]


def test_an_upload_that_breaks_off_leaves_nothing(
    browser: BrowserSession, s3: S3Client, bucket: str
) -> None:
    with socket.create_connection(("127.0.0.1", browser.server.port)) as wire:
        head = f"PUT {path(bucket, 'half')} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"X-Lensmith-Session: {browser.headers['X-Lensmith-Session']}\r\n"
        wire.sendall((head + f"Content-Length: {100 << 20}\r\n\r\n").encode())
        wire.sendall(os.urandom(20 << 20))
        until(lambda: s3.list_multipart_uploads(Bucket=bucket).get("Uploads"))
    until(lambda: not s3.list_multipart_uploads(Bucket=bucket).get("Uploads"))
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_user_has_the_rights_of_his_policy(
    browser_of: Callable[..., BrowserSession], s3: S3Client, bucket: str
) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    reader = browser_of("s3:GetObject", "s3:ListBucket")
    assert reader.get(path(bucket, "x")).body == b"1"
    assert reader.get(f"{OBJECTS}/{bucket}").status == 200
    refused = [
        reader.get(OBJECTS),
        reader.send("PUT", f"{OBJECTS}/another-bucket"),
        reader.send("PUT", path(bucket, "y"), b"1"),
        reader.delete(path(bucket, "x")),
        browser_of("rekognition:*").get(path(bucket, "x")),
    ]
    assert {answer.code for answer in refused} == {"AccessDeniedException"}


def test_a_cookie_reads_no_objects(browser: BrowserSession, s3: S3Client, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    page = BrowserSession(browser.server, {"Cookie": browser.cookie})
    for method in ("GET", "PUT", "DELETE"):
        answer = page.send(method, path(bucket, "x"))
        assert answer.code == "MissingAuthenticationTokenException"


def test_the_first_bucket_is_proposed_and_made_once(new_server: Callable[..., LiveServer]) -> None:
    server = new_server()
    server.start()
    browser = BrowserSession.open(server)
    first = browser.get("/_lensmith/setup").json
    assert first["bucket"] is None
    assert first["proposed"].startswith("custom-labels-console-us-east-1-")
    assert len(first["proposed"].rpartition("-")[2]) == 10
    assert browser.get("/_lensmith/setup").json == first

    odd = browser.post("/_lensmith/setup", {"bucket": "my-own-name"})
    assert odd.code == "InvalidParameterException"
    made = browser.post("/_lensmith/setup", {"bucket": first["proposed"]})
    assert made.json == {"bucket": first["proposed"]}
    assert browser.get("/_lensmith/setup").json["bucket"] == first["proposed"]
    again = browser.post("/_lensmith/setup", {"bucket": first["proposed"]})
    assert (again.status, again.code) == (409, "BucketAlreadyExists")

    statement = {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}
    server.create_user("no-store", statement)
    other = BrowserSession.open(server, "no-store")
    assert other.get("/_lensmith/setup").json["bucket"] == first["proposed"]
    refused = other.post("/_lensmith/setup", {"bucket": first["proposed"]})
    assert refused.code == "AccessDeniedException"
