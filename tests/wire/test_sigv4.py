from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256

import hypothesis.strategies as st
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given

from lensmith.domain.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)
from lensmith.wire.sigv4 import (
    Signature,
    SignedRequest,
    check_scope,
    check_signature,
    check_time,
    expected_by_botocore,
    expected_of_plain,
    read_signature,
)

KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
HEADERS = {
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "RekognitionService.DescribeProjects",
    "User-Agent": "test",
    "Host": "localhost:7400",
}


def signed(
    body: bytes = b"{}",
    headers: dict[str, str] = HEADERS,
    token: str | None = None,
    url: str = "http://localhost:7400/",
) -> SignedRequest:
    """A request as botocore signs it."""
    request = AWSRequest("POST", url, headers, data=body)
    SigV4Auth(Credentials(KEY, SECRET, token), "rekognition", "us-east-1").add_auth(request)
    return received(request, body)


def received(request: AWSRequest, body: bytes, path: str = "/", query: str = "") -> SignedRequest:
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    return SignedRequest("POST", path, query, headers, body)


def changed(request: SignedRequest, **headers: str | None) -> SignedRequest:
    """The request with headers replaced; None takes one away."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = [(name, value) for name, value in request.headers if name not in given]
    added = [(name, value) for name, value in given.items() if value is not None]
    return SignedRequest(request.method, request.path, request.query, kept + added, request.body)


def verify(request: SignedRequest, secret: str = SECRET) -> Signature:
    signature = read_signature(request)
    check_scope(signature, ("us-east-1",), "rekognition")
    check_time(signature, datetime.now(UTC))
    check_signature(signature, request, secret)
    assert signature.access_key_id == KEY
    return signature


def authorization(request: SignedRequest) -> str:
    return request.header("authorization") or ""


def test_accepts_what_botocore_signs() -> None:
    signature = verify(signed())
    assert signature.access_key_id == KEY
    assert signature.session_token is None
    assert SECRET not in repr(signature)


def test_accepts_the_published_example() -> None:
    """get-vanilla of AWS's public SigV4 test suite: neither botocore's nor our computation."""
    value = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    request = SignedRequest(
        "GET",
        "/",
        "",
        [
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            (
                "authorization",
                f"AWS4-HMAC-SHA256 Credential={KEY}/20150830/us-east-1/service/aws4_request, "
                f"SignedHeaders=host;x-amz-date, Signature={value}",
            ),
        ],
        b"",
    )
    signature = read_signature(request)
    check_scope(signature, ("us-east-1",), "service")
    check_signature(signature, request, SECRET)
    with pytest.raises(InvalidSignatureException):
        check_signature(signature, changed(request, host="example.com"), SECRET)


def test_reads_the_session_token() -> None:
    request = signed(token="session/token==")
    assert verify(request).session_token == "session/token=="
    with pytest.raises(InvalidSignatureException):
        verify(changed(request, x_amz_security_token="another"))


def test_accepts_other_ways_to_write_the_header() -> None:
    request = signed()
    compact = authorization(request).replace(", ", ",")
    verify(changed(request, authorization=compact))
    algorithm, _, rest = authorization(request).partition(" ")
    backwards = ",  ".join(reversed(rest.split(", ")))
    verify(changed(request, authorization=f"{algorithm} {backwards}"))
    verify(changed(request, content_type="  application/x-amz-json-1.1  "))


def test_accepts_signed_headers_in_any_order() -> None:
    request = signed()
    names = "content-type;host;x-amz-date;x-amz-target"
    mixed = authorization(request).replace(names, "X-Amz-Target;host;content-type;x-amz-date")
    assert mixed != authorization(request)
    verify(changed(request, authorization=mixed))


def test_headers_that_were_not_signed_may_change() -> None:
    verify(changed(signed(), user_agent="a proxy", x_forwarded_for="10.0.0.1"))


def test_accepts_a_date_header_alone() -> None:
    request = signed(headers={**HEADERS, "Date": format_datetime(datetime.now(UTC), usegmt=True)})
    assert request.header("x-amz-date") is None
    verify(request)


def test_accepts_the_declared_hash_of_the_body_only() -> None:
    body_hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    request = signed(headers={**HEADERS, "X-Amz-Content-SHA256": body_hash})
    verify(request)
    other = SignedRequest("POST", "/", "", request.headers, b'{"MaxResults":1}')
    with pytest.raises(InvalidSignatureException, match="hash of the body"):
        verify(other)
    unsigned = signed(headers={**HEADERS, "X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    with pytest.raises(InvalidSignatureException, match="hash of the body"):
        verify(unsigned)


def test_a_hash_that_was_computed_on_the_way_stands_for_the_body() -> None:
    request = signed()
    verify(replace(request, body_sha256=sha256(request.body).hexdigest()))
    with pytest.raises(InvalidSignatureException):
        verify(replace(request, body_sha256=sha256(b"other").hexdigest()))


def test_the_query_is_part_of_what_is_signed() -> None:
    request = signed(url="http://localhost:7400/_lensmith/x?b=2&a=1%20")
    there = SignedRequest("POST", "/_lensmith/x", "b=2&a=1%20", request.headers, request.body)
    verify(there)
    with pytest.raises(InvalidSignatureException):
        verify(request)


@pytest.mark.parametrize(
    "change",
    [
        {"x_amz_target": "RekognitionService.DeleteProject"},
        {"host": "localhost:7401"},
        {"host": None},
        {"content_type": "text/plain"},
    ],
)
def test_a_changed_request_is_refused(change: dict[str, str | None]) -> None:
    with pytest.raises(InvalidSignatureException, match="does not match"):
        verify(changed(signed(), **change))


def test_a_changed_body_or_secret_is_refused() -> None:
    request = signed()
    with pytest.raises(InvalidSignatureException, match="does not match"):
        verify(SignedRequest("POST", "/", "", request.headers, b"{} "))
    with pytest.raises(InvalidSignatureException, match="does not match"):
        verify(request, "another secret")


@pytest.mark.parametrize("name", ["host", "x-amz-target"])
def test_what_decides_the_call_must_be_signed(name: str) -> None:
    request = signed()
    without = authorization(request).replace(f"{name};", "").replace(f";{name},", ",")
    with pytest.raises(InvalidSignatureException, match=f"'{name}' must be one"):
        verify(changed(request, authorization=without))


@pytest.mark.parametrize("value", [None, ""])
def test_an_unsigned_request_is_refused(value: str | None) -> None:
    with pytest.raises(MissingAuthenticationTokenException):
        verify(changed(signed(), authorization=value))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "AWS4-HMAC-SHA256"),
        ("AWS4-HMAC-SHA256 ", "Bearer ", "AWS4-HMAC-SHA256"),
        ("Credential=", "Kredential=", "Credential"),
        ("SignedHeaders=", "Headers=", "SignedHeaders"),
        ("Signature=", "Sig=", "Signature"),
        ("/aws4_request", "/aws3_request", "Credential"),
        ("/us-east-1", "", "Credential"),
        (KEY, "", "Credential"),
    ],
)
def test_a_malformed_header_is_named(old: str, new: str, named: str) -> None:
    request = signed()
    broken = authorization(request).replace(old, new)
    with pytest.raises(IncompleteSignatureException, match=named):
        verify(changed(request, authorization=broken))


@pytest.mark.parametrize("date", [None, "", "yesterday", "2026-11-23T00:00:00Z"])
def test_a_bad_date_is_named(date: str | None) -> None:
    with pytest.raises(IncompleteSignatureException, match="Date"):
        verify(changed(signed(), x_amz_date=date))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("/rekognition/", "/s3/", "correct service"),
        ("/us-east-1/", "/eu-west-1/", "valid region"),
        (f"{KEY}/2", f"{KEY}/1", "Date in Credential scope"),
    ],
)
def test_another_scope_is_named(old: str, new: str, named: str) -> None:
    request = signed()
    other = authorization(request).replace(old, new)
    with pytest.raises(InvalidSignatureException, match=named):
        verify(changed(request, authorization=other))


@pytest.mark.parametrize(("minutes", "fits"), [(-16, False), (-14, True), (14, True), (16, False)])
def test_the_clock_may_be_fifteen_minutes_off(minutes: int, fits: bool) -> None:
    signature = read_signature(signed())
    now = signature.signed_at + timedelta(minutes=minutes)
    if fits:
        check_time(signature, now)
    else:
        with pytest.raises(InvalidSignatureException, match="Signature"):
            check_time(signature, now)


_NAMES = st.sampled_from(["host", "x-amz-date", "x-amz-target", "user-agent", "x-amz-a", "x"])
_VALUES = st.text(st.characters(max_codepoint=0xFF), max_size=12)


@given(
    st.lists(st.tuples(_NAMES, _VALUES), max_size=10),
    st.sets(_NAMES, min_size=1),
    st.binary(max_size=20),
    st.booleans(),
)
def test_of_a_plain_path_the_signature_is_botocores(
    headers: list[tuple[str, str]], chosen: set[str], body: bytes, is_hashed: bool
) -> None:
    digest = sha256(body).hexdigest()
    request = SignedRequest("POST", "/", "", headers, body, digest if is_hashed else None)
    claimed = replace(read_signature(signed()), signed_headers=tuple(sorted(chosen)))
    asked = claimed, request, SECRET
    assert expected_of_plain(*asked) == expected_by_botocore(*asked)
