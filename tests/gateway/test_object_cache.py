"""Small objects come from memory under the head that the store gives at that moment, no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.gateway.before_a_store import LOOPS, head_of, request_for, run
from tests.gateway.conftest import User
from tests.support.live_server import LiveServer

from lensmith.gateway.object_cache import CachedObject, ObjectCache, ObjectCopy
from lensmith.wire.connections import Connections

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SMALL = bytes(range(256)) * 400
OTHER = SMALL[::-1]
DATE = "Last-Modified: Mon, 30 Nov 2026 08:00:00 GMT"


def named(body: bytes, *further: str) -> tuple[str, ...]:
    return (f'ETag: "{md5(body, usedforsecurity=False).hexdigest()}"', DATE, *further)


@dataclass
class ScriptedStore:
    """Answers GET and HEAD with one object, and notes which came."""

    body: bytes = SMALL
    lines: tuple[str, ...] = named(SMALL)
    asked: list[str] = field(default_factory=list)
    hangs_up: bool = False  # once, in place of an answer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readline():
            method = head.split()[0].decode()
            await reader.readuntil(b"\r\n\r\n")
            self.asked.append(method)
            if self.hangs_up:
                self.hangs_up = False
                return
            lines = "".join(f"{line}\r\n" for line in self.lines)
            length = f"Content-Length: {len(self.body)}\r\n"
            writer.write(f"HTTP/1.1 200 OK\r\n{lines}{length}\r\n".encode())
            if method == "GET":
                writer.write(self.body)
                await writer.drain()


Step = tuple[Callable[[ScriptedStore], None], list[str], bytes]


def change(**members: Any) -> Callable[[ScriptedStore], None]:
    def apply(store: ScriptedStore) -> None:
        for name, value in members.items():
            setattr(store, name, value)

    return apply


SAME = change()
# What happens to the store, which methods it is then asked, and what the client reads.
SCENARIOS: dict[str, list[Step]] = {
    "read again": [(SAME, ["GET"], SMALL), (SAME, ["HEAD"], SMALL), (SAME, ["HEAD"], SMALL)],
    "another body": [
        (SAME, ["GET"], SMALL),
        (change(body=OTHER, lines=named(OTHER)), ["HEAD", "GET"], OTHER),
        (SAME, ["HEAD"], OTHER),
    ],
    "another date": [
        (SAME, ["GET"], SMALL),
        (change(lines=(named(SMALL)[0], f"{DATE} ")), ["HEAD", "GET"], SMALL),
    ],
    "another version": [
        (change(lines=named(SMALL, "x-amz-version-id: 1")), ["GET"], SMALL),
        (change(lines=named(SMALL, "x-amz-version-id: 2")), ["HEAD", "GET"], SMALL),
    ],
    "another length": [
        (SAME, ["GET"], SMALL),
        (change(body=SMALL[:-1]), ["HEAD", "GET"], SMALL[:-1]),
    ],
    "an ETag that is not its MD5": [
        (change(lines=(f'ETag: "{"0" * 32}-2"', DATE)), ["GET"], SMALL),
        (SAME, ["GET"], SMALL),
    ],
    "no ETag": [(change(lines=(DATE,)), ["GET"], SMALL), (SAME, ["GET"], SMALL)],
    "encrypted": [
        (change(lines=named(SMALL, "x-amz-server-side-encryption: AES256")), ["GET"], SMALL),
        (SAME, ["GET"], SMALL),
    ],
    "encrypted since": [
        (SAME, ["GET"], SMALL),
        (
            change(lines=named(SMALL, "x-amz-server-side-encryption-customer-algorithm: AES256")),
            ["HEAD", "GET"],
            SMALL,
        ),
        (SAME, ["GET"], SMALL),
    ],
    "too large": [
        (change(body=SMALL * 11, lines=named(SMALL * 11)), ["GET"], SMALL * 11),
        (SAME, ["GET"], SMALL * 11),
    ],
}


# Between sockets, and by the steps of TLS and recorded reads.
WAYS: dict[str, tuple[str, ...]] = {"sockets": (), "recorded": ("objects",)}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_asks_the_store_at_each_read(loop: str, way: str, scenario: str) -> None:
    store = ScriptedStore()

    async def check(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Connections
    ) -> None:
        for happens, asked, expected in SCENARIOS[scenario]:
            happens(store)
            store.asked.clear()
            writer.write(request_for("/b/k"))
            head, length = await head_of(reader)
            assert head.startswith("HTTP/1.1 200 OK\r\n")
            assert all(line in head for line in store.lines)
            assert await reader.readexactly(length) == expected
            assert store.asked == asked

    run(loop, store.serve, check, data_events=WAYS[way])


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("way", WAYS)
def test_asks_again_where_the_store_hung_up(loop: str, way: str) -> None:
    store = ScriptedStore()

    async def check(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Connections
    ) -> None:
        for hangs_up in (False, True, False):
            store.hangs_up = hangs_up
            writer.write(request_for("/b/k"))
            _head, length = await head_of(reader)
            assert await reader.readexactly(length) == SMALL
        assert store.asked[-1] == "HEAD"
        assert len(store.asked) == 4

    run(loop, store.serve, check, data_events=WAYS[way])


@pytest.mark.parametrize("loop", LOOPS)
def test_parts_versions_and_conditions_are_the_stores(loop: str) -> None:
    store = ScriptedStore()
    asking = [
        request_for("/b/k", "Range: bytes=0-1"),
        request_for("/b/k", 'If-Match: "x"'),
        request_for("/b/k", "If-None-Match: *"),
        request_for("/b/k", "x-amz-server-side-encryption-customer-algorithm: AES256"),
        request_for("/b/k?versionId=1"),
        request_for("/b/k?partNumber=1"),
        request_for("/b/k?response-content-type=text/plain"),
    ]

    async def check(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Connections
    ) -> None:
        for request in [request_for("/b/k"), *asking]:
            writer.write(request)
            length = (await head_of(reader))[1]
            await reader.readexactly(length)
        assert store.asked == ["GET"] * (1 + len(asking))

    run(loop, store.serve, check)


@pytest.mark.parametrize("loop", LOOPS)
def test_a_slow_client_gets_all_of_it(loop: str) -> None:
    large = (SMALL * 11)[: 1 << 20]
    store = ScriptedStore(large, named(large))
    count = 24

    async def check(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _: Connections
    ) -> None:
        writer.write(request_for("/b/k") * count)
        await asyncio.sleep(0.2)
        for body in [large] * count:
            length = (await head_of(reader))[1]
            assert await reader.readexactly(length) == body
        assert store.asked == ["GET", *["HEAD"] * (count - 1)]

    run(loop, store.serve, check)


def fill(cache: ObjectCache, paths: list[str]) -> None:
    for path in paths:
        if cache.reserve(path, 8_000):
            cache.release(8_000)
            cache.keep(path, CachedObject((), bytes(8_000)))


def test_keeps_as_many_bytes_as_it_may() -> None:
    cache = ObjectCache(100_000)
    paths = [f"/b/{number}" for number in range(300)]
    fill(cache, paths)
    kept = [path for path in paths if cache.find(path) is not None]
    assert len(kept) == 11
    assert kept[0] != paths[0]  # some of the first went
    for path in kept:
        cache.forget(path)
    assert cache.reserve("/b/k", 20_000)
    assert not cache.reserve("/b/l", 20_000)  # beside the copy that is under way
    cache.release(20_000)
    assert cache.reserve("/b/l", 20_000)
    assert not ObjectCache(0).reserve("/b/k", 1)


def test_reading_many_objects_once_leaves_most_of_those_in_memory() -> None:
    cache = ObjectCache(100_000)
    paths = [f"/b/{number}" for number in range(10)]
    fill(cache, paths)
    fill(cache, [f"/scan/{number}" for number in range(64)])
    assert sum(cache.find(path) is not None for path in paths) >= 6


def test_a_copy_is_whole_and_as_its_etag_says() -> None:
    etag = md5(SMALL, usedforsecurity=False).hexdigest().encode()
    for pieces, length, expected in (
        ([SMALL[:9], SMALL[9:]], len(SMALL), SMALL),
        ([SMALL[:9]], len(SMALL), None),
        ([OTHER], len(OTHER), None),
    ):
        copy = ObjectCopy(length)
        for piece in pieces:
            copy.feed(memoryview(piece))
        assert copy.whole(etag) == expected


# With the real store.


@pytest.fixture(scope="module")
def inside(server: LiveServer) -> S3Client:
    """Write past the gateway, as the server itself does."""
    return server.store_s3()


def read(client: S3Client, bucket: str, key: str, **further: Any) -> tuple[bytes, dict[str, str]]:
    found = client.get_object(Bucket=bucket, Key=key, **further)
    headers = dict(found["ResponseMetadata"]["HTTPHeaders"])
    for name in ("date", "x-amz-request-id"):
        headers.pop(name, None)
    return found["Body"].read(), headers


def test_heads_are_those_of_a_first_read(s3: S3Client, bucket: str) -> None:
    attributes: list[dict[str, Any]] = [
        {},
        {"ContentType": "image/png", "Metadata": {"a": "1  2"}, "CacheControl": "no-store"},
        {"Tagging": "a=1&b=2", "ContentDisposition": 'attachment; filename="x"'},
        {"ChecksumAlgorithm": "SHA256", "ContentEncoding": "gzip", "ContentLanguage": "de"},
        {"ServerSideEncryption": "AES256"},
    ]
    for versioned in (False, True):
        if versioned:
            enabled: Any = {"Status": "Enabled"}
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
        for number, given in enumerate(attributes):
            key = f"{versioned}/{number}"
            s3.put_object(Bucket=bucket, Key=key, Body=SMALL, **given)
            first = read(s3, bucket, key)
            assert first[0] == SMALL
            assert [read(s3, bucket, key) for _ in range(2)] == [first] * 2


def test_sees_each_change_at_once(s3: S3Client, inside: S3Client, bucket: str) -> None:
    for writer in (s3, inside):
        s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
        assert [read(s3, bucket, "k")[0] for _ in range(3)] == [SMALL] * 3
        for body in (OTHER, SMALL, b"", SMALL):
            writer.put_object(Bucket=bucket, Key="k", Body=body)
            assert [read(s3, bucket, "k")[0] for _ in range(2)] == [body] * 2
        writer.put_object(Bucket=bucket, Key="k", Body=SMALL, Metadata={"m": "1"})
        assert read(s3, bucket, "k")[1]["x-amz-meta-m"] == "1"
        writer.put_object_tagging(
            Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]}
        )
        assert read(s3, bucket, "k")[1]["x-amz-tagging-count"] == "1"
        assert read(s3, bucket, "k", Range="bytes=1-3")[0] == SMALL[1:4]
        writer.delete_object(Bucket=bucket, Key="k")
        with pytest.raises(ClientError, match="NoSuchKey"):
            read(s3, bucket, "k")


def test_knows_versions_apart(s3: S3Client, inside: S3Client, bucket: str) -> None:
    enabled: Any = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=enabled)
    versions = [
        inside.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (SMALL, OTHER)
    ]
    for _ in range(2):
        assert read(s3, bucket, "k")[0] == OTHER
        assert read(s3, bucket, "k", VersionId=versions[0])[0] == SMALL
    inside.delete_object(Bucket=bucket, Key="k", VersionId=versions[1])
    assert [read(s3, bucket, "k")[0] for _ in range(2)] == [SMALL] * 2
    inside.delete_object(Bucket=bucket, Key="k")
    with pytest.raises(ClientError, match="NoSuchKey"):
        read(s3, bucket, "k")


def test_memory_gives_no_rights(
    s3: S3Client, bucket: str, make_user: Callable[..., User], stranger: User
) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=SMALL)
    assert [read(s3, bucket, "k")[0] for _ in range(2)] == [SMALL] * 2
    for user in (stranger, make_user({"Effect": "Allow", "Action": "s3:Put*", "Resource": "*"})):
        with pytest.raises(ClientError, match="AccessDenied"):
            read(user.s3, bucket, "k")
    reader = make_user({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    assert [read(reader.s3, bucket, "k")[0] for _ in range(2)] == [SMALL] * 2
    denied = {
        "Effect": "Deny",
        "Principal": {"AWS": reader.arn},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    with pytest.raises(ClientError, match="AccessDenied"):
        read(reader.s3, bucket, "k")
