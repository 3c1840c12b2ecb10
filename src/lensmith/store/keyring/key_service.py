"""The keys that Lensmith encrypts with, wherever they are.

Three places, by setting: the keyring in the records, KMS elsewhere (`LENSMITH_KMS_ENDPOINT_URL`),
the transit engine of Vault or OpenBao (`LENSMITH_VAULT_ADDRESS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from lensmith.config import Settings
from lensmith.domain.key import WrappedKey
from lensmith.store.keyring.embedded_keys import EmbeddedKeys
from lensmith.store.keyring.judged_key import JudgedKey
from lensmith.store.keyring.transit_keys import TransitKeys
from lensmith.store.records.engine import Records

DATA_KEY_BYTES = 32


class KeyService(Protocol):
    """Wraps and unwraps data keys. Thread-safe. Every method raises a KmsError."""

    def find(self, key_id: str, region: str, account_id: str) -> JudgedKey:
        """Find a usable key by id, ARN, alias or alias ARN.

        `region` and `account_id` are the caller's. Raises KeyNotFoundError for a key that is
        unknown, or of another account that the caller's is not named by; KeyDisabledError or
        KeyStateError for one that cannot be used now.
        """

    def generate(self, key_arn: str, context: Mapping[str, str]) -> WrappedKey:
        """Make a data key of 32 bytes, wrapped under a key."""

    def unwrap(self, key_arn: str, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt a data key."""

    def rewrap(
        self,
        key_arn: str,
        ciphertext: bytes,
        context: Mapping[str, str],
        target_arn: str,
        target_context: Mapping[str, str],
    ) -> bytes:
        """Encrypt a data key again, under the newest material of the target key."""

    def is_newest(self, key_arn: str, ciphertext: bytes) -> bool:
        """Return whether a ciphertext is under its key's newest material, as far as is known."""


@lru_cache(maxsize=16)
def key_service(settings: Settings, records: Records) -> KeyService:
    """Return where the settings say that keys are."""
    if settings.kms_endpoint_url:
        from lensmith.store.keyring.remote_keys import RemoteKeys  # boto3: a fifth of a start

        return RemoteKeys(settings)
    if settings.vault_address:
        return TransitKeys(settings)
    return EmbeddedKeys(records)
