"""Recomputes signatures of requests, chunks and forms (SigV4)."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from urllib.parse import quote, unquote_to_bytes

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.http.request import Request
from lensmith.gateway.http.store_request import signing_key
from lensmith.gateway.signature.claim import ALGORITHM, Claim, Scope

_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")
# Percent-encoded with nothing encoded that need not be.
_WORD = r"(?:[A-Za-z0-9._~-]++|%(?:[018-9A-F][0-9A-F]|2[0-9ABCF]|3[A-F]|40|5[B-E]|60|7[BCDF]))*+"
_CANONICAL = re.compile(_WORD)
_CANONICAL_QUERY = re.compile(f"{_WORD}={_WORD}(?:&{_WORD}={_WORD})*+")
_SIGNATURE = "X-Amz-Signature\0"
_SPACES = re.compile(r" {2,}")


def check_signature(claim: Claim, request: Request, payload: str, secret: str) -> bytes:
    """Raise S3Error unless the key's secret signed exactly this request.

    `payload` is the hash that was signed, or what stands for it. Returns the signing key, with
    which the chunks of the body are signed.
    """
    _require_signed(claim, request)
    canonical = _canonical_request(claim, request, payload)
    digest = sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest()
    to_sign = f"{ALGORITHM}\n{claim.stamp}\n{claim.scope.text}\n{digest}"
    key = key_of(claim.scope, secret)
    if not is_signature(claim.signature, key, to_sign):
        raise S3Error(
            "SignatureDoesNotMatch",
            AWSAccessKeyId=claim.scope.access_key_id,
            StringToSign=to_sign,
            SignatureProvided=claim.signature,
        )
    return key


def key_of(scope: Scope, secret: str) -> bytes:
    return signing_key(secret, scope.day, scope.region, scope.service)


def is_signature(given: str, key: bytes, to_sign: str) -> bool:
    """Return whether `given` is the signature of a string to sign."""
    expected = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _require_signed(claim: Claim, request: Request) -> None:
    """Refuse headers that change what a request does and are not covered by its signature."""
    signed = claim.signed_headers
    if "host" not in signed:
        raise S3Error("AccessDenied", "The header 'host' must be signed.")
    for name in request.headers:
        if name.startswith("x-amz-") and name not in signed and name != "x-amz-content-sha256":
            raise S3Error(
                "AccessDenied",
                "There were headers present in the request which were not signed",
                HeadersNotSigned=name,
            )


def _canonical_request(claim: Claim, request: Request, payload: str) -> str:
    headers = request.headers
    lines = []
    for name in claim.signed_headers:
        value = headers.get(name, "").strip()
        if "  " in value:
            value = _SPACES.sub(" ", value)
        lines.append(f"{name}:{value}\n")
    return (
        f"{request.method}\n{_canonical_path(request.path)}\n"
        f"{_canonical_query(request.query, without_signature=claim.is_presigned)}\n"
        f"{''.join(lines)}\n{';'.join(claim.signed_headers)}\n{payload}"
    )


def _canonical_path(path: str) -> str:
    if _PLAIN.fullmatch(path):
        return path
    return quote(unquote_to_bytes(path.encode("latin-1")), safe="/~")


def _canonical_query(query: str, *, without_signature: bool) -> str:
    if not query:
        return ""
    if _CANONICAL_QUERY.fullmatch(query):
        given = query.replace("=", "\0").split("&")  # so that they sort as names and values do
        if without_signature:
            given = [pair for pair in given if not pair.startswith(_SIGNATURE)]
        given.sort()
        return "&".join(given).replace("\0", "=")
    pairs = []
    for pair in query.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if without_signature and name == "X-Amz-Signature":
            continue
        pairs.append((_recoded(name), _recoded(value)))
    pairs.sort()
    return "&".join([f"{name}={value}" for name, value in pairs])


def _recoded(text: str) -> str:
    if _CANONICAL.fullmatch(text):
        return text
    return quote(unquote_to_bytes(text.replace("+", " ").encode("latin-1")), safe="~")
