"""Data keys under KMS elsewhere, of AWS or of another server that answers its API.

boto3 signs with the credentials that its default chain finds in the server's environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lensmith.config import Settings
from lensmith.domain import key_errors
from lensmith.domain.key import KeyName, KeyState, WrappedKey
from lensmith.domain.key_errors import (
    KeyNotFoundError,
    KeyServiceAwayError,
    KeyUnavailableError,
    KmsError,
)
from lensmith.domain.policy.document import Policy
from lensmith.store.keyring.embedded import refuse_unusable
from lensmith.store.keyring.foreign_key import foreign_key
from lensmith.store.keyring.judged_key import JudgedKey

_CONFIG = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)
_ERRORS: dict[str, type[KmsError]] = {
    error.code: error
    for error in vars(key_errors).values()
    if isinstance(error, type) and issubclass(error, KmsError)
}

T = TypeVar("T")


class RemoteKeys:
    """Keys of the account whose credentials the server has.

    Its policies are judged there, for the server; here the caller's own policies are.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = boto3.Session().client(
            "kms",
            endpoint_url=settings.kms_endpoint_url,
            region_name=settings.region,
            config=_CONFIG,
        )

    def find(self, key_id: str, region: str, account_id: str) -> JudgedKey:
        if account_id != self._settings.account_id:
            raise KeyNotFoundError(f"Key '{key_id[:256]}' does not exist")
        described = _call(lambda: self._client.describe_key(KeyId=key_id))["KeyMetadata"]
        name = KeyName.parse(described["Arn"], region, account_id)
        if name is None:
            raise KeyNotFoundError(f"Key '{key_id[:256]}' does not exist")
        state = described.get("KeyState", "")
        known = state in KeyState.__members__.values()
        key = foreign_key(
            name.key_id,
            name.account_id,
            name.region,
            KeyState(state) if known else KeyState.PENDING_DELETION,
        )
        refuse_unusable(key)
        return JudgedKey(key, Policy(()), {}, is_foreign=True)

    def generate(self, key_arn: str, context: Mapping[str, str]) -> WrappedKey:
        made = _call(
            lambda: self._client.generate_data_key(
                KeyId=key_arn, KeySpec="AES_256", EncryptionContext=dict(context)
            )
        )
        return WrappedKey(made["Plaintext"], made["CiphertextBlob"], made["KeyId"])

    def unwrap(self, key_arn: str, ciphertext: bytes, context: Mapping[str, str]) -> bytes:
        opened = _call(
            lambda: self._client.decrypt(
                KeyId=key_arn, CiphertextBlob=ciphertext, EncryptionContext=dict(context)
            )
        )
        return bytes(opened["Plaintext"])

    def rewrap(
        self,
        key_arn: str,
        ciphertext: bytes,
        context: Mapping[str, str],
        target_arn: str,
        target_context: Mapping[str, str],
    ) -> bytes:
        moved = _call(
            lambda: self._client.re_encrypt(
                CiphertextBlob=ciphertext,
                SourceKeyId=key_arn,
                SourceEncryptionContext=dict(context),
                DestinationKeyId=target_arn,
                DestinationEncryptionContext=dict(target_context),
            )
        )
        return bytes(moved["CiphertextBlob"])

    def is_newest(self, _: str, __: bytes) -> bool:
        return True  # KMS does not say so of a ciphertext


def _call(call: Callable[[], T]) -> T:
    """Raise KMS's error as our own; KeyServiceAwayError where it does not answer."""
    try:
        return call()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        message: Any = error.response.get("Error", {}).get("Message")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        unknown = KeyServiceAwayError if status >= 500 else KeyUnavailableError
        raise _ERRORS.get(code, unknown)(message or code) from error
    except BotoCoreError as error:
        raise KeyServiceAwayError(f"KMS does not answer: {type(error).__name__}.") from error
