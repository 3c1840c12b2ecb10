"""Signature Version 2 in queries and forms, which boto3 makes by default when it presigns."""

from __future__ import annotations

import base64
import hmac
import time
from functools import cache
from urllib.parse import unquote

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.grammar.table import SUB_RESOURCES
from lensmith.gateway.http.request import Request

_HEADERS = ("x-amz-", "content-md5", "content-type")


def is_presigned(query: Query) -> bool:
    return "AWSAccessKeyId" in query and "Signature" in query


def check_presigned(request: Request, query: Query, bucket_of_host: str, secret: str) -> None:
    """Raise S3Error unless the key's secret signed this request, and it has not expired."""
    if not _unsigned().isdisjoint(query):
        raise S3Error("InvalidRequest", "Sign requests for this sub-resource by version 4.")
    expires = query.get("Expires", "")
    if not (expires.isascii() and expires.isdigit()):
        raise S3Error("AccessDenied", "Query-string authentication requires the Expires parameter.")
    if any("\n" in f"{name}{value}" for name, value in query.items() if name.startswith(_HEADERS)):
        # What follows would stand for another header in the string to sign, and not be read as it.
        raise S3Error("SignatureDoesNotMatch", AWSAccessKeyId=query["AWSAccessKeyId"])
    texts = _strings_to_sign(request, query, bucket_of_host)
    if not any(is_signature(query["Signature"], text, secret) for text in texts):
        raise S3Error("SignatureDoesNotMatch", AWSAccessKeyId=query["AWSAccessKeyId"])
    if int(expires) < time.time():
        raise S3Error("AccessDenied", "Request has expired")


def is_signature(given: str, to_sign: str, secret: str) -> bool:
    """Return whether `given` signs a text."""
    expected = base64.b64encode(hmac.digest(secret.encode(), to_sign.encode(), "sha1"))
    return hmac.compare_digest(expected, given.encode("utf-8", "replace"))


def _strings_to_sign(request: Request, query: Query, bucket_of_host: str) -> list[str]:
    """Return what may have been signed: boto3 ends the path of a bucket with a slash, S3 not."""

    def given(name: str) -> str:  # boto3 puts into the query what must be sent as a header
        return request.headers.get(name, query.get(name, "")).strip()

    names = {*request.headers, *query}
    amz = sorted(name for name in names if name.startswith("x-amz-"))
    custom = "".join(f"{name}:{given(name)}\n" for name in amz)
    begin = (
        f"{request.method}\n{given('content-md5')}\n{given('content-type')}\n{query['Expires']}\n"
        f"{custom}"
    )
    path = f"/{bucket_of_host}{request.path}" if bucket_of_host else request.path
    paths = [path, f"{path}/"] if path.count("/") == 1 and path != "/" else [path]
    return [f"{begin}{_resource(request, each)}" for each in paths]


def _resource(request: Request, path: str) -> str:
    pairs = [pair.split("=", 1) for pair in request.query.split("&")]
    listed = sorted(
        "=".join([pair[0], *map(unquote, pair[1:])]) for pair in pairs if pair[0] in _in_resource()
    )
    return f"{path}?{'&'.join(listed)}" if listed else path


@cache
def _in_resource() -> frozenset[str]:
    """Return the names in a query that this signature covers."""
    from botocore.auth import HmacV1Auth  # a sixth of the gateway's start, for few requests

    return frozenset(HmacV1Auth.QSAOfInterest)


@cache
def _unsigned() -> frozenset[str]:
    """Return what chooses what a request does, and this signature does not cover."""
    return SUB_RESOURCES - _in_resource() - {"list-type"}
