"""Data keys under the keyring in the records."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import Connection

from lensmith.domain.key import Key, KeyName, WrappedKey
from lensmith.domain.key_errors import CiphertextError, IncorrectKeyError, KeyNotFoundError
from lensmith.store.keyring import embedded
from lensmith.store.keyring.ciphertext import Ciphertext
from lensmith.store.keyring.judged_key import JudgedKey, judged_key
from lensmith.store.records import keys
from lensmith.store.records.engine import Records


class EmbeddedKeys:
    """Keys of the accounts of this server."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def find(self, key_id: str, region: str, account_id: str) -> JudgedKey:
        name = KeyName.parse(key_id, region, account_id)
        found = None
        if name is not None and name.region == region:
            found = self._records.read_cached(judged_key, name)
        if found is None or (
            found.key.account_id != account_id and not found.names_account(account_id)
        ):
            raise KeyNotFoundError(f"Key '{key_id[:256]}' does not exist")
        embedded.refuse_unusable(found.key)
        return found

    def generate(self, key_arn: str, context: Mapping[str, str]) -> WrappedKey:
        plaintext = secrets.token_bytes(32)
        with self._records.read() as connection:
            key = _key(connection, key_arn)
            wrapped = embedded.encrypt(connection, key, plaintext, context)
        return WrappedKey(plaintext, wrapped, key.arn)

    def unwrap(self, key_arn: str, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
        with self._records.read() as connection:
            opened = embedded.decrypt(connection, ciphertext, context)
        if opened.key.arn != key_arn:
            raise IncorrectKeyError
        return opened.plaintext

    def rewrap(
        self,
        key_arn: str,
        ciphertext: bytes,
        context: Mapping[str, str],
        target_arn: str,
        target_context: Mapping[str, str],
    ) -> bytes:
        plaintext = self.unwrap(key_arn, ciphertext, context)
        with self._records.read() as connection:
            target = _key(connection, target_arn)
            return embedded.encrypt(connection, target, plaintext, target_context)

    def is_newest(self, _: str, ciphertext: bytes) -> bool:
        try:
            sealed = Ciphertext.parse(ciphertext)
        except CiphertextError:
            return True
        with self._records.read() as connection:
            key = keys.find(connection, sealed.key_id)
        return key is None or key.material == sealed.material


def _key(connection: Connection, arn: str) -> Key:
    name = KeyName.parse(arn, "", "")
    key = None if name is None else keys.find_named(connection, name)
    if key is None:
        raise KeyNotFoundError(f"Key '{arn}' does not exist")
    return key
