"""Who sent a request: by its signature (api.md 1.2), or by the session of a browser."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ExpiredTokenException, UnrecognizedClientException
from lensmith.operations.call import Service
from lensmith.store.records import accounts, sessions
from lensmith.store.records.accounts import AccessKey
from lensmith.store.records.sessions import Session
from lensmith.wire.sigv4 import (
    Signature,
    SignedRequest,
    check_scope,
    check_signature,
    check_time,
    read_signature,
)

SERVICE_NAME = "rekognition"
SESSION_HEADER = "x-lensmith-session"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller and the IAM policy documents attached to it."""

    caller: Caller
    policies: tuple[dict[str, Any], ...]
    session: bool = False  # a browser's, which signs nothing

    @property
    def logged(self) -> dict[str, Any]:
        """Who it is, for the log."""
        return {"caller": self.caller.arn, **({"session": True} if self.session else {})}


def authenticate(
    service: Service, request: SignedRequest, service_name: str = SERVICE_NAME
) -> Principal:
    """Verify the SigV4 signature of a request to the service of that name, or its session.

    Raises one of the framework errors of api.md 1.2 when there is neither, the signature is
    incomplete, of an unknown or expired key, or does not match, or the session has ended.
    """
    token = request.header(SESSION_HEADER)
    if token is not None and request.header("authorization") is None:
        return _of_session(service.records.read_cached(sessions.find, token))
    signature = read_signature(request)
    check_scope(signature, service.settings.region, service_name)
    key = _key(service, signature)
    check_time(signature, datetime.now(UTC))
    check_signature(signature, request, key.secret_access_key)
    return Principal(key.caller, key.policies)


def authenticate_reader(service: Service, request: SignedRequest, cookie: str | None) -> Principal:
    """Who reads a picture: as `authenticate` tells, or by the cookie, which does nothing else."""
    if cookie is None or request.header("authorization") or request.header(SESSION_HEADER):
        return authenticate(service, request)
    return _of_session(service.records.read_cached(sessions.find_by_picture_token, cookie))


def _of_session(session: Session | None) -> Principal:
    if session is None or session.expires_ms <= now_ms():
        raise ExpiredTokenException("The session has ended; sign in again.")
    return Principal(session.key.caller, session.key.policies, session=True)


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
