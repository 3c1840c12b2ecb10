"""The rights of one principal: who it is, and the policies that bound it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from lensmith.domain.policy.document import Policy
from lensmith.domain.policy.identity import Identity, PrincipalType


@dataclass(frozen=True, slots=True)
class Rights:
    """A principal and every policy on its side of a decision."""

    identity: Identity
    policies: tuple[Policy, ...] = ()  # attached, inline and of groups
    boundary: Policy | None = None
    session_policies: tuple[Policy, ...] = ()  # at most these, when there are any

    @classmethod
    def anonymous(cls) -> Self:
        return cls(Identity(PrincipalType.ANONYMOUS, "", "", user_id="anonymous"))

    @property
    def account_id(self) -> str:
        """The account that owns what the principal creates; empty for an anonymous caller."""
        return self.identity.account_id
