"""IAM identity policies: what a caller may do (api.md 4.5).

Default deny, an explicit Deny wins, and whatever cannot be understood never helps the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from lensmith.domain.policy_condition import Condition
from lensmith.domain.wildcard import UnresolvedVariable, Wildcard


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One action on one resource, and what is known about both.

    `context` maps condition keys in lower case (`aws:resourcetag/team`) to their values; a key
    without a value is absent.
    """

    action: str  # rekognition:<Operation>
    resource: str  # ARN, or *
    context: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an access is allowed; the reason is for the log, not for the caller."""

    allowed: bool
    reason: str
    explicitly_denied: bool = False


class Effect(Enum):
    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy document, checked for form."""

    effect: Effect
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[Condition, ...]
    not_actions: bool = False  # applies to every action but these
    not_resources: bool = False

    @classmethod
    def parse(cls, document: Any) -> Self:
        """Raises ValueError naming the member that breaks the grammar."""
        if not isinstance(document, dict):
            raise ValueError("Statement must be an object")
        unknown = document.keys() - _STATEMENT_MEMBERS
        if unknown:
            raise ValueError(f"Statement has no member {', '.join(sorted(unknown))}")
        not_actions, actions = _one_of(document, "Action", "NotAction")
        not_resources, resources = _one_of(document, "Resource", "NotResource")
        return cls(
            effect=Effect(document.get("Effect")),
            actions=actions,
            resources=resources,
            conditions=tuple(Condition.parse_all(document.get("Condition", {}))),
            not_actions=not_actions,
            not_resources=not_resources,
        )

    def applies_to(self, request: AccessRequest) -> bool:
        return (
            self._names_action(request) and self._names_resource(request) and self._holds(request)
        )

    def _names_action(self, request: AccessRequest) -> bool:
        action = request.action.lower()
        named = any(Wildcard.parse(given.lower()).matches(action) for given in self.actions)
        return named is not self.not_actions

    def _names_resource(self, request: AccessRequest) -> bool:
        wildcards = [_resolved(resource, request.context) for resource in self.resources]
        if self.not_resources and None in wildcards:
            return self.effect is Effect.DENY
        named = any(wildcard and wildcard.matches(request.resource) for wildcard in wildcards)
        return named is not self.not_resources

    def _holds(self, request: AccessRequest) -> bool:
        try:
            return all(condition.holds(request.context) for condition in self.conditions)
        except ValueError:
            return self.effect is Effect.DENY


def parse_policy(document: Any) -> tuple[Statement, ...]:
    """Parse the statements of an identity policy document.

    Raises ValueError naming what breaks the grammar.
    """
    if not isinstance(document, dict):
        raise ValueError("a policy must be an object")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise ValueError("Statement must be an object or a list")
    return tuple(Statement.parse(statement) for statement in statements)


def decide(policies: Iterable[Any], request: AccessRequest) -> Decision:
    """Evaluate identity policy documents; a malformed one refuses everything."""
    allowed = False
    for number, document in enumerate(policies, start=1):
        try:
            statements = parse_policy(document)
        except ValueError as error:
            return Decision(False, f"policy {number} is malformed: {error}", explicitly_denied=True)
        applying = {statement.effect for statement in statements if statement.applies_to(request)}
        if Effect.DENY in applying:
            return Decision(False, f"policy {number} denies", explicitly_denied=True)
        allowed = allowed or Effect.ALLOW in applying
    return Decision(allowed, "a policy allows" if allowed else "no policy allows")


_STATEMENT_MEMBERS = frozenset(
    {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


def _one_of(document: Mapping[str, Any], member: str, negated: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether the negated member is the one given, and its values."""
    if (member in document) == (negated in document):
        raise ValueError(f"a statement needs either {member} or {negated}")
    given = document[member] if member in document else document[negated]
    values = (given,) if isinstance(given, str) else given
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"{member} must be a string or a list of strings")
    return negated in document, tuple(values)


def _resolved(resource: str, context: Mapping[str, tuple[str, ...]]) -> Wildcard | None:
    try:
        return Wildcard.resolve(resource, context)
    except UnresolvedVariable:
        return None
