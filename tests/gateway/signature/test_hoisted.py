"""Headers in the query of a link."""

from __future__ import annotations

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.signature.hoisted import hoisted_headers, take_hoisted

SIGNED = {"X-Amz-Signature": "0", "X-Amz-Date": "0", "X-Amz-Security-Token": "0"}


def test_what_counts() -> None:
    given = {
        "X-Amz-Tagging": "team=red",
        "x-amz-meta-name": "Zo\u00eb",
        "x-amz-checksum-crc32": "AAAAAA==",
        "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
        "versionId": "1",
    }
    assert hoisted_headers(given) == {}  # nothing has signed them
    assert hoisted_headers({**SIGNED, **given}) == {
        "x-amz-tagging": "team=red",
        "x-amz-meta-name": "Zo\u00eb".encode().decode("latin-1"),
    }


@pytest.mark.parametrize("more", [{}, {"X-Amz-Signature": "0"}])
def test_version_2_signs_what_is_in_lower_case(more: dict[str, str]) -> None:
    link = {"AWSAccessKeyId": "A", "Signature": "s", "Expires": "1", **more}
    added = {"X-Amz-Copy-Source": "/v/s", "x-Amz-acl": "public-read"}
    assert hoisted_headers({**link, **added}) == {}
    assert hoisted_headers({**link, **added, "x-amz-acl": "private"}) == {"x-amz-acl": "private"}


@pytest.mark.parametrize(
    "given",
    [
        {"x-amz-meta-a": "b\r\nx-amz-copy-source: /v/s"},
        {"x-amz-meta-a": "b\n"},
        {"x-amz-meta-a": "\0"},
        {"x-amz-meta-a b": "c"},
        {"x-amz-meta-a\r\nb": "c"},
        {"x-amz-acl": "private", "X-Amz-Acl": "public-read"},
    ],
)
def test_what_is_no_header(given: dict[str, str]) -> None:
    with pytest.raises(S3Error, match="is no header"):
        hoisted_headers({**SIGNED, **given})


def test_a_header_says_what_was_signed() -> None:
    headers = {"x-amz-acl": "private"}
    take_hoisted(headers, {"x-amz-acl": "private", "x-amz-tagging": "a=b"})
    assert headers == {"x-amz-acl": "private", "x-amz-tagging": "a=b"}
    with pytest.raises(S3Error, match="not as it was signed"):
        take_hoisted(headers, {"x-amz-acl": "public-read"})
