"""Finds the principal of a request: by SigV4 (api.md 1.2), or by the session of a browser."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import ExpiredTokenException, UnrecognizedClientException
from lensmith.domain.policy.rights import Rights
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


class Regions(Enum):
    """The regions that a signature may name."""

    OWN = "own"  # the server's
    SERVED = "served"
    ANY = "any"  # for global services


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller and what it may do."""

    caller: Caller
    rights: Rights
    region: str  # that a signature names; the server's own for browsers
    session: bool = False  # a browser's, which signs nothing

    @property
    def logged(self) -> dict[str, Any]:
        """Fields for the log."""
        return {"caller": self.caller.arn, **({"session": True} if self.session else {})}


def authenticate(
    service: Service,
    request: SignedRequest,
    service_name: str = SERVICE_NAME,
    regions: Regions = Regions.OWN,
) -> Principal:
    """Find who sent a request; here alone the way to prove it is chosen.

    `service_name` is the service that a signature must be scoped to. Raises one of the framework
    errors of api.md 1.2. Reads through `Records.read_cached` only, so it may run in the event
    loop.
    """
    token = request.header(SESSION_HEADER)
    if token is not None and request.header("authorization") is None:
        return _by_session(service, service.records.read_cached(sessions.find, token))
    return _by_signature(service, request, service_name, regions)


def authenticate_reader(service: Service, request: SignedRequest, cookie: str | None) -> Principal:
    """Find who reads a picture: as `authenticate`, or by the cookie, which allows nothing else."""
    if cookie is None or request.header("authorization") or request.header(SESSION_HEADER):
        return authenticate(service, request)
    found = service.records.read_cached(sessions.find_by_picture_token, cookie)
    return _by_session(service, found)


def _by_session(service: Service, session: Session | None) -> Principal:
    """Raises ExpiredTokenException without a session, or when it has ended."""
    if session is None or session.expires_ms <= now_ms():
        raise ExpiredTokenException("The session has ended; sign in again.")
    return Principal(session.key.caller, session.key.rights, service.settings.region, session=True)


def _by_signature(
    service: Service, request: SignedRequest, service_name: str, regions: Regions
) -> Principal:
    """Verify SigV4.

    Raises a framework error if there is no signature, it is incomplete, of an unknown or expired
    key, or does not match.
    """
    signature = read_signature(request)
    check_scope(signature, _accepted(service, regions, signature), service_name)
    key = _key(service, signature)
    check_time(signature, datetime.now(UTC))
    check_signature(signature, request, key.secret_access_key)
    return Principal(key.caller, key.rights, signature.region)


def _accepted(service: Service, regions: Regions, signature: Signature) -> tuple[str, ...]:
    if regions is Regions.ANY:
        return (signature.region,)
    settings = service.settings
    return settings.served_regions if regions is Regions.SERVED else (settings.region,)


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
