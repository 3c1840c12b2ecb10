"""Several objects in one body, through the console's route, in the real store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tests.support.browser_session import Answer, BrowserSession

from lensmith.operations.lensmith.upload_batch import MAX_BATCH_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def send(browser: BrowserSession, bucket: str, files: dict[str, bytes], **named: Any) -> Answer:
    objects = [{"key": key, "size": len(data), **named} for key, data in files.items()]
    body = json.dumps({"objects": objects}).encode() + b"\n" + b"".join(files.values())
    return browser.send("POST", f"/_lensmith/objects/{bucket}", body)


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def test_each_is_stored_unless_its_key_is_taken(
    browser: BrowserSession, s3: S3Client, bucket: str
) -> None:
    files = {"ä/1 #?.png": b"one\n{", "ä/2": b"", "ä/3": b'"\\u0000"' + bytes(range(256))}
    answer = send(browser, bucket, files, media_type="image/x-test")
    assert answer.status == 200, answer.body
    assert answer.json == {"objects": [{"etag": md5(data)} for data in files.values()]}
    for key, data in files.items():
        found = s3.get_object(Bucket=bucket, Key=key)
        assert (found["Body"].read(), found["ContentType"]) == (data, "image/x-test")
    stored, refused = send(browser, bucket, {"ä/4": b"4", "ä/2": b"other"}).json["objects"]
    assert stored == {"etag": md5(b"4")}
    assert refused["error"].items() >= {"code": "PreconditionFailed", "status": 412}.items()
    assert s3.get_object(Bucket=bucket, Key="ä/2")["Body"].read() == b""


def test_what_is_sent_again_is_stored_once(browser: BrowserSession, bucket: str) -> None:
    send(browser, bucket, {"a": b"same", "b": b"mine"})
    same, other = send(browser, bucket, {"a": b"same", "b": b"other"}, again=True).json["objects"]
    assert same == {"etag": md5(b"same")}
    assert other["error"]["code"] == "PreconditionFailed"


def test_a_refused_object_is_named_and_the_others_stored(
    browser: BrowserSession, browser_of: Callable[..., BrowserSession], bucket: str
) -> None:
    good, odd = send(browser, bucket, {"c": b"1", "../c": b"2"}).json["objects"]
    assert (good, odd["error"]["code"]) == ({"etag": md5(b"1")}, "InvalidParameterException")
    reader = browser_of("s3:GetObject")
    assert send(reader, bucket, {"d": b"1", "e": b"2"}).code == "AccessDeniedException"
    assert send(browser, "no-such-bucket", {"d": b"1"}).code == "NoSuchBucket"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"{}\n",
        b'{"objects": []}\n',
        b'{"objects": [{"key": "e", "size": 1}]}',
        b'{"objects": [{"key": "e", "size": -1}]}\n',
        b'{"objects": [{"key": "e", "size": 2}]}\n1',
        b'{"objects": [{"key": "e", "size": 2}]}\n123',
        b'{"objects": [{"key": "e\\u0000", "size": 1}]}\n1',
        b'{"objects": [{"key": "e", "size": 1, "media_type": "a\\n"}]}\n1',
    ],
)
def test_a_body_that_is_no_batch_is_refused(
    browser: BrowserSession, s3: S3Client, bucket: str, body: bytes
) -> None:
    answer = browser.send("POST", f"/_lensmith/objects/{bucket}", body)
    assert answer.status == 400
    assert answer.code in {"SerializationException", "ValidationException"}
    assert "e" not in {
        each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    }


def test_a_batch_is_small(browser: BrowserSession, bucket: str) -> None:
    answer = send(browser, bucket, {"large": bytes(MAX_BATCH_BYTES)})
    assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException")
