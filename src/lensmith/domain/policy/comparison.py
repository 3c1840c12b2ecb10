"""The comparisons that condition operators make."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias, TypeVar

from lensmith.domain.policy.arn_pattern import ArnPattern
from lensmith.domain.policy.wildcard import Context, Template

T = TypeVar("T")

Expected: TypeAlias = Callable[[str, Context], bool]
"""Compares one value of the request with one of the policy; raises ValueError if it cannot."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Turns a value in a policy into a test of values in requests.

    `expect` takes its text and whether it may have variables; raises ValueError for a text that
    the operator cannot compare with.
    """

    expect: Callable[[str, bool], Expected]
    negated: bool = False


def _equal(text: str, variables: bool) -> Expected:
    template = Template.parse(text, variables=variables, wild=False)
    return lambda value, context: template.resolve(context).matches(value)


def _equal_ignoring_case(text: str, variables: bool) -> Expected:
    template = Template.parse(text, variables=variables, wild=False)

    def same(value: str, context: Context) -> bool:
        tokens = template.resolve(context).tokens
        return "".join(map(str, tokens)).lower() == value.lower()

    return same


def _like(text: str, variables: bool) -> Expected:
    template = Template.parse(text, variables=variables)
    return lambda value, context: template.resolve(context).matches(value)


def _arn_like(text: str, variables: bool) -> Expected:
    if text != "*" and "${" not in text and text.count(":") < 5:
        raise ValueError(f"{text[:64]!r} is no ARN")
    return ArnPattern.parse(text, variables=variables).matches


def _bool(text: str, _: bool) -> Expected:
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"Bool takes true or false, not {text[:32]!r}")
    return lambda value, _: value.lower() == text.lower()


def _binary(text: str, _: bool) -> Expected:
    try:
        expected = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("BinaryEquals takes Base64") from error
    return lambda value, _: base64.b64decode(value, validate=True) == expected


def _in_network(text: str, _: bool) -> Expected:
    network = ipaddress.ip_network(text, strict=False)
    return lambda value, _: _address(value) in network


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Parse an address; an IPv4 address that came through an IPv6 socket is one of IPv4."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _ordered(
    read: Callable[[str], T], test: Callable[[Any, Any], bool]
) -> Callable[[str, bool], Expected]:
    def expect(text: str, _: bool) -> Expected:
        limit = read(text)
        return lambda value, _: test(read(value), limit)

    return expect


def _number(text: str) -> Decimal:
    """Raises ValueError when the text is no finite number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{text[:32]!r} is no number")
    return number


def _moment(text: str) -> datetime:
    """Parse ISO 8601 or epoch seconds; raises ValueError when the text is no moment."""
    if text.isdigit():
        try:
            return datetime.fromtimestamp(int(text), UTC)
        except (OverflowError, OSError) as error:
            raise ValueError(f"{text[:32]} is out of range") from error
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _orders(name: str, read: Callable[[str], Any]) -> dict[str, Comparison]:
    return {
        f"{name}Equals": Comparison(_ordered(read, operator.eq)),
        f"{name}NotEquals": Comparison(_ordered(read, operator.eq), negated=True),
        f"{name}LessThan": Comparison(_ordered(read, operator.lt)),
        f"{name}LessThanEquals": Comparison(_ordered(read, operator.le)),
        f"{name}GreaterThan": Comparison(_ordered(read, operator.gt)),
        f"{name}GreaterThanEquals": Comparison(_ordered(read, operator.ge)),
    }


COMPARISONS: dict[str, Comparison] = {
    "StringEquals": Comparison(_equal),
    "StringNotEquals": Comparison(_equal, negated=True),
    "StringEqualsIgnoreCase": Comparison(_equal_ignoring_case),
    "StringNotEqualsIgnoreCase": Comparison(_equal_ignoring_case, negated=True),
    "StringLike": Comparison(_like),
    "StringNotLike": Comparison(_like, negated=True),
    "ArnEquals": Comparison(_arn_like),
    "ArnNotEquals": Comparison(_arn_like, negated=True),
    "ArnLike": Comparison(_arn_like),
    "ArnNotLike": Comparison(_arn_like, negated=True),
    "Bool": Comparison(_bool),
    "BinaryEquals": Comparison(_binary),
    "IpAddress": Comparison(_in_network),
    "NotIpAddress": Comparison(_in_network, negated=True),
    **_orders("Numeric", _number),
    **_orders("Date", _moment),
}
