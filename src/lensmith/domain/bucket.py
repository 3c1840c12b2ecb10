"""A bucket: who owns it, and what its owner has said about access to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENFORCED = "BucketOwnerEnforced"
PUBLIC_ACCESS_FLAGS = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)


@dataclass(frozen=True, slots=True)
class CorsRule:
    """Which pages elsewhere may ask for what (PutBucketCors)."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    max_age_seconds: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class DefaultKey:
    """The key of KMS that encrypts new objects whose writer says nothing (PutBucketEncryption)."""

    name: str | None = None  # as it was given; None: the account's own for S3
    bucket_key: bool = False  # shown again; it would save requests to KMS elsewhere


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as the records keep it."""

    name: str
    account_id: str
    region: str
    created_ms: int
    policy: dict[str, Any] | None = None
    cors: tuple[CorsRule, ...] = ()
    public_access: dict[str, bool] | None = None  # by flag
    ownership: str | None = ENFORCED  # None: deleted, which means the same
    default_key: DefaultKey | None = None
    policy_text: str | None = field(default=None, repr=False)  # as its owner wrote it

    def blocks(self, flag: str) -> bool:
        """Return whether a flag of the public access block is set."""
        return bool(self.public_access and self.public_access.get(flag))
