"""Encrypts and decrypts with the keys in the records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from lensmith.domain.key import Key, KeyState
from lensmith.domain.key_errors import CiphertextError, KeyDisabledError, KeyStateError
from lensmith.store.keyring import ciphertext
from lensmith.store.keyring.ciphertext import Ciphertext
from lensmith.store.records import keys


@dataclass(frozen=True, slots=True)
class Decrypted:
    key: Key
    material: int
    plaintext: bytes = field(repr=False)


def encrypt(
    connection: Connection, key: Key, plaintext: bytes, context: Mapping[str, str]
) -> bytes:
    """Encrypt under a key's newest material; raises KeyDisabledError or KeyStateError."""
    refuse_unusable(key)
    secret = keys.material(connection, key.key_id, key.material)
    assert secret is not None
    return ciphertext.encrypt(key.key_id, key.material, secret, plaintext, context)


def key_of(connection: Connection, blob: bytes) -> Key:
    """Find the key that made a ciphertext; raises CiphertextError."""
    key = keys.find(connection, Ciphertext.parse(blob).key_id)
    if key is None:
        raise CiphertextError
    return key


def decrypt(connection: Connection, blob: bytes, context: Mapping[str, str]) -> Decrypted:
    """Decrypt; raises CiphertextError, KeyDisabledError or KeyStateError."""
    key = key_of(connection, blob)
    refuse_unusable(key)
    sealed = Ciphertext.parse(blob)
    secret = keys.material(connection, key.key_id, sealed.material)
    if secret is None:
        raise CiphertextError
    return Decrypted(key, sealed.material, sealed.decrypt(secret, context))


def refuse_unusable(key: Key) -> None:
    """Raise KeyDisabledError or KeyStateError unless the key is enabled."""
    if key.state is KeyState.DISABLED:
        raise KeyDisabledError(f"{key.arn} is disabled.")
    refuse_pending_deletion(key)


def refuse_pending_deletion(key: Key) -> None:
    if key.state is KeyState.PENDING_DELETION:
        raise KeyStateError(f"{key.arn} is pending deletion.")
