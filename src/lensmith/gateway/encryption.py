"""Objects that a key of KMS encrypts: which key, and whether the caller may use it.

The store encrypts and decrypts, and asks this server's KMS for data keys. It asks in its own name,
so the caller is judged here before: for GenerateDataKey when it writes, for Decrypt when it reads.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Mapping
from typing import Any

import msgspec

from lensmith.domain.key_errors import (
    CiphertextError,
    KeyDisabledError,
    KeyNotFoundError,
    KeyStateError,
    KeyUnavailableError,
    KmsError,
)
from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.condition_keys import global_keys
from lensmith.gateway.exchange import Exchange
from lensmith.gateway.grammar.address import Address
from lensmith.gateway.http.reply import Headers, Reply
from lensmith.gateway.http.store_connection import StoreAnswer
from lensmith.gateway.judge import denied
from lensmith.gateway.store_call import call_store, canonical
from lensmith.store.keyring.judged_key import JudgedKey, context_keys
from lensmith.store.keyring.key_service import key_service
from lensmith.store.keyring.s3_key import s3_key

ALGORITHM = "x-amz-server-side-encryption"
KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
_CONTEXT = "x-amz-server-side-encryption-context"
_CUSTOMER = "x-amz-server-side-encryption-customer-algorithm"
_BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled"
_KMS = "aws:kms"
_ANSWERED = (CiphertextError, KeyDisabledError, KeyNotFoundError, KeyStateError)


async def choose_key(exchange: Exchange) -> None:
    """Name the key of a new object by its ARN, where one is to encrypt it; raises S3Error."""
    headers = exchange.request.headers
    wanted = headers.get(ALGORITHM)
    if wanted is None:
        if KEY_ID in headers:
            raise S3Error("InvalidArgument", f"{KEY_ID} needs {ALGORITHM}: {_KMS}.")
        default = exchange.judged.record.default_key
        if default is None or _CUSTOMER in headers:
            return
        headers[ALGORITHM] = wanted = _KMS
        if default.name is not None:
            headers[KEY_ID] = default.name
    if wanted == "AES256" and KEY_ID not in headers:
        return
    if wanted != _KMS:
        raise S3Error("InvalidArgument", "The encryption method specified is not supported")
    if headers.get(_BUCKET_KEY, "false").lower() == "true":
        headers.pop(_BUCKET_KEY)  # saves requests to KMS elsewhere; here there is nothing to save
    given = headers.get(KEY_ID)
    account_id = exchange.judged.record.account_id
    if given is None:
        services = exchange.services
        given = await asyncio.to_thread(
            s3_key, services.settings, services.records, _region(exchange), account_id
        )
    key = await _find(exchange, given)
    _require(exchange, key, "kms:GenerateDataKey", _context_of(headers))
    headers[KEY_ID] = key.key.arn


async def name_key(exchange: Exchange) -> None:
    """Write the key that a request names by its ARN, as conditions compare it.

    One that is not there stays as it was sent: `choose_key` refuses it after the request is judged.
    """
    headers = exchange.request.headers
    if headers.get(KEY_ID):
        with contextlib.suppress(S3Error):
            headers[KEY_ID] = (await _find(exchange, headers[KEY_ID])).key.arn


def chosen_key(headers: Mapping[str, str], answered: Headers) -> Headers:
    """Return how a new object is encrypted, where the store's answer does not say it."""
    said = {name.lower() for name, _ in answered}
    names = (name for name in (ALGORITHM, KEY_ID) if name in headers and name not in said)
    return [(name, headers[name]) for name in names]


def leave_to_upload(headers: dict[str, str]) -> None:
    """Drop what a part says of its encryption: the upload it belongs to has said it."""
    for name in (ALGORITHM, KEY_ID, _CONTEXT):
        headers.pop(name, None)


async def refuse_undecryptable(exchange: Exchange, answer: StoreAnswer) -> None:
    """Raise S3Error unless the caller may decrypt the object that the store is about to send.

    Where the store failed because of the object's key, KMS's error says so.
    """
    if answer.status >= 500:
        await _name_key_fault(exchange)
    arn = answer.header(KEY_ID)
    if arn is not None:
        key = await _find(exchange, arn)
        _require(exchange, key, "kms:Decrypt", {})


async def require_source(exchange: Exchange, source: Address, version: str) -> None:
    """Raise S3Error unless the caller may decrypt the source of a copy."""
    reply = await _head(exchange, source, version)
    arn = _header(reply, KEY_ID)
    if arn is not None:
        key = await _find(exchange, arn)
        _require(exchange, key, "kms:Decrypt", {})


async def _name_key_fault(exchange: Exchange) -> None:
    reply = await _head(exchange, exchange.address, exchange.query.get("versionId", ""))
    arn = _header(reply, KEY_ID)
    if arn is not None:
        await _find(exchange, arn)


async def _find(exchange: Exchange, name: str) -> JudgedKey:
    keys = key_service(exchange.services.settings, exchange.services.records)
    account_id = exchange.signer.rights.account_id
    try:
        return await asyncio.to_thread(keys.find, name, _region(exchange), account_id)
    except KmsError as error:
        raise kms_error(error) from error


def kms_error(error: KmsError) -> S3Error:
    """Convert to the error that S3 answers, with KMS's code after `KMS.`."""
    known = isinstance(error, _ANSWERED)
    code = error.code if known else KeyUnavailableError.code
    return S3Error(f"KMS.{code}", error.message)


def _require(
    exchange: Exchange, key: JudgedKey, action: str, encryption_context: Mapping[str, str]
) -> None:
    signer, request, region = exchange.signer, exchange.request, _region(exchange)
    context = {
        **global_keys(signer, request, region, key.key.account_id),
        **context_keys(
            {"aws:s3:arn": exchange.address.arn, **encryption_context},
            f"s3.{region}.amazonaws.com",
        ),
        "kms:calleraccount": (signer.rights.account_id,),
        "aws:viaawsservice": ("true",),
    }
    decision = key.decide(signer.rights, action, context)
    if not decision.allowed:
        raise denied(signer, action, key.key.arn, decision)


async def _head(exchange: Exchange, named: Address, version: str) -> Reply:
    query = canonical({"versionId": version} if version else {})
    return await call_store(exchange.services, "HEAD", named, query)


def _header(reply: Reply, name: str) -> str | None:
    return next((value for key, value in reply.headers if key.lower() == name), None)


def _region(exchange: Exchange) -> str:
    bucket = exchange.bucket
    return exchange.services.region if bucket is None else bucket.record.region


def _context_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Read the encryption context that a client adds; raises S3Error."""
    given = headers.get(_CONTEXT)
    if given is None:
        return {}
    try:
        decoded: Any = msgspec.json.decode(
            base64.b64decode(given, validate=True), type=dict[str, str]
        )
    except (ValueError, msgspec.MsgspecError) as error:
        raise S3Error("InvalidArgument", f"{_CONTEXT} must be Base64 of a JSON object.") from error
    return dict(decoded)
