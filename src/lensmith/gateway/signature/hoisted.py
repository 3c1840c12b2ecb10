"""Headers that SDKs put into the query of a link, where its signature covers them.

They count as headers. Checksums do not: an SDK computes them of a body that it does not have yet.
"""

from __future__ import annotations

import re

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.grammar.route import Query
from lensmith.gateway.signature import version2

_OF_SIGNATURES = frozenset(
    {
        "AWSAccessKeyId",
        "Expires",
        "Signature",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
        "x-id",
    }
)
_COUNTED = (
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-bucket-object-lock-enabled",
    "x-amz-bypass-governance-retention",
    "x-amz-copy-source",
    "x-amz-expected-bucket-owner",
    "x-amz-grant-",
    "x-amz-meta-",
    "x-amz-metadata-directive",
    "x-amz-object-lock-",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-source-expected-bucket-owner",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
)
_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")  # of a header (RFC 9110)
_VALUE = re.compile(r"[^\0-\x08\x0a-\x1f\x7f]*")


def hoisted_headers(query: Query) -> dict[str, str]:
    """Return the headers in a link's query, names in lower case; raises S3Error for odd ones.

    Version 4 signs the whole query, version 2 what is written in lower case.
    """
    found: dict[str, str] = {}
    is_version_2 = version2.is_presigned(query)
    if not is_version_2 and "X-Amz-Signature" not in query:
        return found
    for name in query.keys() - _OF_SIGNATURES:
        lowered = name.lower()
        if not lowered.startswith(_COUNTED) or (is_version_2 and name != lowered):
            continue
        value = query[name].encode("utf-8", "surrogateescape").decode("latin-1")
        if not (_NAME.fullmatch(lowered) and _VALUE.fullmatch(value)) or lowered in found:
            raise S3Error("InvalidArgument", f"The parameter {name[:64]!r} is no header.")
        found[lowered] = value
    return found


def take_hoisted(headers: dict[str, str], hoisted: dict[str, str]) -> None:
    """Add a link's headers to those of its request; raises S3Error where they disagree."""
    for name, value in hoisted.items():
        if headers.setdefault(name, value) != value:
            raise S3Error("InvalidRequest", f"The header {name[:64]!r} is not as it was signed.")
