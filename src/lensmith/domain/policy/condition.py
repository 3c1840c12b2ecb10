"""The Condition block of an IAM statement (api.md 4.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from lensmith.domain.policy.comparison import COMPARISONS, Comparison, Expected
from lensmith.domain.policy.condition_keys import require_known
from lensmith.domain.policy.wildcard import Context, UnresolvedVariable

_SETS = ("", "ForAllValues", "ForAnyValue")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition key of a block, all of whose keys must hold."""

    key: str  # in lower case
    expected: tuple[Expected, ...]
    negated: bool  # holds when no value of the policy passes the test
    over: str  # ForAllValues, ForAnyValue or nothing
    if_exists: bool

    @classmethod
    def parse(cls, operator: str, key: str, given: Any, *, variables: bool) -> Self | Absence:
        """Raises ValueError naming the operator, the key or the value that has no meaning."""
        require_known(key.lower())
        values = [_text(value) for value in (given if isinstance(given, list) else [given])]
        if operator == "Null":
            return Absence(key.lower(), frozenset(map(_absent, values)))
        over, _, name = operator.rpartition(":")
        base = name.removesuffix("IfExists")
        comparison = COMPARISONS.get(base)
        if comparison is None or over not in _SETS or operator.startswith(":"):
            raise ValueError(f"unknown condition operator {operator[:64]}")
        return cls(
            key=key.lower(),
            expected=tuple(_expected(comparison, value, variables) for value in values),
            negated=comparison.negated,
            over=over,
            if_exists=base != name,
        )

    def holds(self, context: Context) -> bool:
        """Return whether a request with this context meets the condition.

        Raises ValueError if that cannot be decided: a value of the request that is of the wrong
        form, a variable without a value.
        """
        actual = context.get(self.key, ())
        if not actual:
            return self._holds_without_value()
        met = (self._met(value, context) for value in actual)
        # Several values without a set operator: a negated test must hold for each of them.
        each = self.over == "ForAllValues" or (not self.over and self.negated)
        return all(met) if each else any(met)

    def _holds_without_value(self) -> bool:
        if self.over:  # IfExists changes nothing for a set
            return self.over == "ForAllValues"
        return self.if_exists or self.negated

    def _met(self, value: str, context: Context) -> bool:
        return self._passes(value, context) is not self.negated

    def _passes(self, value: str, context: Context) -> bool:
        """Raises UnresolvedVariable if a text whose variable has no value could be the match."""
        unresolved: UnresolvedVariable | None = None
        for expected in self.expected:
            try:
                if expected(value, context):
                    return True
            except UnresolvedVariable as error:
                unresolved = error
        if unresolved is not None:
            raise unresolved
        return False


@dataclass(frozen=True, slots=True)
class Absence:
    """`Null`: whether a key must be absent."""

    key: str
    expected: frozenset[bool]

    def holds(self, context: Context) -> bool:
        return (not context.get(self.key)) in self.expected


def parse_conditions(block: Any, *, variables: bool) -> Iterator[Condition | Absence]:
    """Raises ValueError when the block breaks the grammar."""
    if not isinstance(block, dict):
        raise ValueError("Condition must be an object")
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            raise ValueError(f"Condition {operator} must be an object")
        for key, given in keys.items():
            yield Condition.parse(operator, key, given, variables=variables)


def _expected(comparison: Comparison, text: str, variables: bool) -> Expected:
    return comparison.expect(text, variables)


def _absent(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("Null takes true or false")
    return text.lower() == "true"


def _text(value: Any) -> str:
    """Convert a policy's boolean or number to the string that the context holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("a condition value must be a string, a number or a boolean")
