"""Who signed a request (api.md 1.2)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ExpiredTokenException, UnrecognizedClientException
from lensmith.operations.call import Service
from lensmith.store.records import accounts
from lensmith.store.records.accounts import AccessKey
from lensmith.wire.sigv4 import (
    Signature,
    SignedRequest,
    check_scope,
    check_signature,
    check_time,
    read_signature,
)

SERVICE_NAME = "rekognition"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller and the IAM policy documents attached to it."""

    caller: Caller
    policies: tuple[dict[str, Any], ...]


def authenticate(
    service: Service, request: SignedRequest, service_name: str = SERVICE_NAME
) -> Principal:
    """Verify the SigV4 signature of a request to the service of that name.

    Raises one of the framework errors of api.md 1.2 when there is no signature, it is
    incomplete, of an unknown or expired key, or does not match.
    """
    signature = read_signature(request)
    check_scope(signature, service.settings.region, service_name)
    key = _key(service, signature)
    check_time(signature, datetime.now(UTC))
    check_signature(signature, request, key.secret_access_key)
    return Principal(key.caller, key.policies)


def _key(service: Service, signature: Signature) -> AccessKey:
    key = service.records.read_cached(accounts.find_access_key, signature.access_key_id)
    # A permanent key has no token, and one that is sent with it is as wrong as a false one.
    if key is None or not _same(key.session_token, signature.session_token):
        raise UnrecognizedClientException
    if key.expires_ms is not None and key.expires_ms <= now_ms():
        raise ExpiredTokenException
    return key


def _same(expected: str | None, given: str | None) -> bool:
    return hmac.compare_digest((expected or "").encode(), (given or "").encode())
