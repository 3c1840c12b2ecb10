"""A principal as policies see it: its type, its names, its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum


class PrincipalType(Enum):
    """Values of aws:PrincipalType."""

    ACCOUNT = "Account"  # the root of an account
    USER = "User"
    ASSUMED_ROLE = "AssumedRole"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks."""

    type: PrincipalType
    account_id: str  # 12 digits; empty for an anonymous caller
    arn: str  # of the user, the root or the assumed-role session
    user_id: str = ""  # aws:userid
    role_arn: str = ""  # of a session
    tags: Mapping[str, str] = field(default_factory=dict)  # of the user or role, and the session
    issued_ms: int | None = None  # of temporary credentials
    federated_provider: str = ""  # of AssumeRoleWithWebIdentity

    @property
    def principal_arn(self) -> str:
        """The value of aws:PrincipalArn: of a session its role's."""
        return self.role_arn or self.arn

    def context(self) -> dict[str, tuple[str, ...]]:
        """Return the condition keys that depend on the principal alone."""
        keys: dict[str, tuple[str, ...]] = {
            "aws:principaltype": (self.type.value,),
            "aws:userid": (self.user_id,) if self.user_id else (),
            "aws:viaawsservice": ("false",),
        }
        if self.type is not PrincipalType.ANONYMOUS:
            keys["aws:principalarn"] = (self.principal_arn,)
            keys["aws:principalaccount"] = (self.account_id,)
            keys["aws:principalisawsservice"] = ("false",)
        if self.type is PrincipalType.USER:
            keys["aws:username"] = (self.arn.rpartition("/")[2],)
        if self.federated_provider:
            keys["aws:federatedprovider"] = (self.federated_provider,)
        if self.issued_ms is not None:
            issued = datetime.fromtimestamp(self.issued_ms / 1000, UTC)
            keys["aws:tokenissuetime"] = (issued.isoformat(),)
            keys["aws:multifactorauthpresent"] = ("false",)  # no device is known here
        for name, value in self.tags.items():
            # Condition keys ignore case, tags do not: `Team` and `team` are one key here.
            key = f"aws:principaltag/{name.lower()}"
            keys[key] = (*keys.get(key, ()), value)
        return keys
