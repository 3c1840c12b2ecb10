"""AssumeRoleWithWebIdentity: credentials for the token of an OpenID Connect provider."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import Connection

from lensmith.config import Settings
from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.identity_errors import InvalidIdentityTokenError, UnprovenIdentityTokenError
from lensmith.domain.policy.decide import AccessRequest, decide
from lensmith.domain.policy.document import Policy, PolicyKind
from lensmith.domain.policy.identity import Identity, PrincipalType
from lensmith.domain.policy.rights import Rights
from lensmith.domain.policy.wildcard import Context
from lensmith.operations.call import Call, Permission, Service
from lensmith.operations.openid.token import Issuer, named_issuer, verified
from lensmith.operations.sts.sessions import begin_role_session, role_session_answer
from lensmith.store.records import openid_providers, principals
from lensmith.store.records.openid_providers import OpenIdProvider, provider_arn
from lensmith.store.records.principals import Principal, PrincipalKind

_log = structlog.get_logger()


def nothing(_: Service, __: Call) -> list[Permission]:
    """Need no permission of a caller: the role's trust policy judges the token."""
    return []


def assume_role_with_web_identity(service: Service, call: Call) -> dict[str, Any]:
    """Raises InvalidIdentityTokenError, ExpiredIdentityTokenError or AccessDeniedException."""
    arn, token = call.request["RoleArn"], call.request["WebIdentityToken"]
    claims = _proven(service, token, _account(arn))
    with service.records.write() as connection:
        session = {**call.conditions, "sts:rolesessionname": (call.request["RoleSessionName"],)}
        role, provider = trusting_role(connection, arn, claims, session)
        key = begin_role_session(connection, call, role, provider=provider)
    return {
        **role_session_answer(key),
        "SubjectFromWebIdentityToken": claims["sub"],
        "Provider": claims["iss"],
        "Audience": _audience(claims),
    }


def trusting_role(
    connection: Connection, arn: str, claims: dict[str, Any], conditions: Context
) -> tuple[Principal, str]:
    """Return the role and the ARN of the provider; raises AccessDeniedException.

    `conditions` are the keys of the request and of the session that it asks for. That a role is
    not there, and that it does not trust the token, are one refusal.
    """
    role = principals.find_by_arn(connection, arn)
    provider = provider_arn(_account(arn), claims["iss"])
    if (
        role is None
        or role.kind is not PrincipalKind.ROLE
        or not _trusts(role.trust_policy, arn, provider, claims, conditions)
    ):
        raise AccessDeniedException("Not authorized to perform sts:AssumeRoleWithWebIdentity")
    return role, provider


def _proven(service: Service, token: str, account_id: str) -> dict[str, Any]:
    """Return the claims of a token of the settings' provider or of one of the role's account.

    Without a signature of that provider a caller learns nothing of what the account has.
    """
    settings, named = service.settings, named_issuer(token)
    with service.records.read() as connection:
        found = openid_providers.find(connection, provider_arn(account_id, named))
    is_of_settings = bool(named) and named == settings.oidc_issuer
    if is_of_settings:
        return verified(_issuer(settings, found), token)
    try:
        if found is None or found.url != named:
            raise UnprovenIdentityTokenError(f"the account has no provider {named!r}")
        return verified(Issuer(found.url, found.client_ids), token)
    except UnprovenIdentityTokenError as error:
        _log.info("web identity token refused", account_id=account_id, reason=str(error)[:500])
        raise InvalidIdentityTokenError(
            "No OpenID Connect provider of the account signed the web identity token."
        ) from error


def _issuer(settings: Settings, found: OpenIdProvider | None) -> Issuer:
    """Return the settings' provider; an account may take its tokens for further audiences."""
    own = found.client_ids if found is not None and found.url == settings.oidc_issuer else ()
    audiences = dict.fromkeys((*settings.oidc_audiences, *own))
    return Issuer(settings.oidc_issuer, list(audiences), settings.oidc_keys_file)


def _account(role_arn: str) -> str:
    return role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""


def _trusts(
    trust: Any, arn: str, provider: str, claims: dict[str, Any], conditions: Context
) -> bool:
    identity = Identity(PrincipalType.ANONYMOUS, "", "", federated_provider=provider)
    host = provider.partition(":oidc-provider/")[2].lower()
    methods = claims.get("amr")
    context = {
        **conditions,
        f"{host}:sub": (str(claims["sub"]),),
        f"{host}:aud": (_audience(claims),),
        **({f"{host}:amr": tuple(map(str, methods))} if isinstance(methods, list) else {}),
    }
    request = AccessRequest("sts:AssumeRoleWithWebIdentity", arn, context, _account(arn))
    policy = Policy.stored(trust, PolicyKind.TRUST)
    return decide(Rights(identity), request, [policy], needs_resource_policy=True).allowed


def _audience(claims: dict[str, Any]) -> str:
    given = claims["aud"]
    return str(given[0] if isinstance(given, list) else given)
