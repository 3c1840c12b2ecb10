"""Refuses what a new object asks for and this server does not keep."""

from __future__ import annotations

from collections.abc import Mapping

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.buckets.acl import refuse_acl_headers

_ENCRYPTION = "x-amz-server-side-encryption"
_KEPT = ("AES256", "aws:kms")


def refuse_unkept(headers: Mapping[str, str]) -> None:
    """Raise S3Error for ACLs of others, and for encryption other than SSE-S3 and SSE-KMS."""
    refuse_acl_headers(headers)
    wanted = headers.get(_ENCRYPTION)
    if wanted is not None and wanted not in _KEPT:
        raise S3Error(
            "NotImplemented", f"This server encrypts with AES256 or aws:kms, not {wanted[:32]!r}."
        )
