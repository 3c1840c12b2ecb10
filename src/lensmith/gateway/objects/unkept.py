"""Refuses what a new object asks for and this server does not keep."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.buckets.acl import refuse_acl_headers

_ENCRYPTION = "x-amz-server-side-encryption"
_KEPT = ("AES256", "aws:kms")


def refuse_unkept(headers: Mapping[str, str]) -> None:
    """Raise S3Error for ACLs of others, and for encryption other than SSE-S3, SSE-KMS or SSE-C."""
    refuse_acl_headers(headers)
    wanted = headers.get(_ENCRYPTION)
    if wanted is None:
        return
    if f"{_ENCRYPTION}-customer-algorithm" in headers:
        raise S3Error(
            "InvalidArgument", "Server Side Encryption with Customer provided key is incompatible."
        )
    if wanted == "aws:kms:dsse":
        raise S3Error("NotImplemented", "This server encrypts with AES256 or aws:kms.")
    if wanted not in _KEPT:
        raise S3Error(
            "InvalidArgument",
            "The encryption method specified is not supported.",
            ArgumentName=_ENCRYPTION,
            ArgumentValue=wanted[:64],
        )
