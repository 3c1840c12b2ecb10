"""Links of version 2, signed by botocore."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.route import read_query
from lensmith.gateway.http.proxies import Client
from lensmith.gateway.http.request import NO_BODY, Request
from lensmith.gateway.signature.version2 import check_presigned

SECRET = "secret"
CHECKSUM, TAGGING = "x-amz-checksum-crc32", "x-amz-tagging"


def check(query: str) -> None:
    request = Request("PUT", "/b/k", query, {}, NO_BODY, Client("127.0.0.1", False), "1")
    check_presigned(request, read_query(query), "", SECRET)


@pytest.fixture(name="link")
def link_fixture() -> str:
    """The query of a link that tags what is uploaded."""
    request = AWSRequest("PUT", "http://s3/b/k", {CHECKSUM: "AAAAAA==", TAGGING: "a=b"})
    HmacV1QueryAuth(Credentials("AKIA", SECRET)).add_auth(request)
    return urlsplit(str(request.url)).query


def test_what_was_signed(link: str) -> None:
    assert f"{TAGGING}=a%3Db" in link
    check(link)
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        check(link.replace("a%3Db", "a%3Dc"))


@pytest.mark.parametrize(
    "merged",
    [
        f"{CHECKSUM}={quote(f'AAAAAA=={chr(10)}{TAGGING}:a=b')}",
        f"{quote(f'{CHECKSUM}:AAAAAA=={chr(10)}{TAGGING}')}=a%3Db",
    ],
)
def test_a_header_does_not_hide_in_another(link: str, merged: str) -> None:
    kept = [part for part in link.split("&") if not part.startswith("x-amz-")]
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        check("&".join([*kept, merged]))
