"""The form of a sealed file: a header, then frames of AES-256-GCM.

STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, 2015, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance"): each frame has its number and whether it is the last in its nonce,
so that frames cannot be swapped, repeated or cut off, and any of them can be read alone.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lensmith.domain.errors import SealedFileError

FRAME_BYTES = 1 << 20  # of plaintext
TAG_BYTES = 16

_MAGIC, _VERSION = b"LSMENC", 1
_HEADER = struct.Struct(">6sHI32s7s")  # magic, version, bytes of a frame, salt, nonce prefix
_INFO = b"lensmith sealed file 1"
HEADER_BYTES = _HEADER.size


@dataclass(frozen=True, slots=True)
class Frames:
    """Encrypts and decrypts the frames of one file."""

    header: bytes
    frame_bytes: int
    prefix: bytes
    cipher: AESGCM

    @classmethod
    def fresh(cls, data_key: bytes, frame_bytes: int = FRAME_BYTES) -> Self:
        """Begin a file; its own key comes from the data key and a salt by HKDF-SHA256."""
        salt, prefix = secrets.token_bytes(32), secrets.token_bytes(7)
        header = _HEADER.pack(_MAGIC, _VERSION, frame_bytes, salt, prefix)
        return cls(header, frame_bytes, prefix, _cipher(data_key, salt))

    @classmethod
    def of(cls, data_key: bytes, header: bytes) -> Self:
        """Read a header; raises SealedFileError when it is of no version known here."""
        if len(header) != HEADER_BYTES:
            raise SealedFileError("The file is too short to be sealed.")
        magic, version, frame_bytes, salt, prefix = _HEADER.unpack(header)
        if (magic, version) != (_MAGIC, _VERSION) or not 0 < frame_bytes <= 1 << 24:
            raise SealedFileError(f"The file is not sealed in form {_VERSION}.")
        return cls(header, frame_bytes, prefix, _cipher(data_key, salt))

    def seal(self, number: int, plaintext: bytes | memoryview, *, is_last: bool) -> bytes:
        nonce = self._nonce(number, is_last=is_last)
        return self.cipher.encrypt(nonce, bytes(plaintext), self.header)

    def unseal(self, number: int, sealed: bytes, *, is_last: bool) -> bytes:
        """Raises SealedFileError."""
        try:
            return self.cipher.decrypt(self._nonce(number, is_last=is_last), sealed, self.header)
        except InvalidTag as error:
            raise SealedFileError(f"Frame {number} of the file is damaged.") from error

    def _nonce(self, number: int, *, is_last: bool) -> bytes:
        return self.prefix + struct.pack(">IB", number, is_last)


def _cipher(data_key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt, _INFO).derive(data_key))
