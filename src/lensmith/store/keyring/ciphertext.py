"""Ciphertexts of the embedded keyring: AES-256-GCM under one material of a key.

A byte for the form, the key's id (16 bytes), the number of the material (4 bytes), a nonce
(12 bytes), then what AES-256-GCM makes of the plaintext. All that stands before the nonce, and the
encryption context, are authenticated.
"""

from __future__ import annotations

import json
import secrets
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lensmith.domain.key_errors import CiphertextError

_FORM = 1
_HEAD = struct.Struct(">B16sI")
_NONCE_BYTES = 12
_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A ciphertext, taken apart but not decrypted."""

    key_id: str
    material: int
    head: bytes
    sealed: bytes

    @classmethod
    def parse(cls, blob: bytes) -> Self:
        """Raises CiphertextError for what no key of this keyring made."""
        if len(blob) < _HEAD.size + _NONCE_BYTES + _TAG_BYTES or blob[0] != _FORM:
            raise CiphertextError
        _, key, material = _HEAD.unpack_from(blob)
        return cls(str(uuid.UUID(bytes=key)), material, blob[: _HEAD.size], blob[_HEAD.size :])

    def decrypt(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Raises CiphertextError when the ciphertext or its context was altered."""
        nonce, sealed = self.sealed[:_NONCE_BYTES], self.sealed[_NONCE_BYTES:]
        try:
            return AESGCM(secret).decrypt(nonce, sealed, self.head + canonical(context))
        except InvalidTag as error:
            raise CiphertextError from error


def encrypt(
    key_id: str, material: int, secret: bytes, plaintext: bytes, context: Mapping[str, str]
) -> bytes:
    head = _HEAD.pack(_FORM, uuid.UUID(key_id).bytes, material)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return head + nonce + AESGCM(secret).encrypt(nonce, plaintext, head + canonical(context))


def canonical(context: Mapping[str, str]) -> bytes:
    """Encode an encryption context so that the order of its keys does not matter."""
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()
