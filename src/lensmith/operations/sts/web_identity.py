"""AssumeRoleWithWebIdentity: credentials for the token of an OpenID Connect provider."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.openid.token import verified
from lensmith.operations.sts.sessions import begin_role_session, role_session_answer
from lensmith.store.records import principals
from lensmith.store.records.principals import Principal, PrincipalKind


def nothing(_: Service, __: Call) -> list[Permission]:
    """Need no permission of a caller: the role's trust policy judges the token."""
    return []


def assume_role_with_web_identity(service: Service, call: Call) -> dict[str, Any]:
    """Raises InvalidIdentityTokenError, ExpiredIdentityTokenError or AccessDeniedException."""
    settings = service.settings
    claims = verified(settings, call.request["WebIdentityToken"], settings.oidc_audiences)
    arn = call.request["RoleArn"]
    with service.records.write() as connection:
        role, provider = trusting_role(connection, settings, arn, claims)
        key = begin_role_session(connection, call, role, provider=provider)
    return {
        **role_session_answer(key),
        "SubjectFromWebIdentityToken": claims["sub"],
        "Provider": service.settings.oidc_issuer,
        "Audience": _audience(claims),
    }


def trusting_role(
    connection: Connection, settings: Settings, arn: str, claims: dict[str, Any]
) -> tuple[Principal, str]:
    """Return the role and the ARN of the provider; raises AccessDeniedException.

    That a role is not there, and that it does not trust the token, are one refusal.
    """
    role = principals.find_by_arn(connection, arn)
    provider = _provider(settings, arn)
    if (
        role is None
        or role.kind is not PrincipalKind.ROLE
        or not _trusts(settings, role.trust_policy, arn, provider, claims)
    ):
        raise AccessDeniedException("Not authorized to perform sts:AssumeRoleWithWebIdentity")
    return role, provider


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
