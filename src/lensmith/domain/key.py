"""Keys that encrypt other keys, as KMS has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ALIAS_PREFIX = "alias/"
DEFAULT_POLICY = "default"  # the only name that a key's policy can have
DAY_MS = 86_400_000

_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<resource>.+)",
    re.ASCII,
)


class KeyState(StrEnum):
    """States of a key, as KMS spells them."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"


@dataclass(frozen=True, slots=True)
class Key:
    """A symmetric key; its material is kept elsewhere, sealed."""

    key_id: str
    account_id: str
    region: str
    description: str
    state: KeyState
    policy: str  # the document as it was written
    tags: Mapping[str, str]
    material: int  # the number of the newest material; older ones only decrypt
    created_ms: int
    deletion_ms: int | None = None  # while pending deletion
    window_days: int | None = None  # while pending deletion
    rotation_days: int | None = None  # None: not rotated by itself
    next_rotation_ms: int | None = None

    @property
    def arn(self) -> str:
        return key_arn(self.region, self.account_id, self.key_id)


@dataclass(frozen=True, slots=True)
class Grant:
    """Operations with a key that a principal may use whatever the key's policy says."""

    grant_id: str
    token: str
    key_id: str
    grantee: str
    retiring: str | None
    operations: tuple[str, ...]
    constraints: Mapping[str, Any]  # EncryptionContextSubset or EncryptionContextEquals
    name: str
    issuer: str  # account
    created_ms: int = 0


@dataclass(frozen=True, slots=True)
class KeyName:
    """A way to name a key: by id or by alias, in an account and region."""

    region: str
    account_id: str
    key_id: str = ""
    alias: str = ""  # with its prefix

    @classmethod
    def parse(cls, text: str, region: str, account_id: str) -> KeyName | None:
        """Read a key id, key ARN, alias or alias ARN; None for a malformed ARN.

        `region` and `account_id` are those of a name that is no ARN.
        """
        if text.startswith("arn:"):
            match = _ARN.fullmatch(text)
            if match is None:
                return None
            region, account_id, text = match["region"], match["account"], match["resource"]
            if text.startswith("key/"):
                return cls(region, account_id, key_id=text.removeprefix("key/"))
            return cls(region, account_id, alias=text) if text.startswith(ALIAS_PREFIX) else None
        if text.startswith(ALIAS_PREFIX):
            return cls(region, account_id, alias=text)
        return cls(region, account_id, key_id=text)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key with its encryption under a key of KMS; `repr` never shows the secret."""

    plaintext: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    key_arn: str


def key_arn(region: str, account_id: str, key_id: str) -> str:
    return f"arn:aws:kms:{region}:{account_id}:key/{key_id}"


def alias_arn(region: str, account_id: str, alias: str) -> str:
    return f"arn:aws:kms:{region}:{account_id}:{alias}"


def model_context(project_arn: str) -> dict[str, str]:
    """Return the encryption context of the data keys of a project's versions."""
    return {"lensmith:project-arn": project_arn}
