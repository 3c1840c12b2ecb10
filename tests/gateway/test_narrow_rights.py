"""A user with few rights, who sends what the judge and the store might read apart."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx2
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.gateway.conftest import ALLOW_ALL, User
from tests.gateway.test_confusion import presigning, send
from tests.gateway.test_judging import code, deny
from tests.support.live_server import LiveServer

MakeUser = Callable[..., User]
KEYS = ("home/ada/a", "home/ada/b/c", "home/bob/secret", "home/bob/x/secret", "zoo/secret")
MARKERS = (
    "home/bob/",
    "home/bob/a",
    "/home/bob/a",
    "home/bob/x/a",
    "zoo/a",
    "home%2Fbob%2Fa",
    "home/ada",
    "home/ada/../bob/a",
    "home/ada//../bob/a",
    "home/ada/b/../../bob/a",
    "home/ada/%2e%2e/bob/a",
    "%68ome/ada/%2e%2e/bob/a",
)


@pytest.fixture(scope="module")
def homes(server: LiveServer) -> str:
    s3, bucket = server.s3(), "homes"
    s3.create_bucket(Bucket=bucket)
    for key in KEYS:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    return bucket


def listed(call: Callable[[], dict[str, Any]]) -> list[str]:
    """The keys and common prefixes of a listing; none of one that is refused."""
    found: dict[str, Any] = {}
    refusal = code(lambda: found.update(call()))
    assert refusal in ("", "InvalidArgument")
    keys = [each["Key"] for each in found.get("Contents", ())]
    return keys + [each["Prefix"] for each in found.get("CommonPrefixes", ())]


@pytest.mark.parametrize("marker", MARKERS)
def test_a_listing_goes_on_where_it_was_judged(
    make_user: MakeUser, homes: str, marker: str
) -> None:
    allow = {"Effect": "Allow", "Action": "s3:ListBucket*", "Resource": f"arn:aws:s3:::{homes}"}
    own = {"StringLike": {"s3:prefix": ["home/ada/*"]}}
    root = {"StringEquals": {"s3:prefix": "", "s3:delimiter": "/"}}
    client = make_user({**allow, "Condition": own}, {**allow, "Condition": root}).s3
    assert code(partial(client.list_objects_v2, Bucket=homes, Prefix="home/bob/")) == "AccessDenied"
    ways: tuple[tuple[str, str], ...] = (
        ("list_objects_v2", "StartAfter"),
        ("list_objects_v2", "ContinuationToken"),
        ("list_objects", "Marker"),
        ("list_object_versions", "KeyMarker"),
    )
    for call, member in ways:
        given = {"Bucket": homes, member: marker}
        for under in ({"Prefix": "home/ada/"}, {"Prefix": "home/ada/", "Delimiter": "/"}):
            keys = listed(lambda: getattr(client, call)(**given, **under))  # noqa: B023
            assert all(key.startswith("home/ada/") for key in keys), (call, keys)
        top = listed(lambda: getattr(client, call)(**given, Prefix="", Delimiter="/"))  # noqa: B023
        assert set(top) <= {"home/", "zoo/"}, (call, top)


def test_pages_of_a_listing(server: LiveServer, homes: str) -> None:
    s3: Any = server.s3()
    for call in ("list_objects_v2", "list_objects"):
        for given, expected in (
            ({}, sorted(KEYS)),
            ({"Prefix": "home/"}, sorted(KEYS)[:4]),
            ({"Prefix": "home/a"}, sorted(KEYS)[:2]),
            ({"Prefix": "home/", "Delimiter": "/"}, ["home/ada/", "home/bob/"]),
            ({"Prefix": "ho", "Delimiter": "/"}, ["home/"]),
            ({"Delimiter": "/"}, ["home/", "zoo/"]),
        ):
            pages = s3.get_paginator(call).paginate(
                Bucket=homes, PaginationConfig={"PageSize": 1}, **given
            )
            keys = [key for page in pages for key in listed(lambda: page)]  # noqa: B023
            assert keys == expected, (call, given)
    assert "Contents" not in s3.list_objects_v2(
        Bucket=homes, Prefix="home/ada/", StartAfter="home/b"
    )
    began = s3.list_objects_v2(Bucket=homes, Prefix="home/ada/", StartAfter="a")
    assert [each["Key"] for each in began["Contents"]] == sorted(KEYS)[:2]


CHUNKED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
SMUGGLED = "\nGET /homes/zoo/secret HTTP/1.1\nHost: store\n\n"


@pytest.mark.parametrize("name", ["crc32", "crc32c", "crc64nvme", "sha256"])
@pytest.mark.parametrize("value", ["", "AAAA", f"AAAAAA=={SMUGGLED}", "A" * 400])
def test_a_trailer_is_a_checksum_and_nothing_after_it(
    server: LiveServer, make_user: MakeUser, homes: str, name: str, value: str
) -> None:
    trailer = f"x-amz-checksum-{name}"
    body = f"4\r\ndata\r\n0\r\n{trailer}:{value}\r\n\r\n".encode()
    headers = {
        "X-Amz-Content-SHA256": CHUNKED,
        "X-Amz-Decoded-Content-Length": "4",
        "X-Amz-Trailer": trailer,
        "Content-Encoding": "aws-chunked",
    }
    status, content = send(server, make_user(ALLOW_ALL), "PUT", f"/{homes}/n", body, headers)
    assert status == 400, content
    assert code(lambda: server.s3().head_object(Bucket=homes, Key="n")) == "404"


@pytest.mark.parametrize("size", [b"0x4", b"+4", b"4 ", b"0_4", b"-4", b"4" * 13])
def test_a_size_of_a_chunk_is_a_number(
    server: LiveServer, make_user: MakeUser, homes: str, size: bytes
) -> None:
    headers = {"X-Amz-Content-SHA256": CHUNKED, "X-Amz-Decoded-Content-Length": "4"}
    body = size + b"\r\ndata\r\n0\r\n\r\n"
    user = make_user(ALLOW_ALL)
    assert send(server, user, "PUT", f"/{homes}/n", body, headers)[0] == 400


def put_by_link(
    server: LiveServer, user: User, target: str, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    request = AWSRequest("PUT", f"http://127.0.0.1:{server.s3_port}{target}")
    S3SigV4QueryAuth(Credentials(user.key_id, user.secret), "s3", "us-east-1").add_auth(request)
    path = "/" + str(request.url).partition("://")[2].partition("/")[2]
    connection = http.client.HTTPConnection("127.0.0.1", server.s3_port, timeout=60)
    connection.request("PUT", path, b"data", headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_headers_in_a_link_count(server: LiveServer, make_user: MakeUser, homes: str) -> None:
    admin, user = server.s3(), make_user(ALLOW_ALL)
    target = "/homes/linked?x-amz-meta-name=Zo%C3%AB&x-amz-tagging=team%3Dred"
    assert put_by_link(server, user, target)[0] == 200
    assert admin.head_object(Bucket=homes, Key="linked")["Metadata"]["name"]
    tags = admin.get_object_tagging(Bucket=homes, Key="linked")["TagSet"]
    assert tags == [{"Key": "team", "Value": "red"}]
    narrow = make_user(ALLOW_ALL, deny(StringEquals={"s3:RequestObjectTag/team": "red"}))
    assert put_by_link(server, narrow, target)[0] == 403
    blind = make_user(ALLOW_ALL, {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"})
    copying = "/homes/copied?x-amz-copy-source=%2Fhomes%2Fzoo%2Fsecret"
    assert put_by_link(server, blind, copying)[0] == 403
    public = put_by_link(server, user, "/homes/n?X-Amz-Acl=public-read")
    assert b"AccessControlListNotSupported" in public[1]
    split = "/homes/n?x-amz-meta-a=b%0d%0ax-amz-copy-source:%20/homes/zoo/secret"
    assert put_by_link(server, user, split)[0] == 400
    other = put_by_link(server, user, "/homes/n?x-amz-meta-a=b", {"x-amz-meta-a": "c"})
    assert other[0] == 403  # a header that is not signed


@pytest.mark.parametrize("odd", ["../../zoo", "v%2f..%2f..%2fzoo", "a%00b", "a%5cb"])
def test_ids_are_no_paths(server: LiveServer, make_user: MakeUser, homes: str, odd: str) -> None:
    user = make_user(ALLOW_ALL)
    upload = server.s3().create_multipart_upload(Bucket=homes, Key="n")["UploadId"]
    version = send(server, user, "GET", f"/{homes}/home/ada/a?versionId={odd}")
    assert version[0] == 400
    part = send(server, user, "PUT", f"/{homes}/n?partNumber=1&uploadId={upload}{odd}", b"x")
    assert part[0] == 404
    source = {"x-amz-copy-source": f"/{homes}/home/ada/a?versionId={odd}"}
    assert send(server, user, "PUT", f"/{homes}/n", b"", source)[0] == 400


def test_a_lock_is_bypassed_by_a_right(server: LiveServer, make_user: MakeUser, homes: str) -> None:
    bypass = {"Effect": "Deny", "Action": "s3:BypassGovernanceRetention", "Resource": "*"}
    user = make_user(ALLOW_ALL, bypass)
    headers = {"x-amz-bypass-governance-retention": "true"}
    for method, query in (("PUT", ""), ("DELETE", ""), ("PUT", "?retention=")):
        assert send(server, user, method, f"/{homes}/n{query}", b"", headers)[0] == 403


def test_headers_say_nothing_of_a_lock_that_a_document_sets(
    server: LiveServer, make_user: MakeUser, homes: str
) -> None:
    held = {"StringEquals": {"s3:object-lock-legal-hold": "ON"}}
    allow = {"Effect": "Allow", "Action": "s3:PutObjectLegalHold", "Resource": "*"}
    user, headers = make_user({**allow, "Condition": held}), {"x-amz-object-lock-legal-hold": "ON"}
    path = f"/{homes}/home/ada/a?legal-hold="
    assert send(server, user, "PUT", path, b"<LegalHold/>", headers)[0] == 403


def test_nothing_is_added_to_a_link_of_version_2(
    server: LiveServer, make_user: MakeUser, homes: str
) -> None:
    client = presigning(server, make_user(ALLOW_ALL), "s3")
    place: Any = {"Bucket": homes, "Key": "two"}
    link = client.generate_presigned_url("put_object", Params={**place, "Tagging": "a=b"})
    for added in (
        "X-Amz-Copy-Source=%2Fhomes%2Fzoo%2Fsecret",
        "X-AMZ-meta-a=b&X-Amz-Signature=0",
        "X-Amz-Object-Lock-Mode=COMPLIANCE",
    ):
        assert httpx2.put(f"{link}&{added}", content=b"data").status_code == 200
    found = server.s3().get_object(**place)
    assert (found["Body"].read(), found["Metadata"]) == (b"data", {})
    (tag,) = server.s3().get_object_tagging(**place)["TagSet"]
    assert tag == {"Key": "a", "Value": "b"}
    for added in ("x-amz-copy-source=%2Fhomes%2Fzoo%2Fsecret", "x-amz-meta-a=b"):
        assert httpx2.put(f"{link}&{added}", content=b"data").status_code == 403
