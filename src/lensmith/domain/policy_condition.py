"""The Condition block of an IAM statement (api.md 4.5)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from lensmith.domain.wildcard import Wildcard

Context = Mapping[str, tuple[str, ...]]
Test = Callable[[str, str, Context], bool]  # value in the request, value in the policy


@dataclass(frozen=True, slots=True)
class Operator:
    """How one value of the request is compared with one value of the policy."""

    test: Test
    negated: bool = False  # holds when no value of the policy passes the test


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition key of a block, all of whose keys must hold."""

    operator: str  # StringLike, without set and suffix; Null
    key: str  # in lower case
    expected: tuple[str, ...]
    over: str = ""  # ForAllValues, ForAnyValue or nothing
    if_exists: bool = False

    @classmethod
    def parse_all(cls, block: Any) -> Iterator[Self]:
        """Raises ValueError when the block breaks the grammar."""
        if not isinstance(block, dict):
            raise ValueError("Condition must be an object")
        for operator, keys in block.items():
            if not isinstance(keys, dict):
                raise ValueError(f"Condition {operator} must be an object")
            for key, expected in keys.items():
                yield cls._parse(operator, key, expected)

    @classmethod
    def _parse(cls, operator: str, key: str, expected: Any) -> Self:
        over, _, name = operator.rpartition(":")
        base = name.removesuffix("IfExists")
        values = expected if isinstance(expected, list) else [expected]
        return cls(base, key.lower(), tuple(map(_text, values)), over, base != name)

    def holds(self, context: Context) -> bool:
        """Return whether a request with this context meets the condition.

        Raises ValueError if that cannot be decided: an unknown operator, a value of the wrong
        form, a variable without a value.
        """
        actual = context.get(self.key, ())
        if self.operator == "Null" and not self.over:
            return ("false" if actual else "true") in map(str.lower, self.expected)
        operator = self._known_operator()
        if not actual:
            return self._holds_without_value(operator)
        met = (self._met(operator, value, context) for value in actual)
        # Several values without a set operator: a negated test must hold for each of them.
        each = self.over == "ForAllValues" or (not self.over and operator.negated)
        return all(met) if each else any(met)

    def _known_operator(self) -> Operator:
        if self.over not in _SETS or self.operator not in _OPERATORS:
            raise ValueError(f"unknown condition operator {self.over}:{self.operator}")
        return _OPERATORS[self.operator]

    def _holds_without_value(self, operator: Operator) -> bool:
        if self.over:
            return self.over == "ForAllValues"
        return self.if_exists or operator.negated

    def _met(self, operator: Operator, value: str, context: Context) -> bool:
        passed = any(operator.test(value, expected, context) for expected in self.expected)
        return passed is not operator.negated


def _text(value: Any) -> str:
    """Convert a policy's boolean or number to the string that the context holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("a condition value must be a string, a number or a boolean")


def _equal(value: str, expected: str, context: Context) -> bool:
    return Wildcard.resolve(expected, context, wild=False).matches(value)


def _equal_ignoring_case(value: str, expected: str, context: Context) -> bool:
    lowered = {key: tuple(map(str.lower, values)) for key, values in context.items()}
    return _equal(value.lower(), expected.lower(), lowered)


def _like(value: str, expected: str, context: Context) -> bool:
    return Wildcard.resolve(expected, context).matches(value)


def _arn_like(value: str, expected: str, context: Context) -> bool:
    """Compare each of the six parts of an ARN on its own."""
    parts, expected_parts = value.split(":", 5), _COLON.split(expected, maxsplit=5)
    return len(parts) == len(expected_parts) and all(
        _like(part, expected_part, context)
        for part, expected_part in zip(parts, expected_parts, strict=True)
    )


def _same_bool(value: str, expected: str, _: Context) -> bool:
    return value.lower() == expected.lower()


def _in_network(value: str, expected: str, _: Context) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(expected, strict=False)


def _moment(text: str) -> datetime:
    """Raises ValueError when the text is no moment."""
    if text.isdigit():
        try:
            return datetime.fromtimestamp(int(text), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"{text[:32]} is out of range") from error
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_COLON = re.compile(r":(?![^{}]*\})")  # not one inside ${aws:username}
_SETS = ("", "ForAllValues", "ForAnyValue")
_OPERATORS = {
    "StringEquals": Operator(_equal),
    "StringNotEquals": Operator(_equal, negated=True),
    "StringEqualsIgnoreCase": Operator(_equal_ignoring_case),
    "StringNotEqualsIgnoreCase": Operator(_equal_ignoring_case, negated=True),
    "StringLike": Operator(_like),
    "StringNotLike": Operator(_like, negated=True),
    "ArnEquals": Operator(_arn_like),
    "ArnNotEquals": Operator(_arn_like, negated=True),
    "ArnLike": Operator(_arn_like),
    "ArnNotLike": Operator(_arn_like, negated=True),
    "Bool": Operator(_same_bool),
    "IpAddress": Operator(_in_network),
    "NotIpAddress": Operator(_in_network, negated=True),
    "DateEquals": Operator(lambda value, limit, _: _moment(value) == _moment(limit)),
    "DateNotEquals": Operator(
        lambda value, limit, _: _moment(value) == _moment(limit), negated=True
    ),
    "DateLessThan": Operator(lambda value, limit, _: _moment(value) < _moment(limit)),
    "DateLessThanEquals": Operator(lambda value, limit, _: _moment(value) <= _moment(limit)),
    "DateGreaterThan": Operator(lambda value, limit, _: _moment(value) > _moment(limit)),
    "DateGreaterThanEquals": Operator(lambda value, limit, _: _moment(value) >= _moment(limit)),
}
