"""The Principal element of policies of resources and roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Self

from lensmith.domain.policy.identity import Identity, PrincipalType

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ARN = re.compile(
    r"arn:[a-z-]+:(iam::(?P<account>\d{12}):(root|user/.+|role/.+)"
    r"|sts::\d{12}:(assumed-role/[^/]+/[^/]+|federated-user/.+))",
    re.ASCII,
)
_KINDS = ("AWS", "CanonicalUser", "Federated", "Service")


class Naming(IntEnum):
    """How closely a Principal element names a caller."""

    NOT = 0
    ACCOUNT = 1  # the account, which then decides for its principals
    ROLE = 2  # the role of a session
    ITSELF = 3  # the user, the session, or everybody


@dataclass(frozen=True, slots=True)
class PrincipalElement:
    """Principals by kind, or everything but them."""

    names: tuple[tuple[str, str], ...]  # (AWS, an ARN or an account) …; (AWS, *) is everybody
    negated: bool = False

    @classmethod
    def parse(cls, statement: Mapping[str, Any]) -> Self:
        """Read Principal or NotPrincipal; raises ValueError naming what breaks the grammar."""
        if ("Principal" in statement) == ("NotPrincipal" in statement):
            raise ValueError("a statement needs either Principal or NotPrincipal")
        negated = "NotPrincipal" in statement
        given = statement["NotPrincipal" if negated else "Principal"]
        if given == "*":
            return cls((("AWS", "*"),), negated)
        if not isinstance(given, dict) or not given:
            raise ValueError("Principal must be * or an object")
        return cls(tuple(_names(given)), negated)

    def naming(self, identity: Identity) -> Naming:
        closest = max(_naming(kind, name, identity) for kind, name in self.names)
        if self.negated:
            return Naming.ITSELF if closest is Naming.NOT else Naming.NOT
        return closest


def _names(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, values in given.items():
        if kind not in _KINDS:
            raise ValueError(f"Principal has no member {str(kind)[:64]}")
        listed = [values] if isinstance(values, str) else values
        if not isinstance(listed, list) or not listed:
            raise ValueError(f"Principal {kind} must be a string or a list of strings")
        for name in listed:
            if not isinstance(name, str):
                raise ValueError(f"Principal {kind} must be a string or a list of strings")
            if kind == "AWS" and name != "*" and not _is_aws(name):
                raise ValueError(f"{name[:128]!r} is no principal")
            yield kind, name


def _is_aws(name: str) -> bool:
    is_plain = "*" not in name and "?" not in name
    return bool(_ACCOUNT.fullmatch(name) or (is_plain and _ARN.fullmatch(name)))


def _naming(kind: str, name: str, identity: Identity) -> Naming:
    if kind == "Federated":
        return Naming.ITSELF if name == identity.federated_provider else Naming.NOT
    if kind == "CanonicalUser":
        return Naming.ACCOUNT if name == identity.account_id else Naming.NOT
    if kind == "Service":
        return Naming.NOT  # no service calls this server
    if name == "*":
        return Naming.ITSELF
    if identity.type is PrincipalType.ANONYMOUS:
        return Naming.NOT
    return _naming_by_arn(name, identity)


def _naming_by_arn(name: str, identity: Identity) -> Naming:
    if name == identity.account_id or name == f"arn:aws:iam::{identity.account_id}:root":
        return Naming.ITSELF if identity.type is PrincipalType.ACCOUNT else Naming.ACCOUNT
    if name == identity.arn:
        return Naming.ITSELF
    return Naming.ROLE if name == identity.role_arn else Naming.NOT
