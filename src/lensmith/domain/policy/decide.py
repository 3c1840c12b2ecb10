"""The one decision on every access (api.md 4.5).

Default deny, an explicit Deny wins, and whatever cannot be understood never helps the caller.
Identity policies, a permissions boundary, session policies and policies of the resource are
combined as AWS documents it under "Policy evaluation logic".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from lensmith.domain.policy.document import Effect, Policy
from lensmith.domain.policy.identity import PrincipalType
from lensmith.domain.policy.principal_element import Naming
from lensmith.domain.policy.rights import Rights
from lensmith.domain.policy.wildcard import Context


class AccessRequest(NamedTuple):
    """One action on one resource, and what is known about both."""

    action: str  # rekognition:<Operation>, s3:GetObject
    resource: str  # ARN, or *
    context: Context
    resource_account: str | None = None  # that owns the resource; None: the caller's


class Reason(Enum):
    """Why a decision fell as it did; for logs, not for the caller."""

    ALLOWED_BY_IDENTITY = "a policy of the principal allows"
    ALLOWED_BY_RESOURCE = "a policy of the resource allows"
    ALLOWED_AS_ROOT = "the root of an account needs no policy"
    DENIED_BY_IDENTITY = "a policy of the principal denies"
    DENIED_BY_BOUNDARY = "the permissions boundary denies"
    DENIED_BY_SESSION = "a session policy denies"
    DENIED_BY_RESOURCE = "a policy of the resource denies"
    MALFORMED_POLICY = "a policy cannot be evaluated"
    NO_IDENTITY_ALLOW = "no policy of the principal allows"
    NO_BOUNDARY_ALLOW = "the permissions boundary does not allow"
    NO_SESSION_ALLOW = "no session policy allows"
    NO_RESOURCE_ALLOW = "no policy of the resource allows"


_EXPLICIT = (
    Reason.DENIED_BY_IDENTITY,
    Reason.DENIED_BY_BOUNDARY,
    Reason.DENIED_BY_SESSION,
    Reason.DENIED_BY_RESOURCE,
    Reason.MALFORMED_POLICY,
)
_ALLOWING = (Reason.ALLOWED_BY_IDENTITY, Reason.ALLOWED_BY_RESOURCE, Reason.ALLOWED_AS_ROOT)


class Decision(NamedTuple):
    """Whether an access is allowed, and why."""

    reason: Reason

    @property
    def allowed(self) -> bool:
        return self.reason in _ALLOWING

    @property
    def explicitly_denied(self) -> bool:
        return self.reason in _EXPLICIT


def decide(
    rights: Rights,
    request: AccessRequest,
    resource_policies: Sequence[Policy] = (),
    *,
    needs_resource_policy: bool = False,
) -> Decision:
    """Decide one access.

    A resource of another account needs an Allow on both sides; in one account either side is
    enough. With `needs_resource_policy`, as when a role is assumed, the resource's side must
    allow in one account too: the caller by name, or its account, whose policies then allow.
    """
    action = request.action.lower()
    bounds = _Bounds.of(rights, action, request)
    resource = _on_resource(rights, resource_policies, action, request)
    denied = bounds.denial or resource.denial
    if denied is not None:
        return Decision(denied)
    foreign = request.resource_account not in (None, rights.account_id)
    if foreign or rights.identity.type is PrincipalType.ANONYMOUS or needs_resource_policy:
        return Decision(_of_both_sides(bounds, resource.naming, foreign=foreign))
    return Decision(_of_either_side(bounds, resource.naming))


class _Bounds(NamedTuple):
    """The principal's side: an explicit Deny, else what withholds its Allow."""

    denial: Reason | None
    identity: Reason  # ALLOWED_…, or NO_IDENTITY_ALLOW
    boundary_withholds: bool
    session_withholds: bool
    anonymous: bool

    @classmethod
    def of(cls, rights: Rights, action: str, request: AccessRequest) -> _Bounds:
        boundary = () if rights.boundary is None else (rights.boundary,)
        identity_effect = _effect(rights.policies, action, request)
        boundary_effect = _effect(boundary, action, request) if boundary else None
        limits = rights.session_policies
        session_effect = _effect(limits, action, request) if limits else None
        identity = Reason.NO_IDENTITY_ALLOW
        if rights.identity.type is PrincipalType.ACCOUNT:
            identity = Reason.ALLOWED_AS_ROOT
        elif identity_effect is Effect.ALLOW:
            identity = Reason.ALLOWED_BY_IDENTITY
        return cls(
            denial=_denial(identity_effect, boundary_effect, session_effect),
            identity=identity,
            boundary_withholds=bool(boundary) and boundary_effect is None,
            session_withholds=bool(limits) and session_effect is None,
            anonymous=rights.identity.type is PrincipalType.ANONYMOUS,
        )

    @property
    def reason(self) -> Reason:
        """Return the outcome of the principal's side as a whole."""
        if self.identity is Reason.NO_IDENTITY_ALLOW:
            return self.identity
        return self.withheld or self.identity

    @property
    def withheld(self) -> Reason | None:
        if self.boundary_withholds:
            return Reason.NO_BOUNDARY_ALLOW
        return Reason.NO_SESSION_ALLOW if self.session_withholds else None


class _OnResource(NamedTuple):
    """The resource's side: an explicit Deny, else how closely an Allow names the caller."""

    denial: Reason | None
    naming: Naming


def _of_either_side(bounds: _Bounds, named: Naming) -> Reason:
    if named is Naming.ITSELF:  # not limited by what the boundary leaves out
        withheld = Reason.NO_SESSION_ALLOW if bounds.session_withholds else None
        return withheld or Reason.ALLOWED_BY_RESOURCE
    if named is Naming.ROLE:
        return bounds.withheld or Reason.ALLOWED_BY_RESOURCE
    return bounds.reason


def _of_both_sides(bounds: _Bounds, named: Naming, *, foreign: bool) -> Reason:
    if named is Naming.NOT:
        return Reason.NO_RESOURCE_ALLOW
    if bounds.anonymous:
        return Reason.ALLOWED_BY_RESOURCE
    if foreign or named is Naming.ACCOUNT:
        return bounds.reason
    return _of_either_side(bounds, named)


def _denial(*effects: Effect | Reason | None) -> Reason | None:
    if Reason.MALFORMED_POLICY in effects:
        return Reason.MALFORMED_POLICY
    if Effect.DENY not in effects:
        return None
    reasons = (Reason.DENIED_BY_IDENTITY, Reason.DENIED_BY_BOUNDARY, Reason.DENIED_BY_SESSION)
    return reasons[effects.index(Effect.DENY)]


def _effect(
    policies: Iterable[Policy], action: str, request: AccessRequest
) -> Effect | Reason | None:
    found: Effect | Reason | None = None
    for policy in policies:
        if policy.defect:
            return Reason.MALFORMED_POLICY
        for statement in policy.statements:
            if found is statement.effect or found is Effect.DENY:
                continue
            if statement.applies_to(action, request.resource, request.context):
                found = statement.effect
    return found


def _on_resource(
    rights: Rights, policies: Iterable[Policy], action: str, request: AccessRequest
) -> _OnResource:
    closest = Naming.NOT
    denial: Reason | None = None
    for policy in policies:
        if policy.defect:
            return _OnResource(Reason.MALFORMED_POLICY, Naming.NOT)
        for statement in policy.statements:
            assert statement.principals is not None  # parsed as a policy of a resource
            naming = statement.principals.naming(rights.identity)
            if statement.principals.negated and rights.boundary is not None:
                # As AWS documents: with a boundary, a Deny by NotPrincipal is on everybody.
                naming = Naming.ITSELF if statement.effect is Effect.DENY else naming
            if naming is Naming.NOT:
                continue
            if statement.applies_to(action, request.resource, request.context):
                if statement.effect is Effect.DENY:
                    denial = Reason.DENIED_BY_RESOURCE
                else:
                    closest = max(closest, naming)
    return _OnResource(denial, closest)
