"""AssumeRoleWithWebIdentity: credentials for the token of an OpenID Connect provider."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import jwt

from lensmith.config import Settings
from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.identity_errors import (
    ExpiredIdentityTokenError,
    InvalidIdentityTokenError,
)
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.sts.sessions import begin_role_session, role_session_answer
from lensmith.store.records import principals
from lensmith.store.records.principals import PrincipalKind

_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "PS256", "EdDSA")


def nothing(_: Service, __: Call) -> list[Permission]:
    """Need no permission of a caller: the role's trust policy judges the token."""
    return []


def assume_role_with_web_identity(service: Service, call: Call) -> dict[str, Any]:
    """Raises InvalidIdentityTokenError, ExpiredIdentityTokenError or AccessDeniedException."""
    claims = _verified(service.settings, call.request["WebIdentityToken"])
    arn = call.request["RoleArn"]
    with service.records.write() as connection:
        role = principals.find_by_arn(connection, arn)
        provider = _provider(service.settings, arn)
        if (
            role is None
            or role.kind is not PrincipalKind.ROLE
            or not _trusts(service.settings, role.trust_policy, arn, provider, claims)
        ):
            raise AccessDeniedException("Not authorized to perform sts:AssumeRoleWithWebIdentity")
        key = begin_role_session(connection, call, role, provider=provider)
    return {
        **role_session_answer(key),
        "SubjectFromWebIdentityToken": claims["sub"],
        "Provider": service.settings.oidc_issuer,
        "Audience": _audience(claims),
    }


def _verified(settings: Settings, token: str) -> dict[str, Any]:
    if not settings.oidc_issuer or not settings.oidc_audiences:
        raise InvalidIdentityTokenError(
            "No identity provider is set up; LENSMITH_OIDC_ISSUER and LENSMITH_OIDC_AUDIENCES "
            "name one."
        )
    try:
        return dict(
            jwt.decode(
                token,
                _signing_key(settings, token),
                algorithms=list(_ALGORITHMS),
                audience=list(settings.oidc_audiences),
                issuer=settings.oidc_issuer,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        )
    except jwt.ExpiredSignatureError as error:
        raise ExpiredIdentityTokenError from error
    except (jwt.PyJWTError, ValueError, OSError) as error:
        raise InvalidIdentityTokenError(f"The web identity token is not valid: {error}") from error


def _signing_key(settings: Settings, token: str) -> Any:
    if not settings.oidc_keys_file:
        return _client(settings.oidc_issuer).get_signing_key_from_jwt(token).key
    kept = jwt.PyJWKSet.from_dict(json.loads(Path(settings.oidc_keys_file).read_text("utf-8")))
    key_id = jwt.get_unverified_header(token).get("kid")
    chosen = [key for key in kept.keys if key_id in (None, key.key_id)]
    if len(chosen) != 1:
        raise jwt.InvalidKeyError(f"no key {key_id!r}")
    return chosen[0].key


@lru_cache(maxsize=4)
def _client(issuer: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(f"{issuer.rstrip('/')}/.well-known/jwks.json", timeout=5)


def _provider(settings: Settings, role_arn: str) -> str:
    """Name the provider as policies do: by an ARN of the role's account."""
    account_id = role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""
    return f"arn:aws:iam::{account_id}:oidc-provider/{_host(settings)}"


def _trusts(
    settings: Settings, trust: Any, arn: str, provider: str, claims: dict[str, Any]
) -> bool:
    identity = Identity(PrincipalType.ANONYMOUS, "", "", federated_provider=provider)
    host = _host(settings).lower()
    context = {
        f"{host}:sub": (str(claims["sub"]),),
        f"{host}:aud": (_audience(claims),),
        **({f"{host}:amr": tuple(claims["amr"])} if isinstance(claims.get("amr"), list) else {}),
    }
    request = AccessRequest("sts:AssumeRoleWithWebIdentity", arn, context, arn.split(":")[4])
    policy = Policy.stored(trust, PolicyKind.TRUST)
    return decide(Rights(identity), request, [policy], needs_resource_policy=True).allowed


def _host(settings: Settings) -> str:
    return settings.oidc_issuer.partition("://")[2].rstrip("/")


def _audience(claims: dict[str, Any]) -> str:
    given = claims["aud"]
    return str(given[0] if isinstance(given, list) else given)
