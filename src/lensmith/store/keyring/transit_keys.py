"""Data keys under the transit secrets engine of Vault or OpenBao, by its HTTP API.

https://openbao.org/api-docs/secret/transit. Keys are made there, with `derived=true`, which lets
the encryption context take part; a key's ARN ends with its name.
"""

from __future__ import annotations

import base64
import http.client
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from lensmith.config import Settings
from lensmith.domain.key import KeyName, KeyState, WrappedKey
from lensmith.domain.key_errors import (
    CiphertextError,
    KeyNotFoundError,
    KeyServiceAwayError,
    KeyUnavailableError,
)
from lensmith.domain.policy.document import Policy
from lensmith.store.keyring.ciphertext import canonical
from lensmith.store.keyring.foreign_key import foreign_key
from lensmith.store.keyring.judged_key import JudgedKey

_SECONDS = 10.0
_MAX_ANSWER = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


class TransitKeys:
    """Keys of one mount. An account but the first has those whose names begin with its id."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._address = urlsplit(settings.vault_address)

    def find(self, key_id: str, region: str, account_id: str) -> JudgedKey:
        name = KeyName.parse(key_id, region, account_id)
        if name is None or name.alias or (name.region, name.account_id) != (region, account_id):
            raise KeyNotFoundError(f"Key '{key_id[:256]}' does not exist")
        own = account_id == self._settings.account_id
        if not own and not name.key_id.startswith(f"{account_id}-"):
            raise KeyNotFoundError(f"Key '{key_id[:256]}' does not exist")
        self._ask("GET", "keys", name.key_id)
        key = foreign_key(name.key_id, account_id, region, KeyState.ENABLED)
        return JudgedKey(key, Policy(()), {}, is_foreign=True)

    def generate(self, key_arn: str, context: Mapping[str, str]) -> WrappedKey:
        made = self._ask(
            "POST", "datakey/plaintext", _name(key_arn), {"bits": 256, "context": _encoded(context)}
        )
        plaintext = base64.b64decode(made["plaintext"])
        return WrappedKey(plaintext, made["ciphertext"].encode(), key_arn)

    def unwrap(self, key_arn: str, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
        given = {"ciphertext": _text(ciphertext), "context": _encoded(context)}
        return base64.b64decode(self._ask("POST", "decrypt", _name(key_arn), given)["plaintext"])

    def rewrap(
        self,
        key_arn: str,
        ciphertext: bytes,
        context: Mapping[str, str],
        target_arn: str,
        target_context: Mapping[str, str],
    ) -> bytes:
        if (key_arn, dict(context)) == (target_arn, dict(target_context)):
            given = {"ciphertext": _text(ciphertext), "context": _encoded(context)}
            return str(self._ask("POST", "rewrap", _name(key_arn), given)["ciphertext"]).encode()
        plaintext = self.unwrap(key_arn, ciphertext, context)
        given = {
            "plaintext": base64.b64encode(plaintext).decode(),
            "context": _encoded(target_context),
        }
        return str(self._ask("POST", "encrypt", _name(target_arn), given)["ciphertext"]).encode()

    def is_newest(self, key_arn: str, ciphertext: bytes) -> bool:
        latest = self._ask("GET", "keys", _name(key_arn)).get("latest_version")
        return latest is None or _text(ciphertext).startswith(f"vault:v{latest}:")

    def _ask(
        self, method: str, path: str, name: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Raises KeyNotFoundError, CiphertextError, KeyUnavailableError or KeyServiceAwayError."""
        connection = self._connection()
        where = f"/v1/{quote(self._settings.vault_mount)}/{path}/{quote(name, safe='')}"
        headers = {"X-Vault-Token": self._token(), "Content-Type": "application/json"}
        try:
            content = None if body is None else msgspec.json.encode(body)
            connection.request(method, where, content, headers)
            answer = connection.getresponse()
            data = answer.read(_MAX_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise KeyServiceAwayError(f"Vault does not answer: {type(error).__name__}.") from error
        finally:
            connection.close()
        return _data(answer.status, data, name, is_decryption=path in {"decrypt", "rewrap"})

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        if self._address.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=context)
        return http.client.HTTPConnection(host, port, timeout=_SECONDS)

    def _token(self) -> str:
        """Read the token anew each time: an agent beside the server may renew it."""
        try:
            return Path(self._settings.vault_token_file).read_text().strip()
        except OSError as error:
            raise KeyUnavailableError("The file with Vault's token cannot be read.") from error


def _data(status: int, content: bytes, name: str, *, is_decryption: bool) -> dict[str, Any]:
    if status == 404:
        raise KeyNotFoundError(f"Key '{name}' does not exist")
    if status == 400:
        if is_decryption:
            raise CiphertextError
        raise KeyNotFoundError(f"Key '{name}' cannot be used")
    try:
        if status == 200:
            return msgspec.json.decode(content, type=dict[str, dict[str, Any]])["data"]
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError):
        pass
    unavailable = KeyServiceAwayError if status >= 500 else KeyUnavailableError
    raise unavailable(f"Vault answered {status}.")


def _name(key_arn: str) -> str:
    name = key_arn.rpartition(":key/")[2]
    if not _NAME.fullmatch(name):
        raise KeyNotFoundError(f"Key '{name[:128]}' does not exist")
    return name


def _encoded(context: Mapping[str, str]) -> str:
    return base64.b64encode(canonical(context)).decode()


def _text(ciphertext: bytes) -> str:
    try:
        return ciphertext.decode("ascii")
    except UnicodeDecodeError as error:
        raise CiphertextError from error
