"""Checksums of bodies; botocore computes those that are right."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.checksum import Checksums, trailer_length

BODY = b"what was sent"
RIGHT = {
    "x-amz-checksum-crc32": Crc32Checksum,
    "x-amz-checksum-sha1": Sha1Checksum,
    "x-amz-checksum-sha256": Sha256Checksum,
}


def right(name: str) -> str:
    made: Any = RIGHT[name]()
    text: str = made.handle(BODY)
    return text


def checked(headers: dict[str, str], trailers: dict[str, str] | None = None) -> None:
    checksums = Checksums(headers)
    checksums.update(BODY[:4])
    checksums.update(BODY[4:])
    checksums.check(trailers or {})


def code_of(call: Callable[[], None]) -> str:
    with pytest.raises(S3Error) as raised:
        call()
    return raised.value.code


@pytest.mark.parametrize("name", RIGHT)
def test_a_body_is_what_its_head_or_trailer_declares(name: str) -> None:
    checked({name: right(name)})
    checked({"x-amz-trailer": name.upper()}, {name: right(name)})
    other = base64.b64encode(base64.b64decode(right(name))[::-1]).decode()
    assert code_of(lambda: checked({name: other})) == "BadDigest"
    assert code_of(lambda: checked({"x-amz-trailer": name}, {name: other})) == "BadDigest"
    assert trailer_length(name) == len(other)


def test_the_digest_of_http() -> None:
    digest = base64.b64encode(hashlib.md5(BODY, usedforsecurity=False).digest()).decode()
    checked({"content-md5": digest})
    assert code_of(lambda: checked({"content-md5": "no base64!"})) == "InvalidDigest"
    assert code_of(lambda: checked({"content-md5": "AAAA"})) == "InvalidDigest"


def test_values_that_cannot_be_checksums() -> None:
    assert code_of(lambda: checked({"x-amz-checksum-sha1": "AAAA"})) == "BadDigest"
    trailer = {"x-amz-trailer": "x-amz-checksum-crc64nvme"}
    assert code_of(lambda: checked(trailer)) == "InvalidRequest"
    checked(trailer, {"x-amz-checksum-crc64nvme": "AAAAAAAAAAA="})  # the store computes it
    for odd in ("the store checks it", "AAAA", "AAAAAAAAAAA=\nx", "AAAAAAAAAAA= "):
        other = {"x-amz-checksum-crc64nvme": odd}
        assert code_of(lambda: checked(trailer, other)) == "BadDigest"  # noqa: B023
    assert trailer_length("x-amz-checksum-md6") is None
    assert trailer_length("etag") is None
