"""Which signatures a request may claim to have, and when they hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.proxies import Client
from lensmith.gateway.http.request import NO_BODY, Request
from lensmith.gateway.signature.claim import Claim, Scope, check_scope, check_time, read_claim

STAMP = "20260102T030405Z"
SIGNED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CREDENTIAL = "AKIA/20260102/us-east-1/s3/aws4_request"
SIGNED = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=Host;x-amz-date, Signature=0a"
QUERY = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": CREDENTIAL,
    "X-Amz-Date": STAMP,
    "X-Amz-Expires": "60",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "0a",
}


def read(headers: dict[str, str], query: dict[str, str] | None = None) -> Claim | None:
    request = Request("GET", "/farm", "", headers, NO_BODY, Client("127.0.0.1", False), "1")
    return read_claim(request, query or {})


def refused(headers: dict[str, str], query: dict[str, str] | None = None) -> str:
    with pytest.raises(S3Error) as raised:
        read(headers, query)
    return raised.value.code


def test_a_claim_in_the_header() -> None:
    claim = read({"authorization": SIGNED, "x-amz-date": STAMP, "x-amz-security-token": "t"})
    assert claim == Claim(
        Scope("AKIA", "20260102", "us-east-1", "s3"), ("host", "x-amz-date"), "0a", STAMP, "t"
    )
    assert not claim.is_presigned
    assert "0a" not in repr(claim)
    assert read({}) is None


def test_the_date_of_http_counts_where_there_is_no_other() -> None:
    claim = read({"authorization": SIGNED, "date": "Fri, 02 Jan 2026 04:04:05 +0100"})
    assert claim is not None
    assert claim.stamp == STAMP


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": "AWS AKIA:0a"}, "InvalidRequest"),
        ({"authorization": "Bearer 0a"}, "InvalidArgument"),
        ({"authorization": "AWS4-HMAC-SHA256 Signature=0a"}, "AuthorizationHeaderMalformed"),
        ({"authorization": SIGNED.replace("/s3/", "/")}, "AuthorizationHeaderMalformed"),
        ({"authorization": SIGNED}, "AccessDenied"),
        ({"authorization": SIGNED, "date": "today"}, "AccessDenied"),
        ({"authorization": SIGNED, "x-amz-date": "20261302T030405Z"}, "AccessDenied"),
    ],
)
def test_headers_that_claim_nothing(headers: dict[str, str], code: str) -> None:
    assert refused(headers) == code


def test_a_claim_in_the_query() -> None:
    claim = read({}, {**QUERY, "X-Amz-Security-Token": "t"})
    assert claim is not None
    assert (claim.is_presigned, claim.expires, claim.token) == (True, 60, "t")
    assert refused({"authorization": SIGNED}, QUERY) == "InvalidArgument"


@pytest.mark.parametrize(
    "changed",
    [
        {"X-Amz-Signature": ""},
        {"X-Amz-Algorithm": "AWS4-HMAC-SHA1"},
        {"X-Amz-Date": "20260102"},
        {"X-Amz-Expires": "-1"},
        {"X-Amz-Expires": "604801"},
        {"X-Amz-Credential": "AKIA"},
    ],
)
def test_a_query_that_claims_nothing(changed: dict[str, str]) -> None:
    assert refused({}, {**QUERY, **changed}) == "AuthorizationQueryParametersError"


@pytest.mark.parametrize(
    ("expires", "after", "code"),
    [
        (None, -901, "RequestTimeTooSkewed"),
        (None, 899, None),
        (None, 901, "RequestTimeTooSkewed"),
        (60, -901, "AccessDenied"),
        (60, 59, None),
        (60, 61, "AccessDenied"),
    ],
)
def test_a_claim_holds_for_its_time(expires: int | None, after: int, code: str | None) -> None:
    scope = Scope.parse(CREDENTIAL)
    claim = Claim(scope, ("host",), "0a", STAMP, None, expires)
    found = None
    try:
        check_time(claim, SIGNED_AT + timedelta(seconds=after))
    except S3Error as error:
        found = error.code
    assert found == code


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        (Scope("AKIA", "20260102", "us-east-1", "iam"), "expecting 's3'"),
        (Scope("AKIA", "20260102", "mars-1", "s3"), "serves us-east-1"),
        (Scope("AKIA", "20260103", "us-east-1", "s3"), "is not that of"),
    ],
)
def test_a_credential_for_something_else(scope: Scope, told: str) -> None:
    with pytest.raises(S3Error, match=told):
        check_scope(scope, STAMP, ("us-east-1",), "AuthorizationHeaderMalformed")
    check_scope(Scope.parse(CREDENTIAL), STAMP, ("us-east-1",), "AuthorizationHeaderMalformed")
