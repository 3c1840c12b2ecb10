"""The root key: seals the secrets in the records, which alone reveal none of them."""

from __future__ import annotations

import base64
import os
import secrets
import stat
import threading
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lensmith.domain.errors import StartupError

_log = structlog.get_logger(__name__)

_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2
_FORM = b"1:"  # of a sealed secret, should there be another


class RootKey:
    """AES-256-GCM under a key in a file of its own, mode 0600. Thread-safe.

    A sealed secret is bound to its name, so that two of them cannot be exchanged.
    """

    def __init__(self, path: Path | None) -> None:
        """Take the place of the key; the file is read, or written, at the first use."""
        self._path = path
        self._cipher: AESGCM | None = None
        self._lock = threading.Lock()

    def seal(self, secret: bytes, name: str) -> bytes:
        """Encrypt a secret; the first use of all makes the key. Raises StartupError."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._opened(make=True).encrypt(nonce, secret, name.encode())
        return _FORM + base64.b64encode(nonce + sealed)

    def unseal(self, sealed: bytes, name: str) -> bytes:
        """Decrypt what `seal` returned for that name.

        Raises StartupError when the key is missing or is not the one that sealed it.
        """
        cipher = self._opened(make=False)
        try:
            given = base64.b64decode(sealed.removeprefix(_FORM), validate=True)
            return cipher.decrypt(given[:_NONCE_BYTES], given[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise StartupError(
                f"{self._path} is not the root key of these records; put back the file that "
                "belongs to them, or name it by LENSMITH_ROOT_KEY_FILE."
            ) from error

    def _opened(self, *, make: bool) -> AESGCM:
        with self._lock:
            if self._cipher is None:
                self._cipher = AESGCM(self._read(make=make))
            return self._cipher

    def _read(self, *, make: bool) -> bytes:
        if self._path is None:
            raise StartupError("Records in PostgreSQL need LENSMITH_ROOT_KEY_FILE.")
        try:
            if make and not self._path.exists():
                _write(self._path, secrets.token_bytes(_KEY_BYTES))
            key = base64.b64decode(self._path.read_bytes().strip(), validate=True)
            if self._path.stat().st_mode & stat.S_IRWXO:
                _log.warning(
                    "every user of this machine can read or write the root key",
                    path=str(self._path),
                    cure=f"chmod 600 {self._path}",
                )
        except FileNotFoundError as error:
            raise StartupError(
                f"The root key {self._path} is missing: without it no secret in the records can "
                "be read. Put the file back, or name it by LENSMITH_ROOT_KEY_FILE."
            ) from error
        except (OSError, ValueError) as error:
            raise StartupError(f"The root key {self._path} cannot be used: {error}") from error
        if len(key) != _KEY_BYTES:
            raise StartupError(f"The root key {self._path} must be 32 bytes in Base64.")
        return key


def _write(path: Path, key: bytes) -> None:
    """Write the file unless another process was first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(descriptor)
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
