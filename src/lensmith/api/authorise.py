"""Decides whether the caller may do what the call needs (api.md 2, Auth; 4.5)."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import structlog

from lensmith.api.authenticate import Principal
from lensmith.api.request import ApiRequest
from lensmith.config import Settings
from lensmith.domain.errors import AccessDeniedException
from lensmith.domain.policy.decide import AccessRequest, Decision, decide
from lensmith.domain.policy.lazy_context import LazyContext
from lensmith.domain.policy.request_context import request_context
from lensmith.operations.call import Permission

Context = dict[str, tuple[str, ...]]
log = structlog.get_logger(__name__)


def authorise(
    principal: Principal, permissions: list[Permission], request: ApiRequest, settings: Settings
) -> None:
    """Raise AccessDeniedException unless the caller's policies give every permission.

    The root of an account needs no policy.
    """
    known = LazyContext(partial(known_of, principal, request, settings))
    for permission in permissions:
        _require(principal, permission, known)


def is_authorised(
    principal: Principal, permission: Permission, request: ApiRequest, settings: Settings
) -> bool:
    """Return whether the caller's policies give one permission; for lists of what may be shown."""
    known = LazyContext(partial(known_of, principal, request, settings))
    return _decide(principal, permission, known).allowed


def _require(principal: Principal, permission: Permission, known: LazyContext) -> None:
    decision = _decide(principal, permission, known)
    if decision.allowed or (permission.deny_only and not decision.explicitly_denied):
        return
    log.info(
        "access denied",
        action=permission.action,
        resource=permission.resource,
        reason=decision.reason.value,
    )
    raise AccessDeniedException(
        f"User: {principal.caller.arn} is not authorized to perform: {permission.action} "
        f"on resource: {permission.shown or permission.resource}"
    )


def _decide(principal: Principal, permission: Permission, known: LazyContext) -> Decision:
    context = LazyContext(partial(_context, principal, permission, known))
    asked = AccessRequest(
        permission.action, permission.resource, context, permission.resource_account
    )
    return decide(
        principal.rights,
        asked,
        permission.resource_policies,
        needs_resource_policy=permission.needs_resource_policy,
    )


def _context(principal: Principal, permission: Permission, known: LazyContext) -> Context:
    return {**known, **_known_of_resource(principal, permission), **permission.context}


def known_of(principal: Principal, request: ApiRequest, settings: Settings) -> Context:
    """Return the condition keys that do not depend on the resource."""
    return request_context(
        principal.rights.identity,
        region=settings.region,
        now=datetime.now(UTC),
        is_secure=request.is_secure,
        source_ip=request.source_ip,
        user_agent=request.http.header("user-agent") or "",
        referer=request.http.header("referer") or "",
    )


def _known_of_resource(principal: Principal, permission: Permission) -> Context:
    context: Context = {"aws:tagkeys": tuple(permission.request_tags)}
    for prefix, tags in (
        (
            "aws:resourcetag/",
            {} if _is_foreign(principal, permission) else permission.resource_tags,
        ),
        ("aws:requesttag/", permission.request_tags),
    ):
        for key, value in tags.items():
            # Condition keys ignore case, tags do not: `Team` and `team` are one key here.
            name = prefix + key.lower()
            context[name] = (*context.get(name, ()), value)
    return context


def _is_foreign(principal: Principal, permission: Permission) -> bool:
    """Return whether the ARN is another account's, whose tags no condition may test.

    Not where the other account's own policy has a say.
    """
    if permission.resource_account is not None:
        return False
    owner = permission.resource.split(":")[4:5]
    return owner not in ([], [""], [principal.caller.account_id])
