"""Signs a person in by the provider: authorization code flow with PKCE (RFC 7636).

What belongs to one sign-in travels sealed in a cookie, so that the server remembers none that was
only begun. The ID token's claims choose a role, which must trust the provider for them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from lensmith.domain.caller import Caller
from lensmith.domain.clock import now_ms
from lensmith.domain.errors import (
    AccessDeniedException,
    InvalidParameterException,
    ResourceNotReadyException,
    StartupError,
)
from lensmith.domain.identity_errors import IdentityError
from lensmith.domain.policy.wildcard import Context
from lensmith.operations.call import Call, Service
from lensmith.operations.openid.provider import Provider, ProviderError, provider_of
from lensmith.operations.openid.token import Issuer, verified
from lensmith.operations.sts.sessions import MAX_SECONDS, begin_role_session
from lensmith.operations.sts.web_identity import trusting_role
from lensmith.store.records import sessions
from lensmith.store.records.principals import arn_of
from lensmith.store.root_key import RootKey

_SEALED_AS = "openid sign-in"
_PENDING_SECONDS = 600
_NOT_IN_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)


class Pending(msgspec.Struct):
    """One sign-in between its two requests."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Begun:
    address: str  # of the provider
    cookie: str


def is_configured(service: Service) -> bool:
    settings = service.settings
    return bool(settings.oidc_issuer and settings.oidc_client_id and settings.oidc_roles)


def begin(service: Service, redirect_uri: str) -> Begun:
    """Make the address that a browser is sent to; raises ResourceNotReadyException."""
    provider = _provider(service)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    ends_ms = now_ms() + _PENDING_SECONDS * 1000
    pending = Pending(state, nonce, verifier, redirect_uri, ends_ms)
    challenge = hashlib.sha256(pending.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": service.settings.oidc_client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid profile email",
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    endpoint = _endpoint(provider, "authorization_endpoint")
    address = f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
    return Begun(
        address, _root_key(service).seal(msgspec.json.encode(pending), _SEALED_AS).decode()
    )


def complete(
    service: Service, cookie: str, state: str, code: str, request_id: str, conditions: Context
) -> str:
    """Exchange the code and return a token that begins one session of a browser.

    Raises AccessDeniedException for another browser's answer, a token that is not for this server,
    or claims that choose no role.
    """
    pending = _unsealed(service, cookie)
    if not hmac.compare_digest(pending.state.encode(), state.encode()):
        raise AccessDeniedException("This sign-in was begun by another browser, or is too old.")
    claims = _claims(service, pending, code)
    role_arn = role_of(service, claims)
    name = session_name(claims)
    session = {**conditions, "sts:rolesessionname": (name,)}
    with service.records.write() as connection:
        role, provider = trusting_role(connection, role_arn, claims, session)
        longest = min(role.max_session_seconds or 3600, MAX_SECONDS)
        request = {"RoleSessionName": name, "DurationSeconds": longest}
        call = Call("AssumeRoleWithWebIdentity", request, Caller("", "anonymous", ""), request_id)
        key = begin_role_session(connection, call, role, provider=provider)
        return sessions.offer(connection, key.access_key_id)


def role_of(service: Service, claims: dict[str, Any]) -> str:
    """Choose the first role of the settings whose value the claim has."""
    settings = service.settings
    given = claims.get(settings.oidc_role_claim)
    values = {str(each) for each in given} if isinstance(given, list) else {str(given)}
    for pair in settings.oidc_roles:
        value, _, role = pair.rpartition("=")
        if value in values:
            return role if ":" in role else arn_of(settings.account_id, "role", role)
    raise AccessDeniedException(
        f"Nothing in the claim {settings.oidc_role_claim} has a role in LENSMITH_OIDC_ROLES."
    )


def session_name(claims: dict[str, Any]) -> str:
    """Name the session by the person: 2 to 64 characters that STS allows.

    An address that the provider has not verified may be another person's.
    """
    unverified = claims.get("email_verified") in (False, "false")
    known = ("sub",) if unverified else ("email", "preferred_username", "sub")
    names = (claims.get(name) for name in known)
    name = next((str(each) for each in names if each), "")
    return _NOT_IN_NAMES.sub("-", name)[:64].ljust(2, "-")


def _claims(service: Service, pending: Pending, code: str) -> dict[str, Any]:
    settings, provider = service.settings, _provider(service)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": pending.redirect_uri,
        "client_id": settings.oidc_client_id,
        "code_verifier": pending.verifier,
    }
    headers = {"Accept": "application/json"}
    if settings.oidc_client_secret:
        names = (settings.oidc_client_id, settings.oidc_client_secret)
        pair = ":".join(quote(name, safe="") for name in names)
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    try:
        answer = provider.post(provider.endpoint("token_endpoint"), fields, headers)
        issuer = Issuer(settings.oidc_issuer, [settings.oidc_client_id], settings.oidc_keys_file)
        claims = verified(issuer, str(answer.get("id_token", "")))
    except (ProviderError, IdentityError) as error:
        raise AccessDeniedException(f"The provider did not sign you in: {error}") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if several and claims.get("azp") != settings.oidc_client_id:
        raise AccessDeniedException("The provider's token is for another client.")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), pending.nonce.encode()):
        raise AccessDeniedException("The provider's token is not of this sign-in.")
    return claims


def _unsealed(service: Service, cookie: str) -> Pending:
    try:
        data = _root_key(service).unseal(cookie.encode(), _SEALED_AS)
        pending = msgspec.json.decode(data, type=Pending)
    except (StartupError, msgspec.MsgspecError) as error:  # not what was sealed
        raise AccessDeniedException("Begin the sign-in again.") from error
    if pending.ends_ms <= now_ms():
        raise AccessDeniedException("The sign-in took too long; begin it again.")
    return pending


def _provider(service: Service) -> Provider:
    if not is_configured(service):
        raise InvalidParameterException("No provider is set up for signing in.")
    return provider_of(service.settings.oidc_issuer)


def _endpoint(provider: Provider, name: str) -> str:
    try:
        return provider.endpoint(name)
    except ProviderError as error:
        raise ResourceNotReadyException(str(error)) from error


def _root_key(service: Service) -> RootKey:
    root_key = service.records.engine.get_execution_options()["root_key"]
    assert isinstance(root_key, RootKey)
    return root_key
