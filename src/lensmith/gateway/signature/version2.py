"""Signature Version 2 in queries and forms, which boto3 makes by default when it presigns."""

from __future__ import annotations

import base64
import hmac
import time
from urllib.parse import unquote

from botocore.auth import HmacV1Auth

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.http.request import Request

_IN_RESOURCE = frozenset(HmacV1Auth.QSAOfInterest)


def is_presigned(query: Query) -> bool:
    return "AWSAccessKeyId" in query and "Signature" in query


def check_presigned(request: Request, query: Query, bucket_of_host: str, secret: str) -> None:
    """Raise S3Error unless the key's secret signed this request, and it has not expired."""
    expires = query.get("Expires", "")
    if not (expires.isascii() and expires.isdigit()):
        raise S3Error("AccessDenied", "Query-string authentication requires the Expires parameter.")
    if not is_signature(
        query["Signature"], _string_to_sign(request, query, bucket_of_host), secret
    ):
        raise S3Error("SignatureDoesNotMatch", AWSAccessKeyId=query["AWSAccessKeyId"])
    if int(expires) < time.time():
        raise S3Error("AccessDenied", "Request has expired")


def is_signature(given: str, to_sign: str, secret: str) -> bool:
    """Return whether `given` signs a text."""
    expected = base64.b64encode(hmac.digest(secret.encode(), to_sign.encode(), "sha1"))
    return hmac.compare_digest(expected, given.encode("utf-8", "replace"))


def _string_to_sign(request: Request, query: Query, bucket_of_host: str) -> str:
    def given(name: str) -> str:  # boto3 puts into the query what must be sent as a header
        return request.headers.get(name, query.get(name, "")).strip()

    names = {*request.headers, *query}
    amz = sorted(name for name in names if name.startswith("x-amz-"))
    custom = "".join(f"{name}:{given(name)}\n" for name in amz)
    return (
        f"{request.method}\n{given('content-md5')}\n{given('content-type')}\n{query['Expires']}\n"
        f"{custom}{_resource(request, bucket_of_host)}"
    )


def _resource(request: Request, bucket_of_host: str) -> str:
    path = f"/{bucket_of_host}{request.path}" if bucket_of_host else request.path
    pairs = [pair.split("=", 1) for pair in request.query.split("&")]
    listed = sorted(
        "=".join([pair[0], *map(unquote, pair[1:])]) for pair in pairs if pair[0] in _IN_RESOURCE
    )
    return f"{path}?{'&'.join(listed)}" if listed else path
