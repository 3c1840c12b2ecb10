"""Where a request names its bucket and key."""

from __future__ import annotations

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.address import Hosts, find_address

HOSTS = Hosts(["localhost", "s3.example.com"])


@pytest.mark.parametrize(
    ("host", "path", "bucket", "key"),
    [
        ("localhost:7401", "/b/k", "b", "k"),
        ("b.localhost:7401", "/k/l", "b", "k/l"),
        ("B.LocalHost", "/k", "b", "k"),
        ("b.c.localhost", "/", "b.c", ""),
        ("b.s3.example.com", "/k", "b", "k"),
        ("b.s3.example.com:443", "/c/k", "b", "c/k"),
        ("s3.example.com", "/b/k", "b", "k"),
        ("bs3.example.com", "/b/k", "b", "k"),
        ("b.s3.example.com.evil.test", "/c/k", "c", "k"),
        ("b.example.com", "/c/k", "c", "k"),
        ("[::1]:7401", "/b/k", "b", "k"),
        ("", "/b/k%20%2B", "b", "k +"),
        ("localhost", "/", "", ""),
    ],
)
def test_a_bucket_is_in_the_host_or_in_the_path(
    host: str, path: str, bucket: str, key: str
) -> None:
    found = find_address(host, path, HOSTS)
    assert (found.bucket, found.key) == (bucket, key)


@pytest.mark.parametrize(
    "path",
    [
        "/b//k",
        "/b/a/../k",
        "/b/a%2F..%2Fk",
        "/b/%5Ck",
        "/b/k%00",
        "/b/.uploads/x",
        "/b/k.versions/v",
    ],
)
def test_keys_that_the_store_cannot_tell_apart(path: str) -> None:
    for host, sent in (("localhost", path), ("b.localhost", path.removeprefix("/b"))):
        with pytest.raises(S3Error) as refused:
            find_address(host, sent, HOSTS)
        assert refused.value.code == "InvalidArgument"


def test_a_key_is_utf_8() -> None:
    with pytest.raises(S3Error) as refused:
        find_address("localhost", "/b/%FF", HOSTS)
    assert refused.value.code == "InvalidURI"
