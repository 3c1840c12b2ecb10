"""Verifies AWS Signature Version 4 in its header form (api.md 1.2).

The signature is recomputed over the headers that the client says it signed; the caller of this
module finds the key. Of `/` without a query, where nearly every call goes, it is computed here, as
a property test compares with botocore's; of all else with botocore's own signer. That relies on
internals of botocore 1.44 (auth.py), pinned for that: `SigV4Auth._sign` (239), `headers_to_sign`
(246) and what `canonical_request`, `string_to_sign`, `payload` and `signature` read of a request
(262-429).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.credentials import Credentials

from lensmith.domain.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
_PARAMETER = re.compile(r"\s*(Credential|SignedHeaders|Signature)\s*=\s*([^,\s]*)\s*", re.ASCII)
_BASIC_TIME = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_MUST_BE_SIGNED = ("host", "x-amz-target")
_CACHED_KEYS = 256  # whose secrets stay in memory, also of deleted ones; few, for that


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """An HTTP request as received."""

    method: str
    path: str  # decoded
    query: str  # as sent
    headers: Sequence[tuple[str, str]]  # names in lower case, in the order received
    body: bytes = field(repr=False)
    body_sha256: str | None = None  # in hex; None when it is yet to be computed
    _first: Mapping[str, str] = field(init=False, repr=False, compare=False)  # value of each name

    def __post_init__(self) -> None:
        object.__setattr__(self, "_first", dict(reversed(self.headers)))

    def header(self, name: str) -> str | None:
        """Return the first value of a header; `name` in lower case."""
        return self._first.get(name)


@dataclass(frozen=True, slots=True)
class Signature:
    """The client's claim: which key signed which headers, when and for which service."""

    access_key_id: str
    scope_date: str  # yyyymmdd
    region: str
    service: str
    signed_headers: tuple[str, ...]
    value: str = field(repr=False)  # lower-case hex
    signed_at: datetime  # UTC
    timestamp: str  # `signed_at` as it is signed, yyyymmddThhmmssZ
    session_token: str | None = field(repr=False)


def read_signature(request: SignedRequest) -> Signature:
    """Parse the Authorization header and the time of signing.

    Raises MissingAuthenticationTokenException when there is no Authorization header and
    IncompleteSignatureException when a part is missing or malformed.
    """
    authorization = request.header("authorization")
    if not authorization:
        raise MissingAuthenticationTokenException
    parameters = _parameters(authorization)
    credential = parameters["Credential"].rsplit("/", 4)
    if len(credential) != 5 or credential[4] != "aws4_request" or not credential[0]:
        raise IncompleteSignatureException(
            "Credential must have the form "
            "<access key id>/<yyyymmdd>/<region>/<service>/aws4_request."
        )
    access_key_id, scope_date, region, service, _ = credential
    signed_at, timestamp = _time_of_signing(request)
    return Signature(
        access_key_id=access_key_id,
        scope_date=scope_date,
        region=region,
        service=service,
        signed_headers=tuple(sorted(parameters["SignedHeaders"].lower().split(";"))),
        value=parameters["Signature"],
        signed_at=signed_at,
        timestamp=timestamp,
        session_token=request.header("x-amz-security-token"),
    )


def check_scope(signature: Signature, regions: Collection[str], service: str) -> None:
    """Raise InvalidSignatureException unless the signature is for this service and a region."""
    if signature.service != service:
        raise InvalidSignatureException(
            f"Credential should be scoped to correct service: '{service}'."
        )
    if signature.region not in regions:
        raise InvalidSignatureException(
            f"Credential should be scoped to a valid region, not '{signature.region[:64]}'. "
            f"This server serves {', '.join(regions)}."
        )
    if signature.scope_date != signature.timestamp[:8]:
        raise InvalidSignatureException(
            "Date in Credential scope does not match YYYYMMDD of the date of the request."
        )


def check_time(signature: Signature, now: datetime) -> None:
    """Raise InvalidSignatureException when the signature is over 15 minutes off."""
    off = signature.signed_at - now
    if -SKEW <= off <= SKEW:
        return
    present = now.strftime(SIGV4_TIMESTAMP)
    if off < -SKEW:
        raise InvalidSignatureException(
            f"Signature expired: {signature.timestamp} is now earlier than {present} - 15 min."
        )
    raise InvalidSignatureException(
        f"Signature not yet current: {signature.timestamp} is still later than {present} + 15 min."
    )


def check_signature(signature: Signature, request: SignedRequest, secret_access_key: str) -> None:
    """Raise InvalidSignatureException unless the key's secret signed exactly this request."""
    for name in _MUST_BE_SIGNED:
        if name not in signature.signed_headers and request.header(name) is not None:
            raise InvalidSignatureException(f"'{name}' must be one of the SignedHeaders.")
    _check_declared_payload(request)
    expected = _expected(signature, request, secret_access_key)
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise InvalidSignatureException


class _Headers(dict[str, list[str]]):
    """The signed headers, by the interface that the signer reads; botocore's own parses e-mail."""

    def get_all(self, name: str) -> list[str]:
        return self[name]


@dataclass(frozen=True, slots=True)
class _Received:
    """The attributes of botocore's AWSRequest that the signer reads."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    context: Mapping[str, Any]
    signed: _Headers
    params: None = None


class _ReceivedRequestSigner(SigV4Auth):
    """Signs with botocore over the headers that the client chose."""

    def headers_to_sign(self, request: Any) -> Any:
        return request.signed

    def _sign(self, key: bytes, msg: str, hex: bool = False) -> str | bytes:  # noqa: A002
        return _signature(key, msg).hex() if hex else _signing_key(key, msg)


@lru_cache(maxsize=4 * _CACHED_KEYS)
def _signing_key(key: bytes, message: str) -> bytes:
    """Derive one step of the signing key (secret, day, region, service), cached."""
    return _signature(key, message)


def _signature(key: bytes, message: str) -> bytes:
    return hmac.digest(key, message.encode(), "sha256")


def _expected(signature: Signature, request: SignedRequest, secret_access_key: str) -> str:
    if request.path == "/" and not request.query:
        return expected_of_plain(signature, request, secret_access_key)
    return expected_by_botocore(signature, request, secret_access_key)


def expected_of_plain(signature: Signature, request: SignedRequest, secret_access_key: str) -> str:
    """Compute what botocore's signer does, of `/`: the path of nearly every call.

    Its many small functions are in no cache after a network has run (decision 0010).
    """
    signed: dict[str, list[str]] = {}
    for name, value in request.headers:
        if name in signature.signed_headers:
            signed.setdefault(name, []).append(" ".join(value.split()))
    names = sorted(signed)
    lines = "\n".join([f"{name}:{','.join(signed[name])}" for name in names])
    payload = request.header("x-amz-content-sha256") or _payload_hash(request)
    canonical = f"{request.method.upper()}\n/\n\n{lines}\n\n{';'.join(names)}\n{payload}"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    day, region, service = signature.timestamp[:8], signature.region, signature.service
    scope = f"{day}/{region}/{service}/aws4_request"
    key = _derived_key(secret_access_key, day, region, service)
    return _signature(key, f"{ALGORITHM}\n{signature.timestamp}\n{scope}\n{digest}").hex()


@lru_cache(maxsize=_CACHED_KEYS)
def _derived_key(secret_access_key: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret_access_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _signature(key, part)
    return key


def expected_by_botocore(
    signature: Signature, request: SignedRequest, secret_access_key: str
) -> str:
    """Sign a request as received with botocore's own signer."""
    credentials = Credentials(signature.access_key_id, secret_access_key)
    signer = _ReceivedRequestSigner(credentials, signature.service, signature.region)
    received: Any = _received(signature, request)
    canonical = signer.canonical_request(received)
    return str(signer.signature(signer.string_to_sign(received, canonical), received))


def _received(signature: Signature, request: SignedRequest) -> _Received:
    signed = _Headers()
    for name, value in request.headers:
        if name in signature.signed_headers:
            signed.setdefault(name, []).append(value)
    declared = request.header("x-amz-content-sha256") or request.body_sha256
    # The host is among the headers; the URL only carries path and query to the signer.
    query = f"?{request.query}" if request.query else ""
    return _Received(
        method=request.method,
        url=f"http://host{request.path}{query}",
        headers={"X-Amz-Content-SHA256": declared} if declared is not None else {},
        body=request.body,
        context={"timestamp": signature.timestamp},
        signed=signed,
    )


def _check_declared_payload(request: SignedRequest) -> None:
    # Without this check the signature would cover the declared hash and not the body.
    declared = request.header("x-amz-content-sha256")
    if declared is not None and declared.lower() != _payload_hash(request):
        raise InvalidSignatureException("X-Amz-Content-SHA256 is not the hash of the body.")


def _payload_hash(request: SignedRequest) -> str:
    return request.body_sha256 or hashlib.sha256(request.body).hexdigest()


def _parameters(authorization: str) -> dict[str, str]:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise IncompleteSignatureException(f"Authorization must use {ALGORITHM}.")
    matches = [_PARAMETER.fullmatch(part) for part in rest.split(",")]
    found = {match[1]: match[2] for match in matches if match}
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not found.get(name):
            raise IncompleteSignatureException(f"Authorization header requires '{name}' parameter.")
    return found


def _time_of_signing(request: SignedRequest) -> tuple[datetime, str]:
    """Read X-Amz-Date, or Date where a client sends only that; also as it is signed."""
    amz_date, date = request.header("x-amz-date"), request.header("date")
    try:
        if amz_date:
            return _basic_time(amz_date), amz_date
        if date:
            moment = parsedate_to_datetime(date).astimezone(UTC)
            return moment, moment.strftime(SIGV4_TIMESTAMP)
    except (ValueError, OverflowError) as error:
        raise IncompleteSignatureException(
            "Date must be in ISO-8601 'basic format' (yyyymmddThhmmssZ)."
        ) from error
    raise IncompleteSignatureException(
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
    )


def _basic_time(text: str) -> datetime:
    """Parse `SIGV4_TIMESTAMP` many times faster than strptime; raises ValueError."""
    if not _BASIC_TIME.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)
