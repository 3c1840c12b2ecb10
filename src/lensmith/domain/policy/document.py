"""IAM policy documents, checked when they are read: an unusable one is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from lensmith.domain.policy.arn_pattern import ArnPattern
from lensmith.domain.policy.condition import Absence, Condition, parse_conditions
from lensmith.domain.policy.principal_element import PrincipalElement
from lensmith.domain.policy.wildcard import Context, UnresolvedVariable, Wildcard

_WITH_VARIABLES, _WITHOUT = "2012-10-17", "2008-10-17"
_ACTION = re.compile(r"[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+", re.ASCII)


class Effect(Enum):
    ALLOW = "Allow"
    DENY = "Deny"


class PolicyKind(Enum):
    """Where a policy is attached, which decides the members its statements have."""

    IDENTITY = "identity"  # also a boundary and a session policy
    RESOURCE = "resource"  # names principals
    TRUST = "trust"  # of a role: names principals, and no resource


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy document."""

    effect: Effect
    actions: tuple[Wildcard, ...]  # in lower case
    resources: tuple[ArnPattern, ...]
    conditions: tuple[Condition | Absence, ...]
    principals: PrincipalElement | None  # None in policies of identities
    not_actions: bool = False  # applies to every action but these
    not_resources: bool = False
    sid: str = ""

    @classmethod
    def parse(cls, document: Any, kind: PolicyKind, *, variables: bool) -> Self:
        """Raises ValueError naming the member that breaks the grammar."""
        if not isinstance(document, dict):
            raise ValueError("Statement must be an object")
        unknown = document.keys() - _members(kind)
        if unknown:
            raise ValueError(f"Statement has no member {', '.join(sorted(map(str, unknown)))}")
        if document.get("Effect") not in ("Allow", "Deny"):
            raise ValueError("Effect must be Allow or Deny")
        not_actions, actions = _one_of(document, "Action", "NotAction")
        if kind is PolicyKind.TRUST:  # whose statements are about the role itself
            document = {**document, "Resource": "*"}
        not_resources, resources = _one_of(document, "Resource", "NotResource")
        block = document.get("Condition", {})
        return cls(
            effect=Effect(document["Effect"]),
            actions=tuple(map(_action, actions)),
            resources=tuple(_resource(text, variables) for text in resources),
            conditions=tuple(parse_conditions(block, variables=variables)),
            principals=None if kind is PolicyKind.IDENTITY else PrincipalElement.parse(document),
            not_actions=not_actions,
            not_resources=not_resources,
            sid=_sid(document.get("Sid", "")),
        )

    def applies_to(self, action: str, resource: str, context: Context) -> bool:
        """Return whether the statement, its principals apart, is on this access.

        What cannot be decided, as a variable without a value, never helps the caller. `action`
        is in lower case.
        """
        return (
            self._names_action(action)
            and self._names_resource(resource, context)
            and self._holds(context)
        )

    def _names_action(self, action: str) -> bool:
        for given in self.actions:
            if given.matches(action):
                return not self.not_actions
        return self.not_actions

    def _names_resource(self, resource: str, context: Context) -> bool:
        named = False
        for pattern in self.resources:
            try:
                named = named or pattern.matches(resource, context)
            except UnresolvedVariable:
                if self.not_resources:
                    return self.effect is Effect.DENY
        return named is not self.not_resources

    def _holds(self, context: Context) -> bool:
        if not self.conditions:
            return True
        try:
            return all(condition.holds(context) for condition in self.conditions)
        except ValueError:
            return self.effect is Effect.DENY


@dataclass(frozen=True, slots=True)
class Policy:
    """The statements of one document; `defect` says why a stored document is unusable."""

    statements: tuple[Statement, ...]
    defect: str = ""

    @classmethod
    def parse(cls, document: Any, kind: PolicyKind = PolicyKind.IDENTITY) -> Self:
        """Parse a document that is written. Raises ValueError naming what breaks the grammar."""
        if not isinstance(document, dict):
            raise ValueError("a policy must be an object")
        unknown = document.keys() - {"Version", "Id", "Statement"}
        if unknown:
            raise ValueError(f"a policy has no member {', '.join(sorted(map(str, unknown)))}")
        version = document.get("Version", _WITHOUT)
        if version not in (_WITH_VARIABLES, _WITHOUT):
            raise ValueError(f"Version must be {_WITH_VARIABLES} or {_WITHOUT}")
        statements = document.get("Statement")
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list) or not statements:
            raise ValueError("Statement must be an object or a list of objects")
        variables = version == _WITH_VARIABLES
        return cls(tuple(Statement.parse(each, kind, variables=variables) for each in statements))

    @classmethod
    def stored(cls, document: Any, kind: PolicyKind = PolicyKind.IDENTITY) -> Self:
        """Parse a document that was found; a malformed one refuses everything."""
        try:
            return cls.parse(document, kind)
        except ValueError as error:
            return cls((), str(error) or "malformed")


_COMMON = frozenset({"Sid", "Effect", "Action", "NotAction", "Condition"})
_RESOURCES = frozenset({"Resource", "NotResource"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})


def _members(kind: PolicyKind) -> frozenset[str]:
    if kind is PolicyKind.IDENTITY:
        return _COMMON | _RESOURCES
    return _COMMON | _PRINCIPALS | (_RESOURCES if kind is PolicyKind.RESOURCE else frozenset())


def _one_of(document: Mapping[str, Any], member: str, negated: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether the negated member is the one given, and its values."""
    if (member in document) == (negated in document):
        raise ValueError(f"a statement needs either {member} or {negated}")
    given = document[member] if member in document else document[negated]
    values = (given,) if isinstance(given, str) else given
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{member} must be a string or a list of strings")
    if not all(isinstance(value, str) for value in values):
        raise ValueError(f"{member} must be a string or a list of strings")
    return negated in document, tuple(values)


def _action(text: str) -> Wildcard:
    if text != "*" and not _ACTION.fullmatch(text):
        raise ValueError(f"{text[:64]!r} is no action; write <service>:<name> or *")
    return Wildcard.parse(text.lower())


def _resource(text: str, variables: bool) -> ArnPattern:
    if not text.startswith(("arn:", "*")):
        raise ValueError(f"{text[:64]!r} is no resource; write an ARN or *")
    return ArnPattern.parse(text, variables=variables)


def _sid(given: Any) -> str:
    if not isinstance(given, str):
        raise ValueError("Sid must be a string")
    return given
