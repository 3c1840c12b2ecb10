"""A folder whose files are sealed under one data key, which lies wrapped among them.

`data-key.json` names the key of KMS, the encryption context and the wrapped data key: who may
decrypt with that key can read the folder, nothing else can.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from lensmith.config import Settings
from lensmith.domain.errors import SealedFileError
from lensmith.domain.key_errors import KeyServiceAwayError, KmsError
from lensmith.domain.readable import Folder
from lensmith.store.files import write_atomically
from lensmith.store.keyring.key_service import KeyService, key_service
from lensmith.store.records.engine import Records
from lensmith.store.sealed.file import SealedFolder
from lensmith.store.unreadable_folder import UnreadableFolderError

DATA_KEY_FILE = "data-key.json"
_FORM = 1


class KeyUnusableError(UnreadableFolderError):
    """The key under which a folder is sealed is disabled, deleted or out of reach."""


class KeyAwayError(KeyUnusableError):
    """The key service cannot be reached now."""


class _Stored(msgspec.Struct):
    form: int
    key: str  # ARN
    context: dict[str, str]
    wrapped: str  # Base64


def create_sealed(
    path: Path, keys: KeyService, key_arn: str, context: Mapping[str, str]
) -> SealedFolder:
    """Make a data key for an existing folder; raises a KmsError."""
    made = keys.generate(key_arn, context)
    _write(path, made.key_arn, context, made.ciphertext)
    return SealedFolder(path, made.plaintext)


def is_sealed(path: Path) -> bool:
    return (path / DATA_KEY_FILE).exists()


def open_folder(settings: Settings, records: Records, path: Path) -> Folder:
    """Return a folder, sealed or not, to read from; raises KeyUnusableError."""
    return open_sealed(settings, records, path) or path


def open_sealed(settings: Settings, records: Records, path: Path) -> SealedFolder | None:
    """Return a folder with its data key, None if it is not sealed.

    Raises KeyUnusableError, of it KeyAwayError where that may pass.
    """
    if not is_sealed(path):
        return None
    try:
        data = (path / DATA_KEY_FILE).read_bytes()
    except OSError as error:
        raise KeyUnusableError(f"The model's KMS key cannot be used: {error}") from error
    return SealedFolder(path, unwrapped(settings, records, data))


def unwrapped(settings: Settings, records: Records, data_key: bytes) -> bytes:
    """Return the data key that a `data-key.json` holds wrapped; raises as `open_sealed`."""
    try:
        stored, keys = _decode(data_key, DATA_KEY_FILE), key_service(settings, records)
        return keys.unwrap(stored.key, base64.b64decode(stored.wrapped), stored.context)
    except KeyServiceAwayError as error:
        raise KeyAwayError(f"The model's KMS key cannot be reached: {error}") from error
    except (KmsError, SealedFileError) as error:
        raise KeyUnusableError(f"The model's KMS key cannot be used: {error}") from error


def rewrap(path: Path, keys: KeyService, target_arn: str, context: Mapping[str, str]) -> None:
    """Wrap a folder's data key under another key; its files stay.

    Raises a KmsError, OSError or SealedFileError.
    """
    stored = _read(path)
    wrapped = keys.rewrap(
        stored.key, base64.b64decode(stored.wrapped), stored.context, target_arn, context
    )
    _write(path, target_arn, context, wrapped)


def renew(path: Path, keys: KeyService) -> bool:
    """Wrap a folder's data key under its key's newest material; returns whether it was not.

    Raises a KmsError, OSError or SealedFileError.
    """
    if is_newest((path / DATA_KEY_FILE).read_bytes(), keys):
        return False
    stored = _read(path)
    rewrap(path, keys, stored.key, stored.context)
    return True


def is_newest(data_key: bytes, keys: KeyService) -> bool:
    """Return whether a `data-key.json` was wrapped under its key's newest material.

    Raises a KmsError or SealedFileError.
    """
    stored = _decode(data_key, DATA_KEY_FILE)
    return keys.is_newest(stored.key, base64.b64decode(stored.wrapped))


def _read(path: Path) -> _Stored:
    return _decode((path / DATA_KEY_FILE).read_bytes(), str(path / DATA_KEY_FILE))


def _decode(data: bytes, name: str) -> _Stored:
    try:
        stored = msgspec.json.decode(data, type=_Stored)
    except msgspec.DecodeError as error:
        raise SealedFileError(f"{name} is not valid.") from error
    if stored.form != _FORM:
        raise SealedFileError(f"{name} is of form {stored.form}.")
    return stored


def _write(path: Path, key_arn: str, context: Mapping[str, str], wrapped: bytes) -> None:
    stored: Any = _Stored(_FORM, key_arn, dict(context), base64.b64encode(wrapped).decode())
    write_atomically(path / DATA_KEY_FILE, msgspec.json.encode(stored), mode=0o600)
