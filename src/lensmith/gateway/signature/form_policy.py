"""The policy of a POST form: who signed it, and what the form may be."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from lensmith.domain.s3_errors import S3Error
from lensmith.gateway.signature.claim import ALGORITHM, Scope

_BOUND = re.compile(r"[0-9]{1,18}")  # bytes
# Fields that a policy need not speak of.
_FREE = frozenset(
    {
        "awsaccesskeyid",
        "file",
        "policy",
        "signature",
        "x-amz-signature",
    }
)
_FREE_PREFIXES = ("x-ignore-", "x-amz-checksum-")


@dataclass(frozen=True, slots=True)
class FormPolicy:
    """Conditions of a form, checked before its file is stored."""

    expires: datetime
    conditions: list[Any]

    @classmethod
    def parse(cls, encoded: str) -> FormPolicy:
        """Raises S3Error for a policy that is not well-formed."""
        try:
            given = msgspec.json.decode(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError, msgspec.DecodeError) as error:
            raise S3Error("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from error
        if not isinstance(given, dict):
            raise S3Error("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
        conditions = given.get("conditions")
        if not isinstance(conditions, list) or not conditions:
            raise S3Error("InvalidPolicyDocument", "Invalid Policy: missing 'conditions'.")
        return cls(_expiration(given.get("expiration")), conditions)

    def check(self, fields: Mapping[str, str], now: datetime) -> None:
        """Raise S3Error unless the form is what the policy says, and it has not expired.

        `fields` are those of the form with names in lower case, and `bucket`.
        """
        if now > self.expires:
            raise S3Error("AccessDenied", "Invalid according to Policy: Policy expired.")
        named = set()
        for condition in self.conditions:
            named |= _check_condition(condition, fields)
        for name in fields:
            if name not in named and name not in _FREE and not name.startswith(_FREE_PREFIXES):
                if name == "bucket":
                    raise _failed("bucket is not in the policy")
                raise S3Error(
                    "AccessDenied",
                    f"Invalid according to Policy: Extra input fields: {name[:64]}",
                )

    def size_range(self) -> tuple[int, int] | None:
        """Return the bytes that the file may have."""
        for condition in self.conditions:
            if isinstance(condition, list) and condition and _is_range(condition[0]):
                return int(condition[1]), int(condition[2])
        return None


def credential_of(fields: Mapping[str, str]) -> tuple[Scope, str]:
    """Return scope and time of a form that is signed with version 4; raises S3Error."""
    if fields.get("x-amz-algorithm") != ALGORITHM:
        raise S3Error("InvalidArgument", f"x-amz-algorithm must be {ALGORITHM}.")
    missing = [
        name
        for name in ("x-amz-credential", "x-amz-date", "x-amz-signature")
        if not fields.get(name)
    ]
    if missing:
        raise S3Error("InvalidArgument", f"The form has no field {missing[0]}.")
    try:
        return Scope.parse(fields["x-amz-credential"]), fields["x-amz-date"]
    except ValueError as error:
        raise S3Error("InvalidArgument", "x-amz-credential is malformed.") from error


def _expiration(given: Any) -> datetime:
    if not isinstance(given, str):
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: missing 'expiration'.")
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration'.") from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _check_condition(condition: Any, fields: Mapping[str, str]) -> set[str]:
    """Check one condition; returns the names of the fields that it speaks of."""
    if isinstance(condition, dict):
        if not condition:
            raise S3Error("InvalidPolicyDocument", "Invalid Policy: an empty condition.")
        for name, value in condition.items():
            _check_equal(str(name).lower(), value, fields)
        return {str(name).lower() for name in condition}
    if not isinstance(condition, list) or len(condition) != 3:
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: a condition has three parts.")
    operator, name, value = condition
    if _is_range(operator):
        _check_range(name, value)
        return set()
    return {_check_match(str(operator).lower(), name, value, fields)}


def _check_match(operator: str, name: Any, value: Any, fields: Mapping[str, str]) -> str:
    if not isinstance(name, str) or not name.startswith("$") or operator not in _OPERATORS:
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: an unknown condition.")
    field = name[1:].lower()
    if operator == "eq":
        _check_equal(field, value, fields)
        return field
    if not isinstance(value, str):
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: a value must be a string.")
    given = fields.get(field, None if value else "")
    if given is None:
        raise _failed(f'["starts-with", "${field}", "{value}"]')
    parts = given.split(",") if field == "content-type" and value else [given]
    if not all(part.startswith(value) for part in parts):
        raise _failed(f'["starts-with", "${field}", "{value}"]')
    return field


def _check_equal(field: str, value: Any, fields: Mapping[str, str]) -> None:
    if not isinstance(value, str):
        raise S3Error("InvalidPolicyDocument", "Invalid Policy: a value must be a string.")
    if fields.get(field) != value:
        raise _failed(f'["eq", "${field}", "{value}"]')


def _check_range(low: Any, high: Any) -> None:
    for bound in (low, high):
        if not isinstance(bound, int | str) or not _BOUND.fullmatch(str(bound)):
            raise S3Error("InvalidPolicyDocument", "Invalid Policy: an invalid range.")


def _is_range(operator: Any) -> bool:
    return isinstance(operator, str) and operator.lower() == "content-length-range"


def _failed(condition: str) -> S3Error:
    return S3Error(
        "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {condition}"
    )


_OPERATORS = frozenset({"eq", "starts-with"})
