"""Reads the claim of a signature: in the Authorization header, or in the query."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.request import Request

ALGORITHM = "AWS4-HMAC-SHA256"
SKEW = timedelta(minutes=15)
MAX_EXPIRES = 604_800  # seconds
_PART = re.compile(r"\s*(Credential|SignedHeaders|Signature)\s*=\s*([^,\s]*)\s*", re.ASCII)
_STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_IN_QUERY = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
)


class Scope(NamedTuple):
    """A credential: `<access key id>/<yyyymmdd>/<region>/<service>/aws4_request`."""

    access_key_id: str
    day: str
    region: str
    service: str

    @property
    def text(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"

    @classmethod
    def parse(cls, credential: str) -> Scope:
        """Raises ValueError for a credential of another form."""
        parts = credential.rsplit("/", 4)
        if len(parts) != 5 or parts[4] != "aws4_request" or not parts[0]:
            raise ValueError(credential)
        return cls(*parts[:4])


class Claim(NamedTuple):
    """Which key signed which headers, and when."""

    scope: Scope
    signed_headers: tuple[str, ...]
    signature: str
    stamp: str  # yyyymmddThhmmssZ
    token: str | None
    expires: int | None = None  # seconds from the stamp; of presigned requests only

    def __repr__(self) -> str:
        """Leave out the signature and the token."""
        return f"Claim({self.scope!r}, {self.stamp!r})"

    @property
    def is_presigned(self) -> bool:
        return self.expires is not None


def read_claim(request: Request, query: Mapping[str, str]) -> Claim | None:
    """Return the claim of a request, None for one that is not signed.

    Raises S3Error for a claim of the wrong form, of another version, or given twice.
    """
    authorization = request.headers.get("authorization")
    in_query = "X-Amz-Algorithm" in query or "X-Amz-Signature" in query
    if authorization is None:
        if in_query:
            return _from_query(query)
        return None
    if in_query:
        raise S3Error("InvalidArgument", "Only one auth mechanism allowed.")
    return _from_header(request, authorization)


def check_time(claim: Claim, now: datetime) -> None:
    """Raise S3Error when the request was signed too long ago, or for the future."""
    signed = _moment(claim.stamp)
    if claim.expires is None:
        if abs(now - signed) > SKEW:
            raise S3Error(
                "RequestTimeTooSkewed",
                RequestTime=claim.stamp,
                ServerTime=f"{now:%Y-%m-%dT%H:%M:%SZ}",
                MaxAllowedSkewMilliseconds=str(int(SKEW.total_seconds() * 1000)),
            )
        return
    if now + SKEW < signed:
        raise S3Error("AccessDenied", "Request is not valid yet")
    if now > signed + timedelta(seconds=claim.expires):
        raise S3Error("AccessDenied", "Request has expired")


def check_scope(scope: Scope, stamp: str, regions: tuple[str, ...], error: str) -> None:
    """Raise S3Error unless the credential is for S3 in a region that is served, on its day."""
    if scope.service != "s3":
        raise S3Error(error, f"The credential is for {scope.service[:32]!r}; expecting 's3'.")
    if scope.region not in regions:
        raise S3Error(
            error,
            f"The region {scope.region[:32]!r} is wrong; this server serves {', '.join(regions)}.",
            Region=regions[0],
        )
    if not stamp.startswith(scope.day):
        raise S3Error(error, f"The credential's day {scope.day[:16]!r} is not that of {stamp}.")


def _from_header(request: Request, authorization: str) -> Claim:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        if algorithm in {"AWS", "AWS4-ECDSA-P256-SHA256"}:
            raise S3Error(
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. "
                f"Please use {ALGORITHM}.",
            )
        raise S3Error("InvalidArgument", "Unsupported Authorization Type")
    found = {part[1]: part[2] for part in map(_PART.fullmatch, rest.split(",")) if part}
    try:
        scope = Scope.parse(found["Credential"])
        signed, signature = found["SignedHeaders"], found["Signature"]
    except (KeyError, ValueError) as error:
        raise S3Error("AuthorizationHeaderMalformed") from error
    return Claim(
        scope,
        tuple(signed.lower().split(";")),
        signature,
        _stamp(request),
        request.headers.get("x-amz-security-token"),
    )


def _stamp(request: Request) -> str:
    given = request.headers.get("x-amz-date")
    if given:
        if _STAMP.fullmatch(given) and _is_time(given):
            return given
        raise S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date.")
    try:
        moment = parsedate_to_datetime(request.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError) as error:
        raise S3Error(
            "AccessDenied", "AWS authentication requires a valid Date or x-amz-date."
        ) from error
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _is_time(stamp: str) -> bool:
    try:
        _moment(stamp)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=256)
def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _from_query(query: Mapping[str, str]) -> Claim:
    error = "AuthorizationQueryParametersError"
    for name in _IN_QUERY:
        if not query.get(name):
            raise S3Error(error)
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise S3Error(error, f"X-Amz-Algorithm only supports {ALGORITHM}.")
    stamp, expires = query["X-Amz-Date"], query["X-Amz-Expires"]
    if not (_STAMP.fullmatch(stamp) and _is_time(stamp)):
        raise S3Error(error, "X-Amz-Date must be in the form yyyymmddThhmmssZ.")
    if not (expires.isascii() and expires.isdigit() and int(expires) <= MAX_EXPIRES):
        raise S3Error(error, f"X-Amz-Expires must be 0 to {MAX_EXPIRES} seconds.")
    try:
        scope = Scope.parse(query["X-Amz-Credential"])
    except ValueError as malformed:
        raise S3Error(error, "X-Amz-Credential is malformed.") from malformed
    return Claim(
        scope,
        tuple(query["X-Amz-SignedHeaders"].lower().split(";")),
        query["X-Amz-Signature"],
        stamp,
        query.get("X-Amz-Security-Token"),
        int(expires),
    )
