"""The condition keys that come from a request: its connection, its headers and its signature."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil

from lensmith.domain.policy.request_context import request_context
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.address import copy_source
from lensmith.gateway.http.request import Request
from lensmith.gateway.signer import Signer

_AS_SENT = (
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-object-ownership",
    "if-match",
    "if-none-match",
)
_LOCK = ("object-lock-mode", "object-lock-retain-until-date", "object-lock-legal-hold")
_UNTIL = "x-amz-object-lock-retain-until-date"
_SOURCE = "x-amz-copy-source"
# No number, so that a Deny that asks for one counts.
UNKNOWN = "unknown"


def global_keys(
    signer: Signer, request: Request, region: str, account: str | None
) -> dict[str, tuple[str, ...]]:
    """Return the global keys of a request; `account` has the resource."""
    return request_context(
        signer.rights.identity,
        region=region,
        now=datetime.now(UTC),
        is_secure=request.is_secure,
        source_ip=request.client.address,
        user_agent=request.headers.get("user-agent", ""),
        referer=request.headers.get("referer", ""),
        resource_account=account,
    )


def keys_of_request(
    signer: Signer, request: Request, account: str | None
) -> dict[str, tuple[str, ...]]:
    """Return the keys, in lower case, that a request has whatever it is about.

    A header without a value sets nothing in the store: it gives no key.
    """
    headers = {name: text for name, text in request.headers.items() if text.strip()}
    keys: dict[str, tuple[str, ...]] = {
        f"s3:{name}": (headers[name],) for name in _AS_SENT if name in headers
    }
    for name in _LOCK:
        if f"x-amz-{name}" in headers:
            keys[f"s3:{name}"] = (headers[f"x-amz-{name}"],)
    if _UNTIL in headers:
        keys["s3:object-lock-remaining-retention-days"] = (remaining_days(headers[_UNTIL]),)
    if _SOURCE in headers:
        keys["s3:x-amz-copy-source"] = _sources(headers[_SOURCE])
    if account is not None:
        keys["s3:resourceaccount"] = (account,)
    if request.client.tls_version:
        keys["s3:tlsversion"] = (request.client.tls_version,)
    return keys | _keys_of_signature(signer)


def remaining_days(until: str) -> str:
    """Return the days from now to a date, a day begun counted whole."""
    try:
        moment = datetime.fromisoformat(until.strip())
    except ValueError:
        return UNKNOWN
    left = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - datetime.now(UTC)
    return str(ceil(left.total_seconds() / 86_400))


def _keys_of_signature(signer: Signer) -> dict[str, tuple[str, ...]]:
    if not signer.auth_type:
        return {}
    return {
        "s3:authtype": (signer.auth_type,),
        "s3:signatureversion": ("AWS4-HMAC-SHA256" if signer.stamp else "AWS",),
        "s3:signatureage": (_age(signer.stamp),),
        "s3:x-amz-content-sha256": (signer.payload,),
    }


def _age(stamp: str) -> str:
    """Return milliseconds since a stamp; SigV2 signs none, and a form any."""
    try:
        age = datetime.now(UTC) - datetime.fromisoformat(stamp)
    except (TypeError, ValueError):
        return UNKNOWN
    return str(int(age.total_seconds() * 1000))


def _sources(header: str) -> tuple[str, ...]:
    """Return the source as policies name it: without and with the slash, which may lead it."""
    try:
        source, _ = copy_source(header)
    except S3Error:
        return (header,)
    name = f"{source.bucket}/{source.key}"
    return (name, f"/{name}")
